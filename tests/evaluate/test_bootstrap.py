from __future__ import annotations

import numpy as np
import pytest

from forensics.evaluate.bootstrap import Resamples, estimate, interval, ratio


def test_the_interval_is_that_of_a_mean_over_operators() -> None:
    rng = np.random.default_rng(3)
    hits = (rng.random(400) < 0.3).astype(float)
    parts = np.stack([hits, np.ones(400)], axis=1)
    value, low, high = estimate(Resamples(400), parts, lambda s: ratio(s[:, 0], s[:, 1]))
    assert value == hits.mean()
    half = 1.96 * np.sqrt(value * (1 - value) / 400)
    assert (low, high) == pytest.approx((value - half, value + half), abs=0.008)


def test_one_large_operator_makes_the_interval_wide() -> None:
    """Accounts of one operator are no independent witnesses."""
    sizes = np.array([900.0] + [1.0] * 100)
    hits = np.where(sizes > 1, sizes, 0.0)
    parts = np.stack([hits, sizes], axis=1)
    value, low, high = estimate(Resamples(101), parts, lambda s: ratio(s[:, 0], s[:, 1]))
    assert value == 0.9
    assert low == 0.0
    assert high is not None
    assert high > 0.95


def test_equal_rows_are_drawn_as_one_without_changing_the_total() -> None:
    sums = Resamples(50, samples=300, seed=1).sums(np.ones((50, 1)))
    assert (sums == 50).all()


def test_the_same_seed_gives_the_same_samples() -> None:
    parts = np.arange(12.0).reshape(6, 2)
    first, again = (Resamples(6, 100, seed=9).sums(parts) for _ in range(2))
    assert (first == again).all()
    assert (first != Resamples(6, 100, seed=10).sums(parts)).any()


def test_nothing_to_divide_by_is_undefined() -> None:
    assert np.isnan(ratio(np.array([1.0]), np.array([0.0])))[0]
    assert interval(np.array([np.nan, np.nan])) == (None, None)
    assert estimate(Resamples(2), np.zeros((2, 2)), lambda s: ratio(s[:, 0], s[:, 1])) == (
        None,
        None,
        None,
    )


def test_one_operator_alone_gives_no_interval() -> None:
    parts = np.array([[3.0, 4.0], [0.0, 0.0]])
    value = estimate(Resamples(2), parts, lambda s: ratio(s[:, 0], s[:, 1]))
    assert value == (0.75, None, None)
