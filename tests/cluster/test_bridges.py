"""Parts: what the removal of each value leaves, held against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.cluster.bridges import find_parts
from forensics.cluster.holds import Holds
from tests.cluster.build import holds_of

Uses = list[tuple[int, int]]


def holds(uses: Uses) -> Holds:
    users: dict[str, list[int]] = {}
    for account, value in sorted(set(uses)):
        users.setdefault(f"device:{value:02}", []).append(account)
    return holds_of(12, users)


def expected(found: Holds) -> list[tuple[int, int, int]]:
    """Take every value away in turn, and look at what is left of its piece."""
    pairs = list(zip(found.account.tolist(), found.value.tolist(), strict=True))
    graph = nx.Graph((("a", account), ("v", value)) for account, value in pairs)
    rows = []
    for value in sorted({v for _, v in pairs}):
        node = ("v", value)
        piece = nx.node_connected_component(graph, node) - {node}
        parts = list(nx.connected_components(graph.subgraph(piece)))
        if len(parts) > 1:
            users = set(graph[node])
            rows += [
                (value, sum(kind == "a" for kind, _ in part), len(users & part)) for part in parts
            ]
    return sorted(rows)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 8)), min_size=1, max_size=40))
def test_the_parts_of_every_value_are_those_that_its_removal_leaves(uses: Uses) -> None:
    found = holds(uses)
    parts = find_parts(found)
    rows = zip(parts.value.tolist(), parts.people.tolist(), parts.using.tolist(), strict=True)
    assert sorted(rows) == expected(found)


def test_each_use_is_told_which_part_its_account_is_in() -> None:
    """Two pairs on a card of which account 4 is the other end."""
    found = holds([(0, 0), (1, 0), (0, 1), (2, 1), (3, 2), (2, 2)])
    parts = find_parts(found)
    card = found.value == 1
    entries = parts.of_use[card]
    assert sorted(parts.people[entries].tolist()) == [2, 2]
    assert len(set(entries.tolist())) == 2
    # Each of the other two values hangs an end of one account on the rest.
    assert sorted(parts.people[parts.value == 0].tolist()) == [1, 3]


def test_a_long_chain_is_walked_without_recursion() -> None:
    chain = Holds(
        np.repeat(np.arange(5_000), 2)[1:-1], np.repeat(np.arange(4_999), 2),
        np.zeros(4_999, np.int64), 5_000, np.ones(4_999),
    )  # fmt: skip
    parts = find_parts(chain)
    assert parts.people.sum() == 4_999 * 5_000
