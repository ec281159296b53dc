"""Coincidence: two things of different kinds that the same accounts have make a group of them."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.cluster.coincide import (
    MOST_MARKS,
    MOST_OF_ORGANISATION,
    collect_coincidences,
    group_coinciding,
)
from forensics.cluster.marks import DOMAIN, TRAIT, Marks
from tests.cluster.build import grouped
from tests.cluster.marked import CARDS, EXIT, SIZE, alone, marks

FARM = tuple(range(12))
STRANGERS = tuple(range(1_000, 1_030))


def found(known: Marks, *groups: tuple[int, ...]) -> list[set[int]]:
    return grouped(group_coinciding(alone(*groups), collect_coincidences(known)))


def test_accounts_with_a_template_and_an_exit_in_common_are_a_group() -> None:
    """Thirty strangers send the template too, and as many use the exit."""
    known = marks(("prompt", (*FARM, *STRANGERS)), (EXIT, (*FARM, *range(2_000, 2_030))))
    assert found(known) == [set(FARM)]


def test_as_many_as_by_chance_are_none() -> None:
    """Of 800 who send a template and 800 who use an exit, 160 are both."""
    senders, guests = tuple(range(0, SIZE, 5)), tuple(range(800))
    assert found(marks(("prompt", senders), (EXIT, guests))) == []


def test_four_accounts_are_too_few() -> None:
    assert found(marks(("prompt", FARM[:4]), (EXIT, FARM[:4]))) == []


@pytest.mark.parametrize("kinds", [(CARDS, CARDS), ("device", EXIT), ("prompt", TRAIT)])
def test_what_says_the_same_again_or_is_a_sort_of_accounts_does_not_count(
    kinds: tuple[str, str],
) -> None:
    assert found(marks(*((kind, FARM) for kind in kinds))) == []


def test_a_company_is_told_by_a_mail_domain_and_an_address() -> None:
    known = marks((DOMAIN, FARM), (EXIT, (*FARM, 500)), name="address")
    assert found(known) == [set(FARM)]


def test_a_provider_and_a_school_are_not() -> None:
    """Many have its mail and are elsewhere; or they are too many."""
    provider = marks((DOMAIN, (*FARM, *STRANGERS)), (EXIT, FARM), name="address")
    many = tuple(range(MOST_OF_ORGANISATION + 1))
    school = marks((DOMAIN, many), (EXIT, many), name="address")
    assert found(provider) == found(school) == []


def test_who_is_in_a_cluster_stays_there() -> None:
    """Seven of twelve are in a cluster of their own: most are not free."""
    known = marks(("prompt", FARM), (EXIT, FARM))
    assert found(known, FARM[:7]) == [set(FARM[:7])]
    assert found(known, FARM[:4]) == [set(FARM)]


def test_the_order_of_marks_does_not_matter() -> None:
    others = ("identifier", STRANGERS), (EXIT, STRANGERS)
    used = [("prompt", FARM), (EXIT, FARM), (CARDS, FARM), *others]
    assert found(marks(*used)) == found(marks(*reversed(used)))


def test_nothing_known() -> None:
    known = marks((CARDS, (0,)))
    together = collect_coincidences(known)
    assert len(together.account) == 0
    assert np.array_equal(group_coinciding(alone(), together), alone())


def test_accounts_with_thousands_of_values_each_cost_no_more() -> None:
    """Six accounts share five thousand addresses: twelve million pairs of them and templates."""
    exits = [(EXIT, FARM[:6])] * 5_000
    known = marks(("prompt", FARM[:6]), *exits)
    together = collect_coincidences(known)
    assert len(together.start) - 1 < MOST_MARKS**2
