"""Placeholders: what stands where the real value was not known is nobody's own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from forensics.link.compare import first_guess
from forensics.link.material import coarsen
from forensics.link.placeholders import placeholders
from forensics.link.uses import comparisons_of
from tests.link.build import comparison, material

OTHERS = {
    "instrument": [f"payment:tok-{n:04}" for n in range(99)],
    "address": [f"ip:93.184.{n}.7" for n in range(99)],
    "device": [f"device:d{n:04}" for n in range(99)],
    "cookie": [f"cookie:c{n:04}" for n in range(99)],
}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("instrument", "payment:tok_test_visa_ok"),
        ("instrument", "payment:tok_visa"),
        ("instrument", "payment:pm_card_mastercard"),
        ("instrument", "payment:UNKNOWN"),
        ("address", "ip:10.20.0.5"),
        ("address", "ip:100.64.0.9"),
        ("address", "ip:192.168.1.1"),
        ("address", "ip:::1"),
        ("address", "ip:fe80::1"),
        ("device", "device:00000000-0000-0000-0000-000000000000"),
        ("device", "device:N/A"),
        ("cookie", "cookie:null"),
    ],
)
def test_a_placeholder_is_told_by_its_form(name: str, key: str) -> None:
    mask = placeholders(name, pa.array([*OTHERS[name], key]))
    assert np.flatnonzero(mask).tolist() == [99]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("instrument", "payment:latest-4711"),
        ("instrument", "payment:contest"),
        ("address", "ip:100.128.0.9"),
        ("address", "ip:172.32.0.1"),
        ("address", "ip:203.0.113.4"),
        ("device", "device:0a"),
        ("cookie", "cookie:default-4711"),
    ],
)
def test_what_only_looks_like_one_is_none(name: str, key: str) -> None:
    assert not placeholders(name, pa.array([*OTHERS[name], key])).any()


def test_where_many_values_have_the_form_they_are_named_so() -> None:
    inside = pa.array([f"ip:10.0.0.{n}" for n in range(6)] + OTHERS["address"][:90])
    assert not placeholders("address", inside).any()


def test_the_prefix_of_addresses_inside_is_one_too_and_no_other() -> None:
    keys = [*(f"ip:93.184.{n}.7" for n in range(99)), "ip:10.0.0.5", "ip:10.0.0.12", "ip:8.8.8.8"]
    address = comparison("address", {key: [n] for n, key in enumerate(keys)}, len(keys))
    own = sorted({key.removeprefix("ip:").rpartition(".")[0] for key in keys})
    prefix_of = np.array(
        [own.index(key.as_py().removeprefix("ip:").rpartition(".")[0]) for key in address.keys]
    )
    prefix = coarsen(address, "prefix", pa.array(own), prefix_of)
    assert [own[n] for n in np.flatnonzero(prefix.placeholder)] == ["10.0.0"]
    assert first_guess(material(len(keys), prefix))["prefix"].nobodys.sum() == 1


def test_sharing_a_placeholder_is_worth_nothing() -> None:
    keys = [*OTHERS["device"], "device:unknown", "device:unknown", "device:d0000"]
    uses = pa.table(
        {
            "account": pa.array(range(len(keys)), pa.int64()),
            "comparison": ["device"] * len(keys),
            "key": keys,
            "first_seen": pa.nulls(len(keys), pa.timestamp("us")),
            "last_seen": pa.nulls(len(keys), pa.timestamp("us")),
        }
    )
    device = comparisons_of(uses, len(keys))["device"]
    effective = first_guess(material(len(keys), device))["device"].effective
    of = dict(zip(device.keys.to_pylist(), effective.tolist(), strict=True))
    assert of["device:unknown"] == len(keys)
    assert of["device:d0000"] < 2
