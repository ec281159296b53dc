"""What is observed of a pair: one level per comparison, and the value behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.link.observe import observe_shared, observe_templates
from forensics.link.observed import LEVELS, Observed
from forensics.link.operators import Operators
from forensics.link.pairs import Pairs
from forensics.link.uses import Comparison
from tests.link.build import all_pairs, comparison, pairs_of, shared_by

SIZE = 6


def counted(found: Comparison, **operators: float) -> Operators:
    """Return operators per value: one of each, or as given by key."""
    seen = np.array([operators.get(key, 1.0) for key in found.keys.to_pylist()])
    return Operators(seen, seen, np.zeros(len(seen), dtype=bool))


def levels(found: Observed) -> list[str | None]:
    return [found.levels[at] if at >= 0 else None for at in found.level]


PREFIX = comparison("prefix", {"10.0.0.0/24": [0, 1, 2, 3], "10.9.9.0/24": [4]}, SIZE)


def observe(pairs: Pairs, hour: list[bool] | None = None, **spans: tuple[int, int]) -> Observed:
    """Observe addresses; `spans` gives an account's first and last day on its addresses."""
    users = {"10.0.0.1": [0, 1], "10.0.0.2": [2], "10.0.0.3": [0, 3], "10.9.9.9": [4]}
    address = comparison("address", users, SIZE)
    days = np.array([spans.get(f"a{account}", (1, 1)) for account in address.account])
    address = replace(address, first_s=86_400 * days[:, 0], last_s=86_400 * days[:, 1])
    return observe_shared(
        pairs,
        address,
        shared_by(address, pairs),
        counted(address),
        (PREFIX, shared_by(PREFIX, pairs), counted(PREFIX)),
        np.array(hour if hour is not None else [False] * len(pairs)),
    )


def test_the_prefix_counts_only_where_no_address_agrees() -> None:
    pairs = pairs_of((0, 1), (0, 2), (0, 3), (0, 4), (0, 5), size=SIZE)
    found = observe(pairs)
    assert levels(found) == [
        "same address within a day",
        "same prefix",
        "same address within a day",
        "different",
        None,  # 5 has no address at all: missing, not different
    ]
    assert found.coarse.tolist() == [False, True, False, False, False]


def test_the_same_address_within_the_hour_is_a_level_of_its_own_and_only_of_the_address() -> None:
    pairs = pairs_of((0, 1), (0, 2), (0, 3), size=SIZE)
    found = observe(pairs, [True, True, False])
    assert levels(found) == [
        "same address within the hour",
        "same prefix",
        "same address within a day",
    ]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ((5, 5), (6, 6), "same address within a day"),
        ((5, 5), (5, 9), "same address within a day"),
        ((5, 5), (7, 7), "same address at other times"),
        ((5, 5), (300, 300), "same address at other times"),
        ((1, 31), (10, 40), "same address at other times"),  # both ranges of weeks
        ((1, 31), (10, 10), "same address at other times"),  # one of them
        ((0, 0), (0, 0), "same address at other times"),  # no time is known of either
    ],
)
def test_sharing_an_address_months_apart_or_over_weeks_is_the_lowest_level(
    first: tuple[int, int], second: tuple[int, int], words: str
) -> None:
    assert levels(observe(pairs_of((0, 1), size=SIZE), a0=first, a1=second)) == [words]


def test_six_shared_addresses_weigh_as_the_rarest_of_them() -> None:
    """Levels and values of one comparison are not independent: one is taken."""
    campus = {f"192.0.2.{n}": [0, 1] for n in range(6)}
    address = comparison("address", campus, SIZE)
    operators = counted(address, **{"192.0.2.3": 2.0, **{f"192.0.2.{n}": 50.0 for n in (0, 1)},
                                    **{f"192.0.2.{n}": 9.0 for n in (2, 4, 5)}})  # fmt: skip
    pairs = pairs_of((0, 1), size=SIZE)
    found = observe_shared(pairs, address, shared_by(address, pairs), operators)
    assert address.keys[int(found.value[0])].as_py() == "192.0.2.3"
    assert found.given_u[0] == pytest.approx((2.0 - 1 + 0.1) / 2)  # two accounts have an address


def test_u_of_an_agreement_grows_with_the_operators_of_the_value() -> None:
    card = comparison("instrument", {"rare": [0, 1], "common": [2, 3, 4, 5]}, SIZE)
    operators = counted(card, rare=1.0, common=4.0)
    pairs = pairs_of((0, 1), (2, 3), size=SIZE)
    found = observe_shared(pairs, card, shared_by(card, pairs), operators)
    assert found.given_u == pytest.approx([0.1 / 6, 3.1 / 6])
    assert found.rarity[0] < found.rarity[1]


@pytest.mark.parametrize(
    ("cards", "words"),
    [(1, "same instrument"), (2, "2 instruments"), (3, "3 or more instruments"),
     (9, "3 or more instruments")],
)  # fmt: skip
def test_several_shared_cards_are_a_level_not_several_times_the_evidence(
    cards: int, words: str
) -> None:
    card = comparison("instrument", {f"c{n}": [0, 1] for n in range(cards)}, 2)
    pairs = pairs_of((0, 1), size=2)
    found = observe_shared(pairs, card, shared_by(card, pairs), counted(card))
    assert levels(found) == [words]
    assert found.given_u == pytest.approx([0.05])


def test_where_two_differ_there_is_no_value_and_no_rarity() -> None:
    card = comparison("instrument", {"a": [0], "b": [1]}, 2)
    pairs = pairs_of((0, 1), size=2)
    found = observe_shared(pairs, card, shared_by(card, pairs), counted(card))
    assert (found.level[0], found.value[0], found.rarity[0], found.given_u[0]) == (0, -1, -1, 1)


@pytest.mark.parametrize(("count", "words"), [(1, 1), (2, 2), (3, 2), (4, 3), (7, 3)])
def test_templates_of_one_family_count_once_by_how_many(count: int, words: int) -> None:
    family_of = np.zeros(7, np.int64)
    templates = comparison("template", {f"t{n}": [0, 1] if n < count else [2] for n in range(7)}, 4)
    families = comparison("template", {"f": [0, 1, 2]}, 4)
    pairs = all_pairs(4)
    found = observe_templates(
        pairs,
        families,
        family_of,
        templates,
        shared_by(templates, pairs),
        counted(families),
    )
    assert levels(found)[0] == LEVELS["template"][words]
    assert templates.keys[int(found.value[0])].as_py() == "t0"
    assert levels(found)[2] is None  # account 3 sends no template


def test_of_several_families_the_rarest_counts() -> None:
    templates = comparison("template", {"a1": [0, 1], "a2": [0, 1], "b": [0, 1, 2]}, 3)
    families = comparison("template", {"fa": [0, 1, 2], "fb": [0, 1]}, 3)
    pairs = pairs_of((0, 1), size=3)
    found = observe_templates(
        pairs,
        families,
        np.array([0, 0, 1]),
        templates,
        shared_by(templates, pairs),
        counted(families, fa=9.0, fb=1.0),
    )
    assert templates.keys[int(found.value[0])].as_py() == "b"
    assert levels(found) == ["one template shared"]
