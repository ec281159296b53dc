"""Fit: an account that no pair links joins the cluster that it fits as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.cluster.fit import join_fitting
from forensics.cluster.fits import apart, fits_of
from forensics.cluster.links import Links
from forensics.cluster.marks import DOMAIN, TRAIT
from forensics.cluster.profile import ECHO, MIN_MEMBERS, prior_of, weight_of
from tests.cluster.build import grouped
from tests.cluster.marked import CAP, CARDS, EXIT, SIZE, alone, marks

RING = tuple(range(10))
JOINS = 10  # the account that fits the ring


def test_one_value_of_each_of_two_members_is_enough_together() -> None:
    """It shares a card's issue with some and an exit with others: no pair shows more than one."""
    known = marks((CARDS, (0, 1, 2, 3, 4, JOINS)), (EXIT, (5, 6, 7, 8, 9, JOINS)))
    assert grouped(join_fitting(alone(RING), known)) == [{*RING, JOINS}]


def test_one_kind_of_value_is_not_enough() -> None:
    known = marks((CARDS, (*RING, JOINS)))
    assert grouped(join_fitting(alone(RING), known)) == [set(RING)]


def test_places_alone_are_not_enough() -> None:
    known = marks((EXIT, (*RING, JOINS)), ("timing", (*RING, JOINS)))
    assert grouped(join_fitting(alone(RING), known)) == [set(RING)]


def test_a_sort_of_accounts_and_a_place_are_not_enough() -> None:
    known = marks((TRAIT, (*RING, JOINS)), (EXIT, (*RING, JOINS)))
    assert grouped(join_fitting(alone(RING), known)) == [set(RING)]


def test_what_hundreds_of_others_have_tells_little() -> None:
    others = tuple(range(100, 900))
    known = marks((CARDS, (*RING, JOINS, *others)), (EXIT, (*RING, JOINS, *others)))
    assert grouped(join_fitting(alone(RING), known)) == [set(RING)]


def test_a_small_group_joins_where_most_of_its_accounts_fit() -> None:
    part = (10, 11, 12)
    fits = marks((CARDS, (0, 1, 2, 3, 4, 10, 11)), (EXIT, (5, 6, 7, 8, 9, 10, 11)))
    assert grouped(join_fitting(alone(RING, part), fits)) == [{*RING, *part}]
    one = marks((CARDS, (0, 1, 2, 3, 4, 10)), (EXIT, (5, 6, 7, 8, 9, 10)))
    assert grouped(join_fitting(alone(RING, part), one)) == [set(RING), set(part)]


def test_a_small_group_joins_where_its_accounts_fit_in_the_mean() -> None:
    """All have the ring's card range, two an exit of it each: by themselves only these fit."""
    part = (10, 11, 12, 13)
    cards = (CARDS, (*RING[:5], *part, *range(100, 104)))
    exits = (EXIT, (*RING[5:], 10)), (EXIT, (*RING[:5], 11))
    known = marks(cards, *exits)
    for account in part[2:]:
        alone_it_stays = grouped(join_fitting(alone(RING), known))
        assert account not in alone_it_stays[0]
    assert grouped(join_fitting(alone(RING, part), known)) == [{*RING, *part}]


def test_few_accounts_have_no_marks_of_their_own() -> None:
    few = RING[: MIN_MEMBERS - 1]
    known = marks((CARDS, (*few, JOINS)), (EXIT, (*few, JOINS)))
    assert grouped(join_fitting(alone(few), known)) == [set(few)]


def test_who_joined_makes_others_fit() -> None:
    """The last two share with the one that joins first, and hardly with the ring."""
    cards = (CARDS, (0, 1, 2, 3, 4, 10, 11))
    exits = (EXIT, (5, 6, 7, 8, 9, 10)), (EXIT, (9, 10, 11))
    assert grouped(join_fitting(alone(RING), marks(cards, *exits))) == [{*RING, 10, 11}]


