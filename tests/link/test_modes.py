"""Templates as modes of density, planted in the geometry of real prompts."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.embeddings import Directions, quantise
from forensics.link.modes import Modes, find_modes
from forensics.simulate.geometry import Geometry, Vectors

DIMENSION = 64
PEOPLE = 200
EACH = 10


@pytest.fixture(scope="module")
def geometry() -> Geometry:
    return Geometry(DIMENSION, 0.5)


@pytest.fixture(scope="module")
def background(geometry: Geometry) -> Vectors:
    """What 200 people write, ten prompts each: a third of it is the topic, the rest their own."""
    rng = np.random.default_rng(1)
    topic = geometry.topics[rng.integers(0, 8, PEOPLE * EACH)]
    own = geometry.points(np.repeat(np.arange(PEOPLE), EACH) + (1 << 40))
    new = geometry.points(rng.integers(1 << 41, 1 << 60, PEOPLE * EACH))
    return geometry.blend(((0.57, topic), (0.35, own), (0.74, new)))


def planted(geometry: Geometry, keys: list[int], count: int, cosine: float) -> Vectors:
    """Return `count` variants of each of the templates named by `keys`."""
    centres = np.repeat(geometry.points(np.array(keys)), count, axis=0)
    off = np.random.default_rng(2).integers(1 << 41, 1 << 60, len(centres))
    return geometry.around(centres, np.full(len(centres), cosine, np.float32), off)


def world(background: Vectors, *extra: Vectors) -> tuple[Directions, np.ndarray]:
    """Return all prompts and their accounts; each extra prompt is of another account."""
    accounts = [np.repeat(np.arange(PEOPLE), EACH)]
    accounts += [np.arange(len(e)) % PEOPLE for e in extra]
    return quantise(np.concatenate([background, *extra])), np.concatenate(accounts)


@pytest.mark.parametrize("cosine", [0.95, 0.85, 0.80])
def test_planted_templates_are_found_whole_and_apart(
    geometry: Geometry, background: Vectors, cosine: float
) -> None:
    keys, count = [1, 2, 3, 4], 25
    prompts, accounts = world(background, planted(geometry, keys, count, cosine))
    assigned = find_modes(prompts, accounts).assign(prompts)[len(background) :].reshape(4, count)
    best = [np.bincount(row[row >= 0], minlength=1).argmax() for row in assigned]
    assert len(set(best)) == 4
    share = np.mean([(row == mode).mean() for row, mode in zip(assigned, best, strict=True)])
    assert share >= 0.9
    outside = find_modes(prompts, accounts).assign(prompts)[: len(background)]
    assert np.isin(outside, best).mean() <= 0.01


def test_the_template_of_a_mode_is_nearer_to_its_centre_than_its_variants_to_each_other(
    geometry: Geometry, background: Vectors
) -> None:
    prompts, accounts = world(background, planted(geometry, [1], 40, 0.8))
    modes = find_modes(prompts, accounts)
    centre = quantise(geometry.points(np.array([1])))
    assert modes.centres.cosines(centre).max() >= 0.97


def test_a_topic_that_many_write_about_is_no_template(
    geometry: Geometry, background: Vectors
) -> None:
    """Half of what 400 prompts of 200 people are about is the same; there is no shell around."""
    rng = np.random.default_rng(3)
    topic = np.repeat(geometry.topics[[20]], 400, axis=0)
    new = geometry.points(rng.integers(1 << 41, 1 << 60, 400))
    prompts, accounts = world(background, geometry.blend(((0.6, topic), (0.8, new))))
    assigned = find_modes(prompts, accounts).assign(prompts)[len(background) :]
    most = np.bincount(assigned[assigned >= 0], minlength=1).max()
    assert most <= 0.05 * 400


def test_what_one_account_repeats_is_no_template(geometry: Geometry, background: Vectors) -> None:
    repeated = planted(geometry, [9], 60, 0.95)
    prompts = quantise(np.concatenate([background, repeated]))
    accounts = np.concatenate([np.repeat(np.arange(PEOPLE), EACH), np.full(60, PEOPLE)])
    assigned = find_modes(prompts, accounts).assign(prompts)[len(background) :]
    assert (assigned == -1).all()


def test_prompts_that_are_all_the_same_are_one_template(geometry: Geometry) -> None:
    same = quantise(np.repeat(geometry.points(np.array([5])), 100, axis=0))
    modes = find_modes(same, np.arange(100))
    assert len(modes) == 1
    assert (modes.assign(same) == 0).all()


def test_zeros_are_of_no_template(geometry: Geometry, background: Vectors) -> None:
    zeros = np.zeros((50, DIMENSION), np.float32)
    prompts, accounts = world(background, planted(geometry, [1], 20, 0.9), zeros)
    modes = find_modes(prompts, accounts)
    assert (modes.assign(prompts)[-50:] == -1).all()
    assert (modes.centres.lengths > 0).all()


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_prompts_give_no_mode_rather_than_an_error(
    geometry: Geometry, rows: int
) -> None:
    prompts = quantise(geometry.points(np.arange(rows)))
    assert len(find_modes(prompts, np.arange(rows))) == 0


def test_only_zeros_give_no_mode() -> None:
    assert len(find_modes(quantise(np.zeros((10, 8))), np.arange(10))) == 0


def test_a_prompt_goes_to_the_nearest_mode_that_reaches_it() -> None:
    centres = quantise(np.array([[1.0, 0.0], [0.0, 1.0]]))
    modes = Modes(centres, np.array([0.5, 0.99], np.float32))
    prompts = quantise(np.array([[1.0, 0.1], [0.1, 1.0], [0.7, 0.9], [-1.0, 0.0], [0.0, 1.0]]))
    assert modes.assign(prompts).tolist() == [0, 1, 0, -1, 1]
