"""Split: no one shared value holds two operators together."""

from __future__ import annotations

import numpy as np

from forensics.cluster.holds import Holds
from forensics.cluster.split import split_bridged
from tests.cluster.build import grouped, holds_of

EAST, WEST = list(range(6)), list(range(6, 12))
RINGS = {"device:east": EAST, "payment:east": EAST, "device:west": WEST, "payment:west": WEST}


def split(holds: Holds, label: list[int] | None = None) -> list[set[int]]:
    start = np.zeros(holds.size, np.int64) if label is None else np.array(label)
    return grouped(split_bridged(start, holds))


def test_one_lent_card_between_two_rings_is_cut() -> None:
    lent = holds_of(12, {**RINGS, "payment:lent": [0, 6]})
    assert split(lent) == [set(EAST), set(WEST)]


def test_one_vpn_exit_that_some_of_both_rings_use_is_cut() -> None:
    exit_ = holds_of(12, {**RINGS, "ip:exit": [0, 1, 6, 7]})
    assert split(exit_) == [set(EAST), set(WEST)]


def test_a_card_that_all_members_use_is_no_bridge() -> None:
    """Two devices, three accounts each, on one card: one operator with two devices."""
    card = holds_of(6, {"payment:x": range(6), "device:a": [0, 1, 2], "device:b": [3, 4, 5]})
    assert split(card) == [set(range(6))]


def test_two_values_between_two_rings_are_no_single_bridge() -> None:
    both = holds_of(12, {**RINGS, "payment:lent": [0, 6], "device:both": [1, 7]})
    assert split(both) == [set(range(12))]


def test_a_pair_that_hangs_on_one_value_stays() -> None:
    """Parts under three accounts are no operators of their own."""
    east = {"device:east": EAST, "payment:east": EAST}
    pair = holds_of(8, {**east, "payment:x": [5, 6], "device:two": [6, 7]})
    assert split(pair) == [set(range(8))]


def rings(count: int, *kinds: str, each: int = 4) -> dict[str, list[int]]:
    """Return rings of four, each held by one value of these kinds."""
    return {
        f"{kind}:{n}": list(range(each * n, each * (n + 1))) for n in range(count) for kind in kinds
    }


def told_apart(users: dict[str, list[int]], count: int, each: int = 4) -> bool:
    label = split_bridged(np.zeros(count * each, np.int64), holds_of(count * each, users))
    return label.tolist() == np.repeat(np.arange(count), each).tolist()


def test_several_rings_on_one_lent_card_are_all_told_apart() -> None:
    lent = {"payment:lent": [0, 4, 8, 12, 16]}
    assert told_apart({**rings(5, "device", "ip"), **lent}, 5)


def test_the_cut_does_not_reach_into_other_clusters() -> None:
    lent = holds_of(16, {**RINGS, "payment:lent": [0, 6], "device:far": range(12, 16)})
    assert split(lent, [0] * 12 + [1] * 4) == [set(EAST), set(WEST), set(range(12, 16))]


def test_the_order_of_uses_does_not_matter() -> None:
    users = {**RINGS, "payment:lent": [0, 6]}
    one = holds_of(12, users)
    order = np.random.default_rng(1).permutation(len(one.account))
    other = Holds(one.account[order], one.value[order], one.kind, 12, one.operators, one.kinds)
    assert split(one) == split(other)


def test_nothing_shared_leaves_the_clusters_as_they_are() -> None:
    assert split(holds_of(3, {})) == [{0, 1, 2}]


def test_every_lent_card_of_a_chain_of_rings_is_cut() -> None:
    lent = {f"payment:lent{n}": [4 * n + 3, 4 * (n + 1)] for n in range(11)}
    assert told_apart({**rings(12, "device", "ip"), **lent}, 12)


def test_the_lent_card_is_cut_not_the_only_device_of_a_ring() -> None:
    lent = {"payment:lent": [0, 4, 8]}
    assert told_apart({**rings(3, "device"), **lent}, 3)


def test_a_ring_of_which_a_bridge_is_the_only_hold_is_not_cut_apart() -> None:
    """Each of three values is a bridge alone; with two gone somebody would stand alone."""
    users = {
        "device:east": [0, 1, 2, 3], "ip:east": [0, 1, 2, 3],
        "device:mid": [4, 5], "device:west": [6, 7, 8, 9], "ip:west": [6, 7, 8, 9],
        "payment:a": [3, 4], "payment:b": [5, 6],
    }  # fmt: skip
    found = split(holds_of(10, users))
    assert found == [{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}]
