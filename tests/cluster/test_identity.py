"""Identity over time: tomorrow's run calls the same cluster by the same id."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.cluster.identity import Members, name_clusters

EARLIER: Members = {"C-one": ["a", "b", "c", "d"], "C-two": ["x", "y", "z"]}
Row = tuple[str | None, str, str, int]


def named(
    members: list[str], earlier: Members = EARLIER, gone: str = ""
) -> tuple[list[str], list[Row]]:
    ids, lineage = name_clusters([list(m) for m in members], earlier, frozenset(gone))
    rows = [tuple(row.values()) for row in lineage.to_pylist()]
    return ids, rows


def test_an_unchanged_cluster_keeps_its_id_and_has_no_lineage() -> None:
    assert named(["abcd", "xyz"]) == (["C-one", "C-two"], [])


def test_the_order_of_the_clusters_does_not_matter() -> None:
    assert named(["xyz", "abcd"])[0] == ["C-two", "C-one"]


def test_a_cluster_that_grew() -> None:
    assert named(["abcdef", "xyz"]) == (["C-one", "C-two"], [("C-one", "C-one", "grew", 4)])


def test_a_cluster_that_split_leaves_its_id_with_the_larger_part() -> None:
    ids, rows = named(["ab", "cdxyz"], {"C-one": list("abcd"), "C-two": list("xyz")})
    assert ids[1] == "C-two"
    ids, rows = named(["abc", "d9", "xyz"])
    assert (ids[0], ids[2]) == ("C-one", "C-two")
    assert ids[1] not in EARLIER
    assert rows == [(ids[1], "C-one", "split", 1)]


def test_clusters_that_merged_take_the_id_of_the_larger() -> None:
    assert named(["abcdxyz"]) == (
        ["C-one"],
        [("C-one", "C-one", "grew", 4), ("C-one", "C-two", "merged", 3)],
    )


def test_a_cluster_that_vanished() -> None:
    assert named(["abcd"]) == (["C-one"], [(None, "C-two", "vanished", 3)])


def test_an_operator_that_came_back_after_all_its_accounts_were_suspended() -> None:
    assert named(["abcdef", "xyz"], gone="abcd")[1] == [("C-one", "C-one", "returned", 4)]
    assert named(["abcdef", "xyz"], gone="abc")[1] == [("C-one", "C-one", "grew", 4)]


def test_the_first_run_names_clusters_by_their_first_account() -> None:
    first, _ = named(["ab", "xy"], {})
    again, lineage = named(["yx", "ba"], {})
    assert first == again[::-1]
    assert lineage == []
    assert all(cid.startswith("C-") and len(cid) == 6 for cid in first)


def test_a_new_cluster_never_takes_an_id_that_is_in_use() -> None:
    (fresh,), _ = named(["q"], {})
    ids, _ = named(["mn", "q"], {fresh: ["m", "n"]})
    assert ids[0] == fresh
    assert ids[1].startswith(fresh)
    assert len(ids[1]) == len(fresh) + 1


@given(
    st.lists(st.sets(st.integers(0, 40), min_size=2, max_size=9), max_size=6),
    st.lists(st.sets(st.integers(0, 40), min_size=2, max_size=9), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_ids_are_distinct_and_every_earlier_cluster_is_accounted_for(
    before: list[set[int]], after: list[set[int]]
) -> None:
    def disjoint(groups: list[set[int]]) -> list[list[str]]:
        taken: set[int] = set()
        kept = []
        for group in groups:
            kept.append([str(a) for a in sorted(group - taken)])
            taken |= group
        return [g for g in kept if g]

    earlier = {f"C-{n}": accounts for n, accounts in enumerate(disjoint(before))}
    members = disjoint(after)
    ids, lineage = name_clusters(members, earlier)
    assert len(set(ids)) == len(ids) == len(members)
    told = {row["from_cluster"] for row in lineage.to_pylist()} | set(ids)
    assert set(earlier) <= told
    now = {a for m in members for a in m}
    vanished = {r["from_cluster"] for r in lineage.to_pylist() if r["kind"] == "vanished"}
    assert vanished == {cid for cid, accounts in earlier.items() if not now & set(accounts)}


@pytest.mark.parametrize("overlap", [1, 2])
def test_one_account_in_common_does_not_make_it_the_same_cluster(overlap: int) -> None:
    """A hundred new accounts and a few of an old cluster of a hundred are another cluster."""
    old = [f"old-{n:03}" for n in range(100)]
    new = [*old[:overlap], *(f"new-{n:03}" for n in range(100))]
    ids, lineage = name_clusters([new], {"C-old": old})
    assert ids != ["C-old"]
    assert lineage["from_cluster"].to_pylist() == ["C-old"]
