"""Merge: halves of one campaign find each other again, strangers never do."""

from __future__ import annotations

import numpy as np

from forensics.cluster.holds import Holds
from forensics.cluster.merge import merge_clusters
from tests.cluster.build import grouped, holds_of

HALVES = np.repeat([0, 1], 10)
#: Clusters of strangers beside the two halves, so that chance has something to be measured on.
SIZE = 220
OTHERS = np.concatenate([HALVES, 2 + np.arange(SIZE - 20) // 4])


def of_their_own(size: int) -> dict[str, list[int]]:
    """Return a card, a device and an address of its own for each account."""
    return {f"{kind}:own{n}": [n] for n in range(size) for kind in ("payment", "device", "ip")}


def merged(users: dict[str, list[int]], **operators: float) -> list[set[int]]:
    """Return the groups over two accounts that were not there before."""
    found = merge_clusters(OTHERS, holds_of(SIZE, {**of_their_own(SIZE), **users}, **operators))
    return [g for g in grouped(found) if g & set(range(20))]


def test_one_shared_value_never_merges() -> None:
    for value in ("payment:a", "device:a", "ip:a", "prompt:a", "identifier:a"):
        assert merged({value: [0, 1, 2, 10, 11, 12]}) == [set(range(10)), set(range(10, 20))]


def test_two_values_of_one_kind_are_not_enough() -> None:
    assert merged({"ip:a": [0, 10], "ip:b": [1, 11]}) == [set(range(10)), set(range(10, 20))]


def test_a_card_that_most_of_both_halves_use_is_theirs() -> None:
    assert merged({"payment:ours": [*range(8), *range(10, 18)]}) == [set(range(20))]


def test_a_card_that_hardly_anybody_else_uses_is_theirs_as_well() -> None:
    """The staff of a company on one card may share nothing else, and look like many operators."""
    separate = [set(range(10)), set(range(10, 20))]
    most = [*range(8), *range(10, 18)]
    assert merged({"payment:ours": most}, ours=9.0) == [set(range(20))]
    assert merged({"payment:ours": [*most, *range(20, SIZE, 2)]}, ours=9.0) == separate
    assert merged({"payment:ours": most}, ours=99.0) == separate  # a test token, or the like


def test_an_address_that_most_of_both_use_is_not_personal_and_joins_nobody() -> None:
    assert merged({"ip:ours": [*range(20)]}) == [set(range(10)), set(range(10, 20))]


def test_values_that_many_clusters_use_join_none() -> None:
    everybody = list(range(0, SIZE, 2))
    common = {f"ip:{n}": everybody for n in range(6)}
    separate = [set(range(10)), set(range(10, 20))]
    assert merged(common, **{str(n): 60.0 for n in range(6)}) == separate


def test_nothing_shared_merges_nothing() -> None:
    empty = holds_of(20, {})
    assert merge_clusters(HALVES, empty).tolist() == HALVES.tolist()
    assert isinstance(empty, Holds)


def test_accounts_alone_are_not_gathered_into_a_cluster() -> None:
    """Two single accounts are a pair, which `links` judge, not a merge."""
    alone = np.arange(40)
    shared = {"payment:a": [0, 1], "device:b": [0, 1], "ip:c": [0, 1]}
    assert grouped(merge_clusters(alone, holds_of(40, shared))) == []


def test_two_halves_that_share_several_rare_values_of_several_kinds_merge() -> None:
    shared = {"payment:a": [0, 10], "device:b": [1, 11], "ip:c": [2, 3, 12, 13]}
    assert merged(shared) == [set(range(20))]


def test_lines_and_a_prompt_of_single_members_do_not_make_a_large_group_part_of_another() -> None:
    """The lines at home of three of a company's staff are proxies of a campaign's as well."""
    lines = {f"ip:{n}": [*range(3 * n, 3 * n + 3), 10 + n] for n in range(3)}
    prompt = {"prompt:theirs": [*range(10), 13]}
    assert merged({**lines, **prompt}) == [set(range(10)), set(range(10, 20))]


def test_three_parts_of_a_campaign_become_one_to_a_fixed_point() -> None:
    label = np.concatenate([np.repeat([0, 1, 2], 5), 3 + np.arange(200) // 4])
    chain = {
        "payment:ab": [0, 5], "device:ab": [1, 6], "ip:ab": [2, 7],
        "payment:bc": [5, 10], "device:bc": [6, 11], "ip:bc": [7, 12],
    }  # fmt: skip
    holds = holds_of(215, {**of_their_own(215), **chain})
    assert grouped(merge_clusters(label, holds))[0] == set(range(15))
