"""Candidates: every pair that a rare value ties together, and no clique for a common one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.link.candidates import BLOCK, candidate_pairs
from forensics.link.pairs import Pairs
from forensics.link.uses import Comparison
from tests.link.build import comparison

SIZE = 400


def candidates(*comparisons: Comparison, top: int = 40) -> Pairs:
    """Return candidates, taking each account for an operator of its own."""
    counts = {c.name: c.counts.astype(float) for c in comparisons}
    return candidate_pairs(list(comparisons), counts, comparisons[0].size, top)


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))


@given(
    st.dictionaries(
        st.integers(0, 30).map(str),
        st.sets(st.integers(0, SIZE - 1), min_size=2, max_size=6),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_every_pair_that_shares_a_rare_card_is_found(users: dict[str, set[int]]) -> None:
    found = as_set(candidates(comparison("instrument", users, SIZE), top=SIZE))
    assert found == {p for accounts in users.values() for p in combinations(sorted(accounts), 2)}


def test_nothing_shared_brings_no_pair() -> None:
    own = comparison("device", {f"d{n}": [n] for n in range(SIZE)}, SIZE)
    assert len(candidates(own)) == 0


def test_a_prefix_that_ten_thousand_strangers_use_brings_no_pair() -> None:
    carrier = comparison("prefix", {"carrier": range(10_000)}, size=12_000)
    assert len(candidates(carrier)) == 0


def test_a_ring_of_ten_thousand_on_one_card_costs_no_clique_and_stays_in_one_piece() -> None:
    size, top = 100_000, 40
    card = comparison("instrument", {"card": range(10_000)}, size)
    pairs = candidates(card, top=top)
    assert 10_000 <= len(pairs) <= 10_000 * top  # the clique has 49,995,000
    reached = np.unique(np.concatenate([pairs.a, pairs.b]))
    assert len(reached) == 10_000


def test_each_account_keeps_its_strongest_partners() -> None:
    """Account 0 shares a card with 1 and a card and a device with 2."""
    card = comparison("instrument", {"x": [0, 1], "y": [0, 2]}, SIZE)
    device = comparison("device", {"d": [0, 2]}, SIZE)
    assert as_set(candidates(card, device, top=1)) == {(0, 1), (0, 2)}  # 1 has no other
    crowded = comparison("instrument", {"x": [0, 1], "y": [0, 2], "z": [1, 3]}, SIZE)
    both = comparison("device", {"d": [0, 2], "e": [1, 3]}, SIZE)
    assert as_set(candidates(crowded, both, top=1)) == {(0, 2), (1, 3)}


def test_pairs_are_ordered_distinct_and_of_two_accounts() -> None:
    rng = np.random.default_rng(3)
    users = {f"v{n}": rng.choice(SIZE, 5, replace=False).tolist() for n in range(60)}
    pairs = candidates(comparison("device", users, SIZE))
    assert (pairs.a < pairs.b).all()
    codes = pairs.a * SIZE + pairs.b
    assert (np.diff(codes) > 0).all()


def test_no_comparison_at_all_brings_no_pair() -> None:
    assert len(candidate_pairs([], {}, SIZE, 40)) == 0


def test_a_value_that_fills_just_one_block_is_compared_whole() -> None:
    card = comparison("instrument", {"card": range(BLOCK)}, 10_000)
    assert len(candidates(card, top=BLOCK)) == BLOCK * (BLOCK - 1) // 2
