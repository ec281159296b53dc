"""Stability: how far a group stays together in repeated runs, and what of it they keep."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.cluster.stability import Repeated
from tests.cluster.build import grouped

#: Ten accounts in one group; three alone.
LABEL = np.array([0] * 10 + [1, 2, 3])


def run(*groups: tuple[int, ...]) -> np.ndarray:
    label = np.arange(len(LABEL))
    for group in groups:
        label[list(group)] = group[0]
    return label


WHOLE, HALF = run(tuple(range(10))), run(tuple(range(6)))


def test_what_every_run_finds_is_stable() -> None:
    repeated = Repeated(LABEL, (WHOLE, WHOLE))
    assert repeated.stability.tolist() == [1, 1, 1, 1]
    assert repeated.kept.tolist() == [1] * len(LABEL)


def test_a_group_that_a_run_finds_within_a_larger_one_stays_together() -> None:
    larger = run(tuple(range(len(LABEL))))
    assert Repeated(LABEL, (larger, WHOLE)).stability[0] == 1


def test_the_largest_part_of_each_run_counts() -> None:
    repeated = Repeated(LABEL, (WHOLE, HALF))
    assert repeated.stability[0] == pytest.approx((1 + 6 / 10) / 2)
    assert repeated.kept.tolist() == [1] * 6 + [0.5] * 4 + [1] * 3


def test_two_accounts_that_a_run_parts_are_both_kept_no_longer() -> None:
    label = np.array([0, 0, 1])
    repeated = Repeated(label, (label, np.array([0, 1, 2])))
    assert repeated.kept.tolist() == [0.5, 0.5, 1]


def test_a_group_that_most_runs_find_in_part_is_cut_down_to_that_part() -> None:
    repeated = Repeated(LABEL, (HALF, HALF, HALF, WHOLE)).with_cores(0.75)
    assert grouped(repeated.label) == [set(range(6))]
    assert repeated.stability[0] == 1


def test_a_stable_group_stays_as_it_is() -> None:
    repeated = Repeated(LABEL, (HALF, HALF, HALF, WHOLE))
    assert repeated.with_cores(0.7) is repeated


def test_four_accounts_have_no_core() -> None:
    few = Repeated(np.array([0, 0, 0, 0]), (np.array([0, 0, 1, 2]),))
    assert few.with_cores(0.9) is few
