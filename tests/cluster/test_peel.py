"""Peel: who is not held by the rest goes."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.cluster.peel import MIN_HOLD, hold_of, peel_loose
from tests.cluster.build import clique, grouped


def test_an_account_is_held_by_its_strongest_link_inside() -> None:
    a, b = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
    weight = np.array([0.6, 0.9, 0.7, 0.99])
    held = hold_of(np.array([0, 0, 0, 1]), a, b, weight)
    assert held == pytest.approx([0.9, 0.7, 0.9, 0.0])  # 3 is linked across only


def test_members_that_no_link_holds_go() -> None:
    label = np.zeros(5, np.int64)
    assert grouped(peel_loose(label, *clique([0, 1, 2]))) == [{0, 1, 2}]


def test_a_link_to_another_cluster_does_not_hold() -> None:
    label = np.array([0, 0, 0, 1, 1, 0])
    links = clique([0, 1, 2], [3, 4], [4, 5])
    assert grouped(peel_loose(label, *links)) == [{0, 1, 2}, {3, 4}]


def test_what_is_held_just_enough_stays() -> None:
    label = np.zeros(2, np.int64)
    assert grouped(peel_loose(label, *clique([0, 1], weight=MIN_HOLD))) == [{0, 1}]
    assert grouped(peel_loose(label, *clique([0, 1], weight=MIN_HOLD - 0.01))) == []


def test_accounts_alone_stay_alone() -> None:
    nothing = np.empty(0, np.int64)
    assert peel_loose(np.arange(4), nothing, nothing, np.empty(0)).tolist() == [0, 1, 2, 3]


def bits(*weights: float) -> np.ndarray:
    """Return the match probabilities of links of so many bits."""
    return 1 / (1 + np.exp2(-np.array(weights)))


def test_a_stranger_whom_a_strong_cluster_hardly_holds_goes() -> None:
    """The others are held by 24 bits, account 4 by two: it may live behind their address."""
    a, b = np.array([0, 0, 1, 2, 0]), np.array([1, 2, 3, 3, 4])
    label = peel_loose(np.zeros(5, np.int64), a, b, bits(24, 24, 24, 24, 2))
    assert label.tolist() == [0, 0, 0, 0, 1]


def test_in_a_cluster_of_weak_links_a_weak_link_holds() -> None:
    a, b = np.array([0, 0, 1, 2, 0]), np.array([1, 2, 3, 3, 4])
    label = peel_loose(np.zeros(5, np.int64), a, b, bits(5, 5, 5, 5, 2))
    assert label.tolist() == [0] * 5


def test_no_more_than_four_and_a_half_bits_are_asked_for() -> None:
    a, b = np.array([0, 0, 1, 2, 0]), np.array([1, 2, 3, 3, 4])
    label = peel_loose(np.zeros(5, np.int64), a, b, bits(39, 39, 39, 39, 5))
    assert label.tolist() == [0] * 5
