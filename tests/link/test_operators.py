"""Operators: what other evidence joins is one, and the rest are as many as they look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.link.operators import (
    RARITY,
    count_operators,
    default_owned,
    effective_operators,
    is_trait,
    joined_uses,
    rarity_class,
    shared_tokens,
)
from tests.link.build import all_pairs, comparison, pairs_of, shared_by


def operators(
    users: list[int],
    joined: list[tuple[int, int]],
    size: int,
    bits: float,
    name: str = "instrument",
) -> float:
    """Return the operators of one value whose users in `joined` have other evidence."""
    card = comparison(name, {"card": users}, size)
    pairs = pairs_of(*joined, size=size)
    shared = shared_by(card, pairs)
    return float(count_operators(card, joined_uses(card, shared, np.full(len(pairs), bits)))[0])


def test_a_ring_of_500_that_other_evidence_joins_counts_as_one_operator() -> None:
    chain = [(n, n + 1) for n in range(499)]
    assert operators(list(range(500)), chain, 1000, bits=12) == 1.0


def test_strangers_count_as_many() -> None:
    chain = [(n, n + 1) for n in range(499)]
    assert operators(list(range(500)), chain, 1000, bits=0) == 500.0


def test_what_joins_two_users_must_outweigh_how_many_there_are() -> None:
    """Among 32 users the prior that two are one operator is 1/32: five bits, and two of margin."""
    pair = [(0, 1)]
    assert operators(list(range(32)), pair, 100, bits=6.9) == 32.0
    assert operators(list(range(32)), pair, 100, bits=7.0) == pytest.approx(32**2 / (30 + 4))


def test_operators_are_the_inverse_simpson_index_of_the_groups() -> None:
    # Groups of 3, 2 and 1 among six users: 36 / (9 + 4 + 1).
    joined = [(0, 1), (1, 2), (3, 4)]
    assert operators(list(range(6)), joined, 6, bits=20) == pytest.approx(36 / 14)


def test_a_ring_among_a_crowd_leaves_the_value_common() -> None:
    joined = [(n, n + 1) for n in range(23)]  # 24 of a hundred
    assert operators(list(range(100)), joined, 1000, bits=20) == 100.0
    joined = [(n, n + 1) for n in range(24)]  # 25
    seen = operators(list(range(100)), joined, 1000, bits=20)
    assert seen == pytest.approx(100**2 / (25**2 + 75))


def test_of_a_kind_that_the_user_added_all_groups_count_alike() -> None:
    """A browser's fingerprint that 300 accounts of one ring have, and 590 strangers."""
    ring = [(n, n + 1) for n in range(299)]
    users = list(range(890))
    assert operators(users, ring, 4_000, bits=20) < 10
    assert operators(users, ring, 4_000, bits=20, name="tls_fingerprint") == pytest.approx(
        130.0, 0.01
    )
    alone = list(range(150))
    assert operators(alone, ring[:149], 4_000, bits=20, name="tls_fingerprint") == 1


def test_strangers_who_pay_with_cards_of_their_own_share_a_test_token() -> None:
    own = {f"own-{n}": [n] for n in range(10)}
    token = comparison("instrument", {**own, "token": range(40)}, 100)
    apart = np.array([1.0] * 10 + [40.0])
    assert np.flatnonzero(shared_tokens(token, apart)).tolist() == [10]
    assert not shared_tokens(token, np.array([1.0] * 10 + [4.0])).any()  # other evidence joins them
    reseller = comparison("instrument", {"own-0": [0], "his": range(40)}, 100)
    assert not shared_tokens(reseller, np.array([1.0, 40.0])).any()


def test_a_kind_of_values_that_many_have_is_a_trait() -> None:
    browsers = comparison("tls_fingerprint", {"a": range(50), "b": range(50, 90), "c": [90]}, 100)
    assert is_trait(browsers, np.array([40.0, 30.0, 1.0]))
    assert not is_trait(browsers, np.array([1.0, 1.0, 1.0]))  # three rings' own
    assert not is_trait(replace(browsers, name="address"), np.array([40.0, 30.0, 1.0]))


def test_evidence_between_users_of_one_value_says_nothing_of_another() -> None:
    card = comparison("instrument", {"a": [0, 1], "b": [1, 2]}, 3)
    pairs = all_pairs(3)
    shared = shared_by(card, pairs)
    bits = np.where((pairs.a == 0) & (pairs.b == 1), 10.0, 0.0)
    assert count_operators(card, joined_uses(card, shared, bits)).tolist() == [1.0, 2.0]


def test_that_users_share_nothing_else_makes_an_address_public_but_hardly_a_card() -> None:
    def effective(name: str) -> float:
        return float(effective_operators(name, np.array([300.0]), default_owned(name))[0])

    assert effective("instrument") < 1.3
    assert effective("address") > 90
    assert effective("prefix") > 200


def test_a_payment_token_of_very_many_strangers_is_a_test_token() -> None:
    seen = np.array([300.0, 3_000.0, 30_000.0])
    found = effective_operators("instrument", seen, default_owned("instrument"))
    assert found == pytest.approx([1.11, 11.1, 110.0], rel=0.01)


def test_a_value_of_very_many_operators_is_as_common_as_it_looks() -> None:
    """A browser's fingerprint, that a fifth of a platform has, is nobody's own."""
    seen = np.array([30.0, 100.0, 1_000.0, 100_000.0])
    found = effective_operators("tls_fingerprint", seen, np.full(len(RARITY) + 1, 0.02))
    assert found[0] == pytest.approx(19.0, abs=0.1)  # 1 / (0.02 + 0.98 / 30)
    assert found[1:] / seen[1:] == pytest.approx([0.63, 0.63, 0.63], abs=0.01)


def test_operators_count_as_one_where_they_are_one_and_more_where_they_are_more() -> None:
    for name in ("instrument", "address", "device", "template", "prefix", "anything else"):
        found = effective_operators(name, np.array([1.0, 2.0, 10.0, 100.0]), default_owned(name))
        assert found[0] == 1.0
        assert (np.diff(found) > 0).all()


def test_each_value_has_the_class_of_the_operators_seen_to_use_it() -> None:
    seen = np.array([1.0, *RARITY, *(r + 0.01 for r in RARITY), 1e6])
    steps = list(range(len(RARITY)))
    assert rarity_class(seen).tolist() == [0, *steps, *(n + 1 for n in steps), len(RARITY)]
