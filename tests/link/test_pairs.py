"""Pairs, and the values that they share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.link.pairs import Pairs, SharedValues, strangers
from tests.link.build import all_pairs, comparison, pairs_of, shared_by

SIZE = 9
users = st.dictionaries(
    st.sampled_from([f"v{n}" for n in range(7)]),
    st.sets(st.integers(0, SIZE - 1), min_size=1),
    min_size=1,
)


@given(users)
@settings(max_examples=150, deadline=None)
def test_shared_values_are_those_that_a_comparison_one_by_one_finds(
    users: dict[str, set[int]],
) -> None:
    pairs, found = all_pairs(SIZE), comparison("device", users, SIZE)
    shared = shared_by(found, pairs)
    keys = found.keys.to_pylist()
    told = {
        (int(pairs.a[p]), int(pairs.b[p]), keys[v])
        for p, v in zip(shared.pair, shared.value, strict=True)
    }
    expected = {
        (a, b, key) for key, accounts in users.items() for a in accounts for b in accounts if a < b
    }
    assert told == expected
    assert len(shared.pair) == len(expected)  # each once


@given(users)
@settings(max_examples=50, deadline=None)
def test_each_shared_value_names_the_use_on_either_side(users: dict[str, set[int]]) -> None:
    pairs, found = all_pairs(SIZE), comparison("device", users, SIZE)
    shared = shared_by(found, pairs)
    assert (found.account[shared.use_a] == pairs.a[shared.pair]).all()
    assert (found.account[shared.use_b] == pairs.b[shared.pair]).all()
    assert (found.value[shared.use_a] == shared.value).all()
    assert (found.value[shared.use_b] == shared.value).all()


@pytest.mark.parametrize("uneven", [0, 2.5, 64])
@pytest.mark.parametrize("block", [1, 2, 5])
def test_few_values_at_a_time_merged_or_looked_up_give_the_same(
    block: int, uneven: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = {"v1": {0, 1, 2, 5}, "v2": {1, 2, 3}, "v3": {4}, "v4": {0, 5, 8}, "v5": {1, 8}}
    found = comparison("device", users, SIZE)
    whole = shared_by(found, all_pairs(SIZE))
    monkeypatch.setattr("forensics.link.pairs.BLOCK", block)
    monkeypatch.setattr("forensics.link.pairs.UNEVEN", uneven)
    parts = shared_by(found, all_pairs(SIZE))
    for name in ("pair", "value", "use_a", "use_b"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist()


def test_several_comparisons_at_once_give_what_each_gives() -> None:
    card = comparison("instrument", {"a": {0, 1, 2}, "b": {2, 3}, "c": {4}}, SIZE)
    phone = comparison("phone", {"x": {2, 3, 7}, "y": {0, 2}}, SIZE)
    pairs = all_pairs(SIZE)
    both = SharedValues(card, phone)(pairs)
    for found in (card, phone):
        alone, among = shared_by(found, pairs), both[found.name]
        assert (among.pair.tolist(), among.value.tolist()) == (
            alone.pair.tolist(),
            alone.value.tolist(),
        )


def test_accounts_count_alike_however_many_pairs_they_have() -> None:
    # Account 0 has three pairs, 1 and 2 two each, 3 one.
    pairs = pairs_of((0, 1), (0, 2), (0, 3), (1, 2), size=4)
    weights = pairs.account_weights(np.arange(len(pairs)))
    assert weights == pytest.approx([(1 / 3 + 1 / 2) / 2] * 2 + [(1 / 3 + 1) / 2, 1 / 2])
    assert weights.sum() * 2 == pytest.approx(4)  # one per account


def test_a_clique_of_a_hundred_weighs_no_more_per_account_than_a_pair() -> None:
    a, b = np.triu_indices(100, k=1)
    clique = pairs_of(*zip(a.tolist(), b.tolist(), strict=True), (100, 101), size=102)
    weights = clique.account_weights(np.arange(len(clique)))
    assert weights[:-1].sum() == pytest.approx(50)
    assert weights[-1] == 1


@pytest.mark.parametrize("size", [1, 2, 9, 100])
def test_parts_put_together_are_the_pairs(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.link.pairs.PART", 7)
    pairs = all_pairs(size)
    parts = list(pairs.parts())
    assert len(parts) == pairs.part_count
    assert max(len(part) for part in parts) <= 7
    again = Pairs.of(parts)
    assert (again.a.tolist(), again.b.tolist()) == (pairs.a.tolist(), pairs.b.tolist())


def test_a_draw_stands_for_all_accounts() -> None:
    pairs = all_pairs(60)
    some, stands_for = pairs.draw(300)
    assert len(some) == 300
    assert some.a.min() == 0
    assert some.b.max() == 59  # from all over
    assert 2 * stands_for.sum() == pytest.approx(60)
    every, weights = pairs.draw(10_000)
    assert len(every) == len(pairs)
    assert 2 * weights.sum() == pytest.approx(60)


def test_strangers_are_drawn_evenly_and_the_same_each_time() -> None:
    accounts = np.arange(3, 1000, 2)
    pairs = strangers(accounts, 20_000, 1000)
    again = strangers(accounts, 20_000, 1000)
    assert (pairs.a == again.a).all()
    assert (pairs.b == again.b).all()
    assert (pairs.a < pairs.b).all()
    drawn = np.bincount(np.concatenate([pairs.a, pairs.b]), minlength=1000)
    assert set(np.flatnonzero(drawn)) == set(accounts.tolist())
    assert drawn[accounts].std() < 1.2 * np.sqrt(40_000 / len(accounts))  # as Poisson has it


@pytest.mark.parametrize(("accounts", "pairs"), [([], 0), ([4], 0), ([4, 7, 9], 3)])
def test_of_few_accounts_all_pairs_are_strangers(accounts: list[int], pairs: int) -> None:
    found = strangers(np.array(accounts, np.int64), 20, 10)
    assert len(found) == pairs
    assert (found.a < found.b).all()
