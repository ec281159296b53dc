"""Part: what two rings borrow does not make them one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from forensics.cluster.borrow import part_borrowed
from tests.cluster.build import grouped, holds_of

EAST, WEST = list(range(6)), list(range(6, 12))
RINGS = {"device:east": EAST, "payment:east": EAST, "device:west": WEST, "payment:west": WEST}
EVERYBODY = set(range(12))


def part(
    users: Mapping[str, Iterable[int]], label: list[int] | None = None, **borrowed: float
) -> list[set[int]]:
    """Return the groups; `borrowed` gives the operators of values that have more than one."""
    size = 1 + max(max(of) for of in users.values())
    start = np.zeros(size, np.int64) if label is None else np.array(label)
    return grouped(part_borrowed(start, holds_of(size, users, **borrowed)))


def test_an_exit_that_all_of_two_rings_use_does_not_make_them_one() -> None:
    assert part({**RINGS, "ip:exit": EAST + WEST}, exit=2.0) == [set(EAST), set(WEST)]


def test_a_lent_card_and_a_shared_exit_don_t_either() -> None:
    lent = {**RINGS, "payment:lent": [0, 6], "ip:exit": [1, 2, 7, 8]}
    assert part(lent, exit=3.0) == [set(EAST), set(WEST)]


def test_two_exits_in_common_are_one_operator_s() -> None:
    exits = {**RINGS, "ip:one": [0, 1, 6], "ip:two": [3, 7, 8]}
    assert part(exits, one=2.0, two=5.0) == [EVERYBODY]


def test_an_exit_is_borrowed_even_if_it_is_seen_to_have_one_operator() -> None:
    """Its users would look like one operator's by the lent card alone."""
    users = {**RINGS, "payment:lent": [0, 6], "ip:exit": [0, 1, 2, 6, 7, 8]}
    assert part(users) == [set(EAST), set(WEST)]


def test_a_template_or_a_device_of_one_operator_is_its_own() -> None:
    assert part({**RINGS, "prompt:own": EAST + WEST}, own=1.5) == [EVERYBODY]
    assert part({**RINGS, "prompt:own": EAST + WEST}, own=1.7) == [set(EAST), set(WEST)]


def test_who_shares_only_exits_goes_where_it_shares_most() -> None:
    """12 is on two exits of the west; 13 is held by nothing, and goes to the larger ring."""
    users = {
        **RINGS,
        "device:east": [*EAST, 14],
        "ip:exit": [*EAST, *WEST, 12],
        "ip:rented": [*WEST, 12],
        "device:alone": [13],
    }
    parts = part(users, exit=2.0, rented=2.0)
    assert parts == [{*EAST, 13, 14}, {*WEST, 12}]


def test_a_ring_without_anything_of_its_own_stays_whole() -> None:
    """Six accounts on one exit, and a pair among them on one card: no part could stand alone."""
    users = {"ip:exit": EAST, "payment:pair": [0, 1]}
    assert part(users, exit=2.0) == [set(EAST)]


def test_other_groups_stay_as_they_are() -> None:
    users = {**RINGS, "ip:exit": EAST + WEST, "ip:far": range(12, 20)}
    label = [0] * 12 + [1] * 4 + [2] * 4
    assert part(users, label, exit=2.0, far=9.0) == [
        set(EAST), set(WEST), set(range(12, 16)), set(range(16, 20)),
    ]  # fmt: skip
