"""Near pairs by a bound are exactly those of comparing all with all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.link.embeddings import Directions, quantise
from forensics.link.nearest import Neighbourhoods
from forensics.simulate.geometry import Geometry


def compared_with_all(
    prompts: Directions, centres: Directions, least: np.ndarray
) -> tuple[list[int], list[int], list[float]]:
    cosines = prompts.cosines(centres)
    row, centre = np.nonzero(cosines >= least)
    return row.tolist(), centre.tolist(), cosines[row, centre].tolist()


def found(
    prompts: Directions, centres: Directions, least: np.ndarray
) -> tuple[list[int], list[int], list[float]]:
    near = Neighbourhoods(centres, least).near(prompts)
    return near.row.tolist(), near.centre.tolist(), near.cosine.tolist()


@pytest.mark.parametrize("dimension", [64, 384])
@pytest.mark.parametrize("least", [0.55, 0.70, 0.90])
def test_real_geometry(dimension: int, least: float) -> None:
    geometry = Geometry(dimension, 0.45)
    centres = geometry.points(np.arange(60))
    around = np.repeat(np.arange(60), 20)
    closeness = np.linspace(0.5, 1.0, len(around), dtype=np.float32)
    prompts = quantise(geometry.around(centres[around], closeness, np.arange(len(around)) + 1000))
    limits = np.full(60, least, np.float32)
    pairs = found(prompts, quantise(centres), limits)
    assert pairs == compared_with_all(prompts, quantise(centres), limits)
    assert len(pairs[0]) > 100


@given(st.integers(1, 40), st.integers(0, 30), st.integers(1, 20), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_any_directions(dimension: int, rows: int, centres: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    around = quantise(rng.standard_normal((centres, dimension)))
    prompts = quantise(rng.standard_normal((rows, dimension)) * (rng.random((rows, 1)) < 0.9))
    least = rng.uniform(0.5, 0.99, centres).astype(np.float32)
    assert found(prompts, around, least) == compared_with_all(prompts, around, least)


def test_a_cosine_just_at_the_limit_is_near() -> None:
    centres = quantise(np.eye(2, 384))
    prompts = quantise(np.eye(2, 384) + np.eye(2, 384, k=5))
    least = np.full(2, prompts.cosines(centres)[0, 0], np.float32)
    near = Neighbourhoods(centres, least).near(prompts)
    assert (near.row.tolist(), near.centre.tolist()) == ([0, 1], [0, 1])


def test_the_nearest_centre_is_the_first_of_several_that_are_equally_near() -> None:
    centres = quantise(np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]]))
    near = Neighbourhoods(centres, np.full(4, 0.6, np.float32)).near(
        quantise(np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, 0.1]]))
    )
    assert near.best(3).tolist() == [1, -1, 3]


def test_without_centres_nothing_is_near() -> None:
    none = quantise(np.empty((0, 8)))
    near = Neighbourhoods(none, np.empty(0, np.float32)).near(quantise(np.eye(8)))
    assert near.best(8).tolist() == [-1] * 8
