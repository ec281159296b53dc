"""What an address says of itself: its prefix (/24 or /48) and the network that it lies in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PREFIX_BITS = {4: 24, 6: 48}


@dataclass(frozen=True)
class Network:
    """One row of the `networks` table, as a number range."""

    version: int
    first: int
    length: int
    row: int


def describe_addresses(addresses: pa.Array, networks: pa.Table) -> pa.Table:
    """Return `prefix`, `network_kind`, `asn`, `network_name` of each canonical address.

    The longest network that holds an address describes it; null where none does.
    """
    texts = addresses.to_pylist()
    numbers: list[tuple[int, int]] = [(a.version, int(a)) for a in map(ipaddress.ip_address, texts)]
    rows = _longest_match(numbers, networks)
    taken = pa.array(rows, pa.int64(), mask=rows < 0)
    columns = {
        name: pc.take(networks[name].combine_chunks(), taken) for name in ("kind", "asn", "name")
    }
    return pa.table(
        {
            "prefix": pa.array([_prefix(*number) for number in numbers], pa.string()),
            "network_kind": columns["kind"],
            "asn": columns["asn"],
            "network_name": columns["name"],
        }
    )


def _prefix(version: int, number: int) -> str:
    kept = PREFIX_BITS[version]
    width = 32 if version == 4 else 128
    first = number >> (width - kept) << (width - kept)
    address = ipaddress.IPv4Address(first) if version == 4 else ipaddress.IPv6Address(first)
    return f"{address}/{kept}"


def _longest_match(numbers: list[tuple[int, int]], networks: pa.Table) -> np.ndarray:
    rows = np.full(len(numbers), -1, dtype=np.int64)
    lookups: dict[tuple[int, int], dict[int, int]] = {}
    for row, cidr in enumerate(networks["cidr"].to_pylist()):
        network = ipaddress.ip_network(cidr)
        width = network.max_prefixlen
        table = lookups.setdefault((network.version, width - network.prefixlen), {})
        table.setdefault(int(network.network_address) >> (width - network.prefixlen), row)
    for (version, shift), table in sorted(lookups.items(), reverse=True):
        for at, (kind, number) in enumerate(numbers):
            if kind == version:
                rows[at] = table.get(number >> shift, rows[at])
    return rows
