"""Communities of links, whatever the order in which the links come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.cluster.communities import communities, components, join_dense, renumber
from tests.cluster.build import Weighed, clique, grouped


def found(links: Weighed, size: int, seed: int = 1) -> list[set[int]]:
    return grouped(communities(*links, size, seed))


def test_cliques_that_nothing_links_are_communities() -> None:
    assert found(clique(range(5), range(5, 9)), 12) == [{0, 1, 2, 3, 4}, {5, 6, 7, 8}]


def test_accounts_without_a_link_are_alone_and_numbers_follow_the_first_account() -> None:
    label = communities(*clique([1, 3], [2, 5]), 6, 1)
    assert label.tolist() == [0, 1, 2, 1, 3, 2]


def test_no_link_at_all() -> None:
    nothing = np.empty(0, np.int64)
    assert communities(nothing, nothing, np.empty(0), 3, 1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_order_nor_seed_matters_where_the_answer_is_plain(seed: int) -> None:
    a, b, weight = clique(range(8), range(8, 20), range(20, 26))
    order = np.random.default_rng(seed).permutation(len(a))
    assert found((a[order], b[order], weight[order]), 30, seed) == found((a, b, weight), 30, 1)


def test_groups_that_many_links_run_between_are_joined() -> None:
    label = np.repeat([0, 1], 10)
    across = clique(range(20))
    assert grouped(join_dense(label, *across)) == [set(range(20))]


def test_two_tight_rings_with_a_supplier_in_common_are_not_joined() -> None:
    """Every account has a link to the other ring, and nineteen to its own."""
    east, west = range(20), range(20, 40)
    a, b, weight = clique(east, west)
    supplied = np.arange(20), np.arange(20, 40), np.full(20, 0.95)
    links = [np.concatenate(x) for x in zip((a, b, weight), supplied, strict=True)]
    label = np.repeat([0, 1], 20)
    assert grouped(join_dense(label, *links)) == [set(east), set(west)]


def test_one_link_between_two_groups_does_not_join_them() -> None:
    label = np.repeat([0, 1], 10)
    one = (np.array([0]), np.array([10]), np.array([1.0]))
    assert join_dense(label, *one).tolist() == label.tolist()


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=20))
@settings(max_examples=60, deadline=None)
def test_components_are_what_a_walk_reaches(edges: list[tuple[int, int]]) -> None:
    a, b = np.array(edges, np.int64).reshape(-1, 2).T
    label = components(a, b, 15)
    walked = list(range(15))
    for _ in range(15):
        for x, y in edges:
            walked[x] = walked[y] = min(walked[x], walked[y])
    assert [[i for i in range(15) if label[i] == g] for g in np.unique(label)] == [
        [i for i in range(15) if walked[i] == g] for g in sorted(set(walked))
    ]


@given(st.lists(st.integers(-5, 50), min_size=1, max_size=30))
def test_renumbering_keeps_the_groups_and_starts_at_zero(label: list[int]) -> None:
    new = renumber(np.array(label))
    assert [x == y for x in label for y in label] == [x == y for x in new for y in new]
    first_seen = list(dict.fromkeys(new.tolist()))
    assert first_seen == list(range(len(first_seen)))
