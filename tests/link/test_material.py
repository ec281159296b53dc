"""Material: the comparisons that a case is arranged into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forensics.link.material import Collected, coarsen, collect
from tests.link.build import comparison
from tests.platforms import DAY, Platform, at, write_case


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    platform = Platform()
    for account, minute in (("a", 0.0), ("b", 5.0), ("c", 9.5)):
        platform.join(account, minute)
    platform.pay("a", "tok-a", bin="411111")
    platform.pay("b", "tok-b", bin="411111")
    platform.pay("c", "tok-c")
    platform.connect("a", "192.0.2.1", DAY)
    platform.connect("b", "192.0.2.2", DAY + 59)
    platform.connect("b", "192.0.2.1", DAY + 30)
    platform.connect("c", "192.0.2.1", 2 * DAY, until=9 * DAY)
    platform.connect("c", "2001:db8::1", 2 * DAY)
    platform.connect("c", "192.0.2.9", -3.0)  # before the sign-up, as the next two
    platform.connect("b", "192.0.2.9", -3.0)
    platform.connect("b", "192.0.2.9", 70.0)
    platform.use("a", "dev-1", 30.0)
    platform.use("b", "dev-1", -3000 * DAY)  # a clock that was wrong
    platform.add("networks", cidr="192.0.2.0/24", kind="education", name="Campus")
    case = write_case(tmp_path_factory.mktemp("material") / "case", platform.rows)
    return collect(case)


def users(collected: Collected, name: str) -> dict[str, list[int]]:
    found = collected.material.comparisons[name]
    keys = found.keys.to_pylist()
    told: dict[str, list[int]] = {key: [] for key in keys}
    for account, value in zip(found.account.tolist(), found.value.tolist(), strict=True):
        told[keys[value]].append(account)
    return told


def test_each_address_brings_its_prefix_as_a_coarse_value(collected: Collected) -> None:
    assert users(collected, "prefix") == {"prefix:192.0.2.0/24": [0, 1, 2],
                                          "prefix:2001:db8::/48": [2]}  # fmt: skip
    address = collected.material.comparisons["address"].keys.to_pylist()
    prefix = collected.material.comparisons["prefix"].keys.to_pylist()
    told = {a: prefix[p] for a, p in zip(address, collected.material.prefix_of, strict=True)}
    assert told["ip:2001:db8::1"] == "prefix:2001:db8::/48"
    assert told["ip:192.0.2.9"] == "prefix:192.0.2.0/24"


def test_cards_bring_their_range_where_it_is_known(collected: Collected) -> None:
    assert users(collected, "card_range") == {"bin:411111": [0, 1]}


def test_networks_describe_the_addresses_in_their_order(collected: Collected) -> None:
    kinds = dict(
        zip(
            collected.material.comparisons["address"].keys.to_pylist(),
            collected.addresses["network_kind"].to_pylist(),
            strict=True,
        )
    )
    assert kinds["ip:192.0.2.2"] == "education"
    assert kinds["ip:2001:db8::1"] is None


def test_minutes_are_of_events_after_the_sign_up_not_of_ranges(collected: Collected) -> None:
    minutes = collected.material.minutes
    assert minutes is not None
    first = int(at(0).timestamp()) // 60
    told = sorted(
        (account, key - first)
        for account, key in zip(
            minutes.account.tolist(), minutes.keys.take(minutes.value).to_pylist(), strict=True
        )
    )
    assert told == [(0, DAY), (1, 70), (1, DAY + 30), (1, DAY + 59), (2, 2 * DAY)]


def test_hours_tell_who_was_on_an_address_at_the_same_time(collected: Collected) -> None:
    hours = collected.material.hours
    assert hours is not None
    keys = hours.keys.to_pylist()
    # a and b, not c's week; and not b and c before they signed up.
    assert [key.split("@")[0] for key in keys] == ["192.0.2.1"]


def test_a_use_that_begins_before_the_sign_up_has_no_time(collected: Collected) -> None:
    address = collected.material.comparisons["address"]
    used = zip(address.account.tolist(), address.keys.take(address.value).to_pylist(), strict=True)
    spans = dict(zip(used, zip(address.first_s, address.last_s, strict=True), strict=True))
    assert spans[1, "ip:192.0.2.9"] == spans[2, "ip:192.0.2.9"] == (0, 0)
    minute = int(at(DAY + 30).timestamp())
    assert spans[1, "ip:192.0.2.1"] == (minute, minute)


def test_so_it_is_with_every_kind_of_value(collected: Collected) -> None:
    device, minute = collected.material.comparisons["device"], int(at(30).timestamp())
    assert device.account.tolist() == [0, 1]  # b used it, if not then
    assert device.first_s.tolist() == device.last_s.tolist() == [minute, 0]


def test_sign_ups_are_in_seconds_and_zero_where_unknown(collected: Collected) -> None:
    started = int(at(0).timestamp())
    assert collected.material.created_s.tolist() == [started, started + 300, started + 570]


def test_an_account_of_no_sign_up_has_no_time_of_one(tmp_path: Path) -> None:
    platform = Platform()
    platform.join("b", 1.0)
    platform.pay("a", "tok", 7.0)
    material = collect(write_case(tmp_path / "case", platform.rows)).material
    assert material.created_s.tolist() == [0, int(at(1).timestamp())]


def test_coarsening_joins_uses_and_spans() -> None:
    fine = comparison("address", {"x": [0, 1], "y": [0], "z": [2]}, 3)
    fine = type(fine)("address", fine.keys, fine.account, fine.value,
                      np.array([5, 3, 8, 1]), np.array([6, 9, 8, 2]), 3)  # fmt: skip
    coarse = coarsen(fine, "prefix", fine.keys.slice(0, 2), np.array([0, 0, 1]))
    assert list(zip(coarse.account.tolist(), coarse.value.tolist(), strict=True)) == [
        (0, 0), (1, 0), (2, 1),
    ]  # fmt: skip
    assert coarse.first_s.tolist() == [3, 8, 1]
    assert coarse.last_s.tolist() == [9, 8, 2]
