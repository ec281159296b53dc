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
    """Observe addresses; `spans` gives an account's first and last day on its addresses, and
    `hour` of each shared address whether it was within the hour.
    """
    users = {"10.0.0.1": [0, 1], "10.0.0.2": [2], "10.0.0.3": [0, 3], "10.9.9.9": [4]}
    address = comparison("address", users, SIZE)
    days = np.array([spans.get(f"a{account}", (1, 1)) for account in address.account])
    address = replace(address, first_s=86_400 * days[:, 0], last_s=86_400 * days[:, 1])
    shared = shared_by(address, pairs)
    return observe_shared(
        pairs,
        address,
        shared,
        counted(address),
        (PREFIX, shared_by(PREFIX, pairs), counted(PREFIX)),
        np.array(hour if hour is not None else [False] * len(shared.pair)),
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
    found = observe(pairs, [True, False])
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


#: A line of three operators that two used months apart, one of as many in one hour, a carrier's,
#: and one inside the platform.
LINES = {"ip:192.0.2.1": [0, 1], "ip:192.0.2.2": [0, 1], "ip:198.51.100.9": [0, 1],
         "ip:10.0.0.5": [0, 1], "ip:203.0.113.7": [2, 3]}  # fmt: skip
SHARED = dict(zip(sorted(LINES), [1000.0, 3.0, 3.0, 400.0, 1.0], strict=True))


@pytest.mark.parametrize(
    ("used", "hour", "chosen", "words"),
    [
        (["192.0.2.1"], [], "192.0.2.1", "at other times"),
        (["192.0.2.1", "192.0.2.2"], ["192.0.2.2"], "192.0.2.2", "within the hour"),
        (["192.0.2.1", "198.51.100.9"], ["198.51.100.9"], "192.0.2.1", "at other times"),
        (["192.0.2.1", "10.0.0.5"], ["10.0.0.5"], "192.0.2.1", "at other times"),
        (["198.51.100.9"], ["198.51.100.9"], "198.51.100.9", "within the hour"),
        (["10.0.0.5"], ["10.0.0.5"], "10.0.0.5", "at other times"),
    ],
)
def test_the_level_is_that_of_the_address_that_counts(
    used: list[str], hour: list[str], chosen: str, words: str
) -> None:
    users = {key: who if key[3:] in used or 2 in who else [who[0]] for key, who in LINES.items()}
    address = comparison("address", users, SIZE)
    operators = counted(address, **SHARED)
    inside = np.array([key == "ip:10.0.0.5" for key in sorted(LINES)])
    operators = replace(operators, nobodys=inside)
    pairs = pairs_of((0, 1), size=SIZE)
    shared = shared_by(address, pairs)
    within = np.isin(shared.value, [sorted(LINES).index(f"ip:{key}") for key in hour])
    found = observe_shared(pairs, address, shared, operators, within_hour=within)
    assert levels(found) == [f"same address {words}"]
    assert address.keys[int(found.value[0])].as_py() == f"ip:{chosen}"


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


@pytest.mark.parametrize(
    ("own", "words"), [(0, "same instrument"), (1, "same instrument"), (2, "2 instruments")]
)
def test_test_tokens_are_no_further_instruments(own: int, words: str) -> None:
    tokens, own_cards = [f"z{n}" for n in range(3)], [f"c{n}" for n in range(own)]
    card = comparison("instrument", {key: [0, 1] for key in own_cards + tokens}, 2)
    operators = counted(card, **dict.fromkeys(tokens, 2.0))
    operators = replace(operators, nobodys=np.array([key.as_py() in tokens for key in card.keys]))
    pairs = pairs_of((0, 1), size=2)
    found = observe_shared(pairs, card, shared_by(card, pairs), operators)
    assert levels(found) == [words]
    assert card.keys[int(found.value[0])].as_py() == ("c0" if own else "z0")


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
