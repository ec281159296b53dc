"""IP addresses and networks in their one canonical form."""

from __future__ import annotations

import ipaddress
import socket

import pyarrow as pa
import pyarrow.compute as pc

from forensics.ingest.checked import Checked, refuse

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}$"
_MAPPED = bytes(10) + b"\xff\xff"


def addresses(text: pa.Array) -> Checked:
    """Return addresses as dotted IPv4 or as IPv6 of RFC 5952; IPv4-mapped IPv6 as IPv4."""
    plain = pc.match_substring_regex(text, _IPV4)
    others = pc.fill_null(pc.invert(plain), False)
    if not pc.any(others).as_py():
        return Checked(text)
    parsed = pa.array([_address(value) for value in text.filter(others).to_pylist()], pa.string())
    canonical = pc.replace_with_mask(text, others, parsed)
    bad = pc.and_(pc.is_null(canonical), pc.is_valid(text))
    return Checked(canonical, refuse(text, bad, "not an IPv4 or IPv6 address").reasons)


def networks(text: pa.Array) -> Checked:
    """Return networks in CIDR notation, host bits cleared; a lone address is a network of one."""
    canonical = pa.array([_network(value) for value in text.to_pylist()], pa.string())
    bad = pc.and_(pc.is_null(canonical), pc.is_valid(text))
    return Checked(canonical, refuse(text, bad, "not a network such as 192.0.2.0/24").reasons)


def _address(text: str) -> str | None:
    try:
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return None
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed)


def _network(text: str | None) -> str | None:
    try:
        network = None if text is None else ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return str(ipaddress.ip_network((mapped, network.prefixlen - 96)))
    return None if network is None else str(network)