def test_a_ring_with_much_of_its_own_does_not_join_one_that_rents_from_the_same_supplier() -> None:
    """All share a supplier's cards and exits; each has devices, prompts and more besides."""
    other = tuple(range(20, 26))
    cards = (CARDS, (*RING[:6], *other, *range(100, 110)))
    rented = cards, (EXIT, (*RING[4:], *other, *range(110, 120)))
    kinds = ("device", "prompt", "identifier")
    own = [(kind, ring) for kind in kinds for ring in (RING, other)]
    label = alone(RING, other)
    assert grouped(join_fitting(label, marks(*rented, *own))) == [set(RING), set(other)]
    assert grouped(join_fitting(label, marks(*rented))) == [{*RING, *other}]


def test_a_card_range_is_nobodys_own_on_a_platform_of_any_size() -> None:
    """On a large one it weighs more than three bits."""
    size = 300_000
    known = replace(
        marks((CARDS, (0, 1, 2, 3, 4, JOINS)), (EXIT, (5, 6, 7, 8, 9, JOINS)), size=size),
        cap=np.array([marks((CARDS, (0,)), size=size).most_of_card_range, CAP]),
    )
    label = np.concatenate([alone(RING), np.arange(SIZE, size)])
    assert known.cap[0] > 3_000
    assert grouped(join_fitting(label, known)) == [set(RING)]


def test_the_order_of_groups_does_not_matter() -> None:
    known = marks((CARDS, (0, 1, 2, 3, 4, JOINS)), (EXIT, (5, 6, 7, 8, 9, JOINS)))
    label = alone(RING)
    turned = label.max() - label
    assert join_fitting(label, known).tolist() == join_fitting(turned, known).tolist()


@pytest.mark.parametrize(
    ("users", "members", "others", "expected"),
    [
        (5, 9, 0, round(1000 * np.log2(0.5 / (0.5 / SIZE)))),
        (5, 9, 7, round(1000 * np.log2(0.5 / (7.5 / SIZE)))),
        (9, 9, 3_600, round(1000 * np.log2(0.9 / (3_600.5 / SIZE)))),
    ],
)
def test_a_mark_weighs_its_share_inside_over_that_outside(
    users: int, members: int, others: int, expected: int
) -> None:
    known = marks((CARDS, (0,)))
    found = weight_of(*(np.array([x]) for x in (users, members, others, 0)), known)
    assert found.tolist() == [min(expected, CAP)]


def test_a_mail_domain_that_most_of_whose_users_are_outside_tells_nearly_nothing() -> None:
    known = marks((DOMAIN, (0,)))
    inside, campus = (weight_of(*map(np.array, ([5], [9], [o], [0])), known) for o in (15, 16))
    assert inside > ECHO
    assert campus.tolist() == [ECHO]


def test_what_is_said_of_a_member_adds_up() -> None:
    known = marks((CARDS, (0, 1, 2, 3, 4, JOINS, 50)), (EXIT, (5, 6, 7, 8, 9, JOINS)))
    label = join_fitting(alone(RING), known)
    fits = fits_of(label, known, np.array([JOINS]))
    assert fits.account.tolist() == [JOINS, JOINS]
    assert fits.users.tolist() == [5, 5]
    assert fits.members.tolist() == [10, 10]
    assert fits.others.tolist() == [1, 0]
    assert fits.bits.tolist() == [
        min(CAP, round(1000 * np.log2(5 / 11 / ((o + 0.5) / SIZE)))) for o in (1, 0)
    ]
    assert fits.prior.tolist() == [prior_of(np.array([10]), SIZE)[0]] * 2
    odds = 2 ** ((fits.bits.sum() + fits.prior[0]) / 1000)
    assert fits.probability(SIZE)[JOINS] == pytest.approx(odds / (1 + odds))
    assert fits.probability(SIZE)[0] == 0


def test_those_whom_no_link_holds_to_the_largest_part_are_apart() -> None:
    label = np.array([0, 0, 0, 0, 0, 1, 1])
    a, b = np.array([0, 1, 3, 5]), np.array([1, 2, 4, 6])
    links = Links(a, b, np.ones(4), np.ones(4, bool))
    assert apart(label, links).tolist() == [3, 4]
