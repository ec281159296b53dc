"""What is said of members: who is a bridge, and what a member is held by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from forensics.case.run import SCHEMAS
from forensics.cluster.members import bridges, joined_by, strongest_links
from tests.cluster.build import clique, holds_of, linkage_of

EAST, WEST = list(range(5)), list(range(5, 10))
LABEL = np.array([0] * 5 + [1] * 5 + [2, 3])
SIZE = 12
OWN = {"device:east": EAST, "device:west": WEST}


def named(users: dict[str, list[int]], *linked: tuple[int, int], weight: float = 0.9) -> list[int]:
    """Return the bridges of two rings that share these values and have these links across."""
    a, b, strength = clique(EAST, WEST)
    across = np.array(linked, np.int64).reshape(-1, 2)
    links = (
        np.concatenate([a, across[:, 0]]),
        np.concatenate([b, across[:, 1]]),
        np.concatenate([strength, np.full(len(across), weight)]),
    )
    found = bridges(LABEL, linkage_of(SIZE, links), holds_of(SIZE, {**OWN, **users}))
    return np.flatnonzero(found).tolist()


def test_two_rings_that_share_nothing_have_no_bridge() -> None:
    assert named({}) == []


def test_a_link_between_clusters_makes_both_ends_bridges() -> None:
    assert named({}, (1, 6)) == [1, 6]
    assert named({}, (1, 6), weight=0.49) == []


def test_a_link_to_somebody_in_no_cluster_is_no_bridge() -> None:
    assert named({}, (1, 10)) == []


def test_those_who_share_a_lent_card_are_bridges() -> None:
    assert named({"payment:lent": [0, 5]}) == [0, 5]


def test_who_borrows_the_card_of_another_ring_is_a_bridge_its_owners_are_not() -> None:
    assert named({"payment:east": [*EAST, 7]}) == [7]


def test_an_address_that_some_of_both_use_makes_no_bridge() -> None:
    assert named({"ip:exit": [0, 1, 5, 6]}) == []


def test_a_member_joins_by_what_weighs_most_in_its_best_link() -> None:
    def table(name: str, columns: tuple[str, ...], *rows: tuple[object, ...]) -> pa.Table:
        given = [dict(zip(("account_a", "account_b", *columns), r, strict=True)) for r in rows]
        return pa.Table.from_pylist(given, schema=SCHEMAS[name])

    links = table(
        "links",
        ("match_weight", "cluster_id"),
        ("a", "b", 9.0, "C-1"),
        ("a", "c", 4.0, "C-1"),
        ("b", "d", 20.0, None),
    )
    reasons = table(
        "reasons",
        ("comparison", "key", "bits"),
        ("a", "b", "device", "device:x", 8.0),
        ("a", "b", "synchrony", None, 3.0),
        ("a", "c", "synchrony", None, 5.0),
        ("a", "c", "device", None, -1.0),
        ("b", "d", "device", "device:y", 30.0),
    )
    ids = pa.chunked_array([["a", "b", "c", "d"]])
    told = joined_by(ids, links, reasons).to_pylist()
    assert told == ["device:x", "device:x", "synchrony", None]


def test_the_strongest_link_of_each_member_inside_its_cluster() -> None:
    a, b = np.array([0, 0, 1, 1]), np.array([1, 2, 2, 3])
    cluster = np.array([0, 0, 0, 1])
    weight = np.array([9.0, 4.0, 4.0, 20.0])
    # Accounts 0 and 1 have the first; of the two of account 2 the first; 1 to 3 leads out.
    assert strongest_links(a, b, weight, cluster).tolist() == [0, 1]
    assert strongest_links(a, b, weight, np.array([-1, -1, -1, 1])).tolist() == []
