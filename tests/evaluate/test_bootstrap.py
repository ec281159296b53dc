from __future__ import annotations

import numpy as np
import pytest

from forensics.evaluate.bootstrap import Resamples, estimate, interval, ratio


def test_the_interval_is_that_of_a_mean_over_operators() -> None:
    rng = np.random.default_rng(3)
    hits = (rng.random(400) < 0.3).astype(float)
    value, low, high = estimate(Resamples(400), hits, np.ones(400))
    assert value == hits.mean()
    half = 1.96 * np.sqrt(value * (1 - value) / 400)
    assert (low, high) == pytest.approx((value - half, value + half), abs=0.008)


def test_one_large_operator_makes_the_interval_wide() -> None:
    """Accounts of one operator are no independent witnesses."""
    sizes = np.array([900.0] + [1.0] * 100)
    hits = np.where(sizes > 1, sizes, 0.0)
    value, low, high = estimate(Resamples(101), hits, sizes)
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
    assert estimate(Resamples(2), np.zeros(2), np.zeros(2)) == (None, None, None)


def test_one_operator_alone_gives_no_interval() -> None:
    value = estimate(Resamples(2), np.array([3.0, 0.0]), np.array([4.0, 0.0]))
    assert value == (0.75, None, None)


@pytest.mark.parametrize(("operators", "bound"), [(28, 0.123), (59, 0.061), (120, 0.030)])
def test_none_or_all_of_some_operators_is_no_certainty(operators: int, bound: float) -> None:
    """The bounds are those of tables of Clopper and Pearson."""
    none, every = np.zeros(operators), np.ones(operators)
    value, low, high = estimate(Resamples(operators), none, every)
    assert (value, low) == (0.0, 0.0)
    assert high == pytest.approx(bound, abs=0.0005)
    assert estimate(Resamples(operators), every, every) == (1.0, 1 - high, 1.0)
    apart = np.concatenate([every, np.zeros(500)])
    assert estimate(Resamples(operators + 500), apart * 0, apart) == (0.0, 0.0, high)


def test_one_small_exception_makes_nothing_certain() -> None:
    """Samples often miss it, and the others tell the same as if there were none."""
    below = np.array([1.0] + [100.0] * 27)
    all_but_one = estimate(Resamples(28), np.where(below > 1, below, 0.0), below)
    _, low, high = estimate(Resamples(28), below, below)
    assert all_but_one == (2700 / 2701, low, high)
    none_but_one = estimate(Resamples(28), np.where(below > 1, 0.0, below), below)
    assert none_but_one == (1 / 2701, 0.0, pytest.approx(1 - low))


def test_a_share_that_rests_on_one_large_operator_is_hardly_known() -> None:
    sizes = np.array([900.0] + [1.0] * 100)
    value, low, high = estimate(Resamples(101), sizes, sizes)
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx(0.025 ** (1 / 1.234), abs=0.001)
