"""What an address says of itself: its /24 or /48, and the longest network that holds it."""

from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.case.tables import TABLES
from forensics.link.addresses import describe_addresses


def networks(*rows: tuple[str, str, int, str]) -> pa.Table:
    given_rows = [
        dict(zip(("cidr", "kind", "asn", "name"), row, strict=True), source_sha256="", source_row=n)
        for n, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(given_rows, TABLES["networks"].schema())


NESTED = networks(
    ("10.0.0.0/8", "residential", 1, "wide"),
    ("10.1.0.0/16", "corporate", 2, "inside"),
    ("10.1.2.3/32", "vpn", 3, "one host"),
    ("2001:db8::/32", "mobile", 4, "six"),
    ("2001:db8:7::/48", "education", 5, "six inside"),
)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.200", "192.0.2.0/24"),
        ("0.0.0.1", "0.0.0.0/24"),
        ("255.255.255.255", "255.255.255.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::1", "::/48"),
    ],
)
def test_the_prefix_is_the_24_or_the_48(address: str, prefix: str) -> None:
    described = describe_addresses(pa.array([address]), networks())
    assert described["prefix"].to_pylist() == [prefix]
    assert described["network_kind"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.9.9.9", "wide"),
        ("10.1.9.9", "inside"),
        ("10.1.2.3", "one host"),
        ("11.0.0.1", None),
        ("2001:db8:6::1", "six"),
        ("2001:db8:7::1", "six inside"),
        ("2001:db9::1", None),
    ],
)
def test_the_longest_network_describes_an_address(address: str, name: str | None) -> None:
    described = describe_addresses(pa.array([address]), NESTED)
    assert described["network_name"].to_pylist() == [name]


def test_kind_and_number_come_with_the_name_whatever_the_order_of_the_networks() -> None:
    addresses = pa.array(["10.1.2.3", "10.1.9.9", "2001:db8:7::1", "8.8.8.8"])
    expected = [("vpn", 3), ("corporate", 2), ("education", 5), (None, None)]
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        described = describe_addresses(addresses, NESTED.take(pa.array(order))).to_pylist()
        assert [(row["network_kind"], row["asn"]) for row in described] == expected


def test_an_address_of_four_bytes_is_never_in_a_network_of_sixteen() -> None:
    everything = networks(("::/0", "vpn", 6, "all of IPv6"))
    described = describe_addresses(pa.array(["1.2.3.4", "::1"]), everything)
    assert described["network_name"].to_pylist() == [None, "all of IPv6"]


@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_address_lies_in_its_own_prefix(addresses: list[str]) -> None:
    prefixes = describe_addresses(pa.array(addresses), networks())["prefix"].to_pylist()
    for address, prefix in zip(addresses, prefixes, strict=True):
        assert ipaddress.ip_address(address) in ipaddress.ip_network(prefix)
