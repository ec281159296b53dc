"""What an account has for itself speaks against its being of a cluster whose members share."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forensics.cluster.fit import join_fitting
from forensics.cluster.fits import fits_of
from forensics.cluster.marks import MARKS
from forensics.cluster.unlike import Against, against, commons_of, weight_against
from tests.cluster.build import grouped
from tests.cluster.marked import CARDS, EXIT, alone, marks

RING = tuple(range(10))
OTHER = 10  # an account that shares an exit with the ring
PAIRS = tuple((EXIT, (at, (at + 1) % 10)) for at in RING)  # each of the ring shares two exits
EXITS = MARKS.index(EXIT)


def against_ring(*of_other: tuple[str, tuple[int, ...]], shared: int = 0) -> Against:
    """What speaks against the account, of which `shared` exits are the ring's as well."""
    ring = [(kind, (*who, OTHER) if at < shared else who) for at, (kind, who) in enumerate(PAIRS)]
    known, label = marks(*ring, *of_other), alone(RING)
    group = label[[RING[0]]]
    return against(np.array([OTHER]), group, known, commons_of(label, known, group))


def test_who_shares_as_much_as_members_has_nothing_against_it() -> None:
    assert against_ring(shared=2).bits[0, EXITS] == 0


def test_a_household_behind_an_exit_has_its_other_addresses_for_itself() -> None:
    """One address of four in common: none of the ten members has so few."""
    own = tuple((EXIT, (OTHER,)) for _ in range(3))
    found = against_ring(*own, shared=1)
    assert (found.few[0, EXITS], found.members[0, EXITS]) == (0, 10)
    p = 1 / 11
    assert found.bits[0, EXITS] == round(1000 * math.log2(-math.e * p * math.log(p))) == -755


def test_members_of_whom_many_have_their_own_take_nothing() -> None:
    """Half of the ring has an exit for itself besides: to have one is no difference."""
    own = tuple((EXIT, (at,)) for at in (OTHER, *RING[:5]))
    assert against_ring(*own, shared=1).bits[0, EXITS] < 0
    own = tuple((EXIT, (at,)) for at in (OTHER, *RING[:5]) for _ in range(2 if at != OTHER else 1))
    assert against_ring(*own, shared=1).bits[0, EXITS] == 0


def test_what_an_account_has_nothing_of_is_not_known() -> None:
    assert not against_ring((CARDS, RING), shared=2).bits.any()


@pytest.mark.parametrize(("few", "members"), [(0, 1), (3, 7), (50, 50), (0, 0)])
def test_a_common_share_weighs_nothing(few: int, members: int) -> None:
    assert weight_against(np.array([few]), np.array([members])).tolist() == [0]


def test_the_rarer_the_share_the_more_it_weighs() -> None:
    members = np.array([10, 100, 1_000])
    assert weight_against(np.zeros(3, np.int64), members).tolist() == [-755, -3009, -5736]


def test_a_member_is_set_against_the_others() -> None:
    """Of ten that are in the group the last has two of three exits for itself."""
    ring = RING[:9]
    exits = tuple((EXIT, (at, (at + 1) % 9)) for at in ring)
    known = marks((CARDS, RING), (EXIT, (9, 0)), (EXIT, (9,)), (EXIT, (9,)), *exits)
    fits = fits_of(alone(RING), known, np.array([9]))
    (row,) = np.flatnonzero(fits.speaks_against)
    assert (fits.users[row], fits.members[row], fits.others[row]) == (0, 9, 0)
    assert known.kind[fits.mark[row]] == EXITS
    assert fits.bits[row] == weight_against(np.array([0]), np.array([9]))[0] < 0


def test_who_shares_one_exit_of_many_does_not_join() -> None:
    """It has a card range and an exit of the ring: 5.5 bits, were not six exits its own."""
    cards = (CARDS, (*RING, OTHER, *range(100, 200)))
    known = (cards, *PAIRS, (EXIT, (0, 1, 2, OTHER)))
    assert grouped(join_fitting(alone(RING), marks(*known))) == [{*RING, OTHER}]
    own = tuple((EXIT, (OTHER,)) for _ in range(6))
    assert grouped(join_fitting(alone(RING), marks(*known, *own))) == [set(RING)]


def test_an_account_alone_needs_more_than_a_group() -> None:
    """Both marks are those of 56 others as well: 3.4 bits are enough for a group only."""
    part, others = (10, 11, 12), tuple(range(100, 156))
    known = marks((CARDS, (*RING, *part, *others)), (EXIT, (*RING, *part, *others)))
    assert grouped(join_fitting(alone(RING, part), known)) == [{*RING, *part}]
    assert grouped(join_fitting(alone(RING), known)) == [set(RING)]
