"""Embeddings as directions: whole numbers, so that every machine gets the same cosines."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.link.embeddings import (
    centre,
    direction_sum,
    levels_for,
    mean_direction,
    quantise,
    stored_vectors,
)


def random_bytes(n: int, dimension: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-127, 128, (n, dimension), dtype=np.int8)


@pytest.mark.parametrize("dimension", [1, 2, 64, 1040, 1041, 4096, 16_384])
def test_products_stay_below_two_to_the_24_so_float32_holds_them(dimension: int) -> None:
    assert levels_for(dimension) ** 2 * dimension < 2**24
    assert levels_for(dimension) == 127 or (levels_for(dimension) + 1) ** 2 * dimension >= 2**24


@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_products_are_exact(dimension: int, seed: int) -> None:
    found = quantise(np.random.default_rng(seed).standard_normal((20, dimension)))
    whole = found.vectors.astype(np.int64)
    assert (found.vectors == whole).all()
    assert (found.vectors @ found.vectors.T == whole @ whole.T).all()


def test_cosines_are_those_of_the_vectors() -> None:
    found = quantise(np.array([[3.0, 4.0], [4.0, 3.0], [-3.0, -4.0], [0.0, 0.0]]))
    expected = [[1, 0.96, -1, 0], [0.96, 1, -0.96, 0], [-1, -0.96, 1, 0], [0, 0, 0, 0]]
    assert found.cosines(found) == pytest.approx(np.array(expected), abs=5e-3)


def test_length_does_not_matter() -> None:
    vectors = np.random.default_rng(2).standard_normal((10, 24))
    assert (quantise(vectors).vectors == quantise(vectors * 1000).vectors).all()


def test_the_mean_does_not_depend_on_the_order_or_the_split_of_the_rows() -> None:
    stored = random_bytes(1000, 48)
    total = direction_sum(stored)
    shuffled = stored[np.random.default_rng(3).permutation(1000)]
    in_parts = sum(direction_sum(part) for part in np.array_split(shuffled, 7))
    assert (total == in_parts).all()
    assert mean_direction(total, 1000).shape == (48,)


def test_centring_takes_a_common_direction_away() -> None:
    rng = np.random.default_rng(4)
    common = rng.standard_normal(64)
    raw = 3 * common / np.linalg.norm(common) + rng.standard_normal((500, 64)) / 8
    stored = np.rint(127 * raw / np.abs(raw).max(axis=1, keepdims=True)).astype(np.int8)
    before = quantise(stored.astype(float))
    after = centre(stored, mean_direction(direction_sum(stored), 500))
    assert np.median(before.cosines(before)) > 0.8
    assert abs(np.median(after.cosines(after))) < 0.02


def test_a_vector_of_zeros_stays_one_and_is_near_to_nothing() -> None:
    stored = random_bytes(5, 16)
    stored[2] = 0
    found = centre(stored, mean_direction(direction_sum(stored), 5))
    assert not found.vectors[2].any()
    assert (found.cosines(found)[2] == 0).all()


def test_stored_bytes_are_read_with_their_sign_also_from_a_slice() -> None:
    stored = random_bytes(6, 8)
    column = pa.array([row.tobytes() for row in stored], pa.binary(8))
    assert (stored_vectors(column) == stored).all()
    assert (stored_vectors(column.slice(2, 3)) == stored[2:5]).all()
