"""Kinds that lie on devices are no evidence beside them."""

from __future__ import annotations

import numpy as np

from forensics.link.carried import mark_carried
from forensics.link.weights import echoes_bounded
from tests.link.build import comparison, observed

DEVICES = comparison("device", {"laptop": range(4), "phone": range(4, 8), "own": [8, 9]}, 10)


def carried(users: dict[str, list[int]], name: str = "cookie") -> bool:
    kind = comparison(name, users, 10)
    return mark_carried({"device": DEVICES, name: kind})[name].carried


def test_cookies_that_users_of_one_device_share_lie_on_it() -> None:
    assert carried({"c1": [0, 1], "c2": [2, 3], "c3": [4, 5, 6], "c4": [7], "c5": [8]})


def test_a_tax_id_is_shared_across_devices() -> None:
    assert not carried({"t1": [0, 4, 8], "t2": [1, 5], "t3": [2, 3]}, "tax_id")


def test_what_nobody_shares_lies_nowhere() -> None:
    assert not carried({f"c{n}": [n] for n in range(10)})


def test_kinds_that_are_known_are_left_as_they_are() -> None:
    assert not carried({"p1": [0, 1], "p2": [4, 5]}, "phone")


def test_a_cookie_adds_a_bit_to_its_device_and_counts_in_full_without() -> None:
    device = observed("device", np.array([1, 0]))
    cookie = observed("cookie", np.array([1, 1]), kind="identifier", causes=("device",))
    bits = {"device": np.array([12_000, -600]), "cookie": np.array([9_000, 9_000])}
    assert echoes_bounded(bits, [device, cookie])["cookie"].tolist() == [1_000, 9_000]
