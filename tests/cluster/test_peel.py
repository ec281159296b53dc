"""Peel: who is not held by the rest goes."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.cluster.links import Links
from forensics.cluster.peel import MIN_HOLD, hold_of, peel_loose
from tests.cluster.build import clique, grouped, links_of


def test_an_account_is_held_by_its_strongest_link_inside() -> None:
    a, b = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
    weight = np.array([0.6, 0.9, 0.7, 0.99])
    held = hold_of(np.array([0, 0, 0, 1]), links_of((a, b, weight)))
    assert held == pytest.approx([0.9, 0.7, 0.9, 0.0])  # 3 is linked across only


def test_members_that_no_link_holds_go() -> None:
    label = np.zeros(5, np.int64)
    assert grouped(peel_loose(label, links_of(clique([0, 1, 2])))) == [{0, 1, 2}]


def test_a_link_to_another_cluster_does_not_hold() -> None:
    label = np.array([0, 0, 0, 1, 1, 0])
    links = clique([0, 1, 2], [3, 4], [4, 5])
    assert grouped(peel_loose(label, links_of(links))) == [{0, 1, 2}, {3, 4}]


def test_what_is_held_just_enough_stays() -> None:
    label = np.zeros(2, np.int64)
    assert grouped(peel_loose(label, links_of(clique([0, 1], weight=MIN_HOLD)))) == [{0, 1}]
    too_little = links_of(clique([0, 1], weight=MIN_HOLD - 0.01))
    assert grouped(peel_loose(label, too_little)) == []


def test_accounts_alone_stay_alone() -> None:
    nothing = np.empty(0, np.int64)
    assert peel_loose(np.arange(4), links_of((nothing, nothing, np.empty(0)))).tolist() == [
        0,
        1,
        2,
        3,
    ]


ENDS = np.array([0, 0, 1, 2, 0]), np.array([1, 2, 3, 3, 4])


def peeled(*weights: float, personal: bool = False) -> list[int]:
    """Return the groups of five accounts, linked by so many bits along `ENDS`."""
    probability = 1 / (1 + np.exp2(-np.array(weights)))
    links = links_of((*ENDS, probability), personal)
    return peel_loose(np.zeros(5, np.int64), links).tolist()


def test_a_stranger_whom_a_strong_cluster_hardly_holds_goes() -> None:
    """The others are held by 24 bits, account 4 by five: a campaign borrows its line."""
    assert peeled(24, 24, 24, 24, 5) == [0, 0, 0, 0, 1]


def test_a_card_of_their_own_holds_with_fewer_bits() -> None:
    assert peeled(24, 24, 24, 24, 5, personal=True) == [0] * 5
    assert peeled(24, 24, 24, 24, 2, personal=True) == [0, 0, 0, 0, 1]


def test_in_a_cluster_of_weak_links_a_weak_link_holds() -> None:
    assert peeled(5, 5, 5, 5, 2) == [0] * 5


def test_no_more_than_nine_bits_are_asked_for_and_three_of_what_is_personal() -> None:
    assert peeled(39, 39, 39, 39, 9.01) == [0] * 5
    assert peeled(39, 39, 39, 39, 3.01, personal=True) == [0] * 5


def test_the_links_of_a_member_count_each_by_what_it_rests_on() -> None:
    probability = 1 / (1 + np.exp2(-np.array([24.0, 24, 24, 24, 5])))
    personal = np.array([True, True, True, True, False])
    label = peel_loose(np.zeros(5, np.int64), Links(*ENDS, probability, personal))
    assert label.tolist() == [0, 0, 0, 0, 1]
