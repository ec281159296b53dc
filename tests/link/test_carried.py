"""Kinds that lie on devices are no evidence beside them."""

from __future__ import annotations

import numpy as np

from forensics.link.carried import LEAST, mark_carried
from forensics.link.weights import echoes_bounded
from tests.link.build import comparison, observed

#: Twenty devices of three accounts each.
DEVICES = comparison("device", {f"d{n}": range(3 * n, 3 * n + 3) for n in range(20)}, 60)
PAIRS = {f"v{n}": [3 * n, 3 * n + 1] for n in range(LEAST)}  # each on one device
ACROSS = {f"w{n}": [3 * n + 2, 3 * n + 3] for n in range(LEAST + 1)}  # each on two


def carried(users: dict[str, list[int]], name: str = "cookie") -> bool:
    kind = comparison(name, users, 60)
    return mark_carried({"device": DEVICES, name: kind})[name].carried


def test_cookies_that_users_of_one_device_share_lie_on_it() -> None:
    assert carried(PAIRS)
    assert carried({**PAIRS, "lost": [5, 59], "own": [50]})


def test_a_tax_id_is_shared_across_devices() -> None:
    assert not carried({**PAIRS, **ACROSS}, "tax_id")


def test_few_shared_values_tell_nothing_of_their_kind() -> None:
    assert not carried(dict(list(PAIRS.items())[1:]))


def test_kinds_that_are_known_are_left_as_they_are() -> None:
    assert not carried(PAIRS, "phone")


def test_a_cookie_adds_a_bit_to_its_device_and_counts_in_full_without() -> None:
    device = observed("device", np.array([1, 0]))
    cookie = observed("cookie", np.array([1, 1]), kind="identifier", causes=("device",))
    bits = {"device": np.array([12_000, -600]), "cookie": np.array([9_000, 9_000])}
    assert echoes_bounded(bits, [device, cookie])["cookie"].tolist() == [1_000, 9_000]
