"""What an address says of itself: its prefix (/24 or /48) and the network that it lies in."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.link.uses import Ints


@dataclass(frozen=True)
class Version:
    """One version of the protocol: bytes of an address, and of its prefix."""

    number: int
    family: socket.AddressFamily
    width: int
    kept: int


VERSIONS = (Version(4, socket.AF_INET, 4, 3), Version(6, socket.AF_INET6, 16, 6))


def describe_addresses(addresses: pa.Array, networks: pa.Table) -> pa.Table:
    """Return `prefix`, `network_kind`, `asn`, `network_name` of each canonical address.

    The longest network that holds an address describes it; null where none does.
    """
    is_six = pc.match_substring(addresses, ":").to_numpy(zero_copy_only=False)
    rows, place = np.full(len(addresses), -1, dtype=np.int64), np.empty(len(addresses), np.int64)
    prefixes, offset = [], 0
    for version in VERSIONS:
        mine = np.flatnonzero(is_six == (version.number == 6))
        packed = _packed(addresses.take(pa.array(mine)), version)
        texts, of_address = _prefixes(packed, version)
        rows[mine], place[mine] = _longest_match(packed, version, networks), of_address + offset
        prefixes.append(texts)
        offset += len(texts)
    taken = pa.array(rows, pa.int64(), mask=rows < 0)
    kind, asn, name = (
        pc.take(networks[column].combine_chunks(), taken) for column in ("kind", "asn", "name")
    )
    prefix = pa.concat_arrays(prefixes).take(pa.array(place))
    return pa.table({"prefix": prefix, "network_kind": kind, "asn": asn, "network_name": name})


def _packed(texts: pa.Array, version: Version) -> np.ndarray:
    """Return addresses as bytes, which sort as the numbers that they are."""
    packed = b"".join(socket.inet_pton(version.family, text) for text in texts.to_pylist())
    return np.frombuffer(packed, dtype=f"S{version.width}")


def _prefixes(packed: np.ndarray, version: Version) -> tuple[pa.Array, Ints]:
    """Return the distinct prefixes, and for each address its own among them."""
    kept = packed.view(np.uint8).reshape(-1, version.width)[:, : version.kept]
    distinct, of_address = np.unique(
        np.ascontiguousarray(kept).view(f"S{version.kept}").reshape(-1), return_inverse=True
    )
    texts = [
        f"{socket.inet_ntop(version.family, first.ljust(version.width, bytes(1)))}"
        f"/{8 * version.kept}"
        for first in distinct.tolist()
    ]
    return pa.array(texts, pa.string()), of_address.astype(np.int64)


def _longest_match(packed: np.ndarray, version: Version, networks: pa.Table) -> Ints:
    """Return per address the row of the longest network that holds it, -1 where none does.

    In the order of addresses a network is a range: short ones are filled in first, and of equal
    ones the first last.
    """
    ranges = [ipaddress.ip_network(cidr) for cidr in networks["cidr"].to_pylist()]
    known = [row for row, network in enumerate(ranges) if network.version == version.number]
    known.sort(key=lambda row: (ranges[row].prefixlen, -row))
    first = [ranges[row].network_address.packed for row in known]
    last = [ranges[row].broadcast_address.packed for row in known]
    order = np.argsort(packed, kind="stable")
    start = np.searchsorted(packed[order], np.array(first, packed.dtype), side="left")
    stop = np.searchsorted(packed[order], np.array(last, packed.dtype), side="right")
    ordered = np.full(len(packed), -1, dtype=np.int64)
    for row, low, high in zip(known, start.tolist(), stop.tolist(), strict=True):
        ordered[low:high] = row
    rows = np.empty_like(ordered)
    rows[order] = ordered
    return rows
