"""Kinds that lie on devices, or are copies of something, are no evidence beside it."""

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
    return mark_carried({"device": DEVICES, name: kind})[name].carrier == "device"


def carriers(**users: dict[str, list[int]]) -> dict[str, str | None]:
    """Return what carries each of some comparisons."""
    found = mark_carried({name: comparison(name, of, 60) for name, of in users.items()})
    return {name: kind.carrier for name, kind in found.items()}


def test_cookies_that_users_of_one_device_share_lie_on_it() -> None:
    assert carried(PAIRS)
    assert carried({**PAIRS, "lost": [5, 59], "own": [50]})


def test_a_tax_id_is_shared_across_devices() -> None:
    assert not carried({**PAIRS, **ACROSS}, "tax_id")


def test_few_shared_values_tell_nothing_of_their_kind() -> None:
    assert not carried(dict(list(PAIRS.items())[1:]))


def test_kinds_that_are_known_are_left_as_they_are() -> None:
    assert not carried(PAIRS, "phone")


def named(name: str, users: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return the same users of values of another name."""
    return {f"{name}-{key}": accounts for key, accounts in users.items()}


def test_the_name_of_a_host_is_a_copy_of_its_address() -> None:
    lines = {**PAIRS, "home": [50], "other": [51]}
    assert carriers(address=lines, hostname=named("host", lines))["hostname"] == "address"


def test_a_tax_number_of_those_on_one_line_is_no_copy_of_it() -> None:
    """The line has more users, or its users have more lines."""
    shared_more = {key: [*users, 59 - users[0]] for key, users in PAIRS.items()}
    assert carriers(address=shared_more, tax_id=PAIRS)["tax_id"] is None
    moved = {**PAIRS, **{f"mobile{n}": [n] for n in range(60)}}
    assert carriers(address=moved, tax_id=PAIRS)["tax_id"] is None


def test_of_copies_of_each_other_the_first_by_name_counts() -> None:
    found = carriers(cookie=PAIRS, storage=named("s", PAIRS), canvas=named("c", PAIRS))
    assert found == {"canvas": None, "cookie": "canvas", "storage": "canvas"}
    assert carriers(tax_id={**PAIRS, **ACROSS}, cookie=PAIRS) == {"tax_id": None, "cookie": None}


def test_a_cookie_adds_nothing_to_its_device_and_counts_in_full_without() -> None:
    device = observed("device", np.array([1, 0]))
    cookie = observed("cookie", np.array([1, 1]), kind="identifier", causes=("device",))
    bits = {"device": np.array([12_000, -600]), "cookie": np.array([9_000, 9_000])}
    assert echoes_bounded(bits, [device, cookie])["cookie"].tolist() == [0, 9_000]


def test_an_address_adds_a_bit_to_its_device() -> None:
    device = observed("device", np.array([1, 0]))
    address = observed("address", np.array([4, 4]), kind="ip")
    bits = {"device": np.array([12_000, -600]), "address": np.array([9_000, 9_000])}
    assert echoes_bounded(bits, [device, address])["address"].tolist() == [1_000, 9_000]
