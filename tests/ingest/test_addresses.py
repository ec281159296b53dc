from __future__ import annotations

import pyarrow as pa
import pytest

from forensics.ingest.addresses import addresses, networks


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:201", "192.0.2.1"),
    ],
)
def test_addresses_have_one_form(given: str, canonical: str) -> None:
    assert addresses(pa.array([given, None])).values.to_pylist() == [canonical, None]


@pytest.mark.parametrize(
    "given", ["192.0.2.256", "192.0.2", "192.0.02.1", "192.0.2.1:443", "fe80::1%eth0", "host"]
)
def test_what_is_no_address_is_bad(given: str) -> None:
    checked = addresses(pa.array(["192.0.2.1", given]))
    assert checked.values.to_pylist() == ["192.0.2.1", None]
    assert checked.reasons.to_pylist() == [
        None,
        f"not an IPv4 or IPv6 address; found '{given}'",
    ]


def test_networks_have_one_form() -> None:
    given = ["192.0.2.9/24", "192.0.2.9", "2001:DB8::1/32", "::ffff:192.0.2.0/120", "192.0.2.0/33"]
    assert networks(pa.array(given)).values.to_pylist() == [
        "192.0.2.0/24",
        "192.0.2.9/32",
        "2001:db8::/32",
        "192.0.2.0/24",
        None,
    ]
