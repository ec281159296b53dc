"""Who announces which addresses, and pools of addresses that accounts draw from.

No address is anyone's: IPv4 lies in 240.0.0.0/4 (reserved, never routed), IPv6 in 3fff::/20
(documentation, RFC 9637); AS numbers are private ones (RFC 6996).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.simulate.draws import Ints, Reals, Rng
from forensics.simulate.places import COUNTRIES, COUNTRY_WEIGHTS

_V4 = 240 << 24
_V6 = 0x3FFF << 16
_HEX = np.array([f"{i:x}" for i in range(1 << 16)])
_DEC = np.array([str(i) for i in range(256)])


@dataclass(frozen=True)
class Network:
    """A block of addresses; `base` is its first IPv4 address, or the upper 32 bits of IPv6."""

    base: int
    length: int
    kind: str
    asn: int
    name: str
    v6: bool = False

    @property
    def cidr(self) -> str:
        """The block in CIDR notation."""
        if self.v6:
            return str(ipaddress.IPv6Network((self.base << 96, self.length)))
        return str(ipaddress.IPv4Network((self.base, self.length)))


class Networks:
    """All networks of a platform, and the address pools inside them.

    A pool is a run of addresses. With a lease, it gives its addresses one after another, each
    for that many seconds; without one, any of them at any time.
    """

    def __init__(self, rng: Rng, accounts: int) -> None:
        self.rng = rng
        self.networks: list[Network] = []
        self._next_v4, self._next_v6, self._next_asn = _V4, _V6, 4_200_000_000
        self._first: list[Ints] = []
        self._size: list[Ints] = []
        self._lease: list[Reals] = []
        self._upper: list[Ints] = []
        self._lower: list[Ints] = []
        self._pools = self._addresses = 0
        # A platform's people are few among a provider's customers: seldom does a stranger get
        # the address that another one had.
        length = 32 - int(np.clip(np.ceil(np.log2(accounts * 100 / len(COUNTRIES))), 14, 23))
        self.homes = [self.add("residential", length, f"{c.name} Broadband") for c in COUNTRIES]
        self.homes_v6 = [self.add("residential", 32, f"{c.name} Fibre", v6=True) for c in COUNTRIES]
        self.carriers = [self.add("mobile", 24, f"{c.name} Mobile") for c in COUNTRIES]
        self.vpns = [self.add("vpn", 24, f"Veil VPN {i + 1}") for i in range(6)]
        self.clouds = [self.add("datacenter", 18, f"Stratus Cloud {i + 1}") for i in range(5)]
        self.business = [self.add("corporate", 18, f"{c.name} Business") for c in COUNTRIES]

    def add(self, kind: str, length: int, name: str, *, v6: bool = False) -> int:
        """Announce a new block; returns the network's number."""
        self._next_asn += 1
        if v6:
            base, self._next_v6 = self._next_v6, self._next_v6 + 1
        else:
            size = 1 << (32 - length)
            base = -(-self._next_v4 // size) * size
            self._next_v4 = base + size
        self.networks.append(Network(base, length, kind, self._next_asn, name, v6))
        return len(self.networks) - 1

    def pools(self, network: Ints, sizes: Ints | int, lease: float | Reals = 0.0) -> Ints:
        """Add a pool of random addresses in each of the networks; returns the pools' numbers."""
        count = len(network)
        sizes = np.broadcast_to(np.asarray(sizes, np.int64), count)
        owner = np.repeat(np.arange(count), sizes)
        base = np.array([n.base for n in self.networks])[network]
        v6 = np.array([n.v6 for n in self.networks])[network]
        width = np.array([32 - n.length for n in self.networks])[network]
        # An IPv6 household keeps its /64 and changes the lower half.
        household = base * (1 << 32) + self.rng.integers(1, 1 << 32, count)
        host = 1 + (self.rng.random(len(owner)) * ((1 << width[owner]) - 2)).astype(np.int64)
        self._upper.append(np.where(v6, household, 0)[owner])
        self._lower.append(
            np.where(v6[owner], self.rng.integers(1, 1 << 62, len(owner)), base[owner] + host)
        )
        return self._register(sizes, lease)

    def borrow(self, pools: Ints, size: int) -> int:
        """Add one pool of `size` addresses that other pools hold; returns its number."""
        upper, lower = np.concatenate(self._upper), np.concatenate(self._lower)
        first, sizes = np.concatenate(self._first)[pools], np.concatenate(self._size)[pools]
        pick = self.rng.integers(0, len(pools), size)
        address = first[pick] + (self.rng.random(size) * sizes[pick]).astype(np.int64)
        self._upper.append(upper[address])
        self._lower.append(lower[address])
        return int(self._register(np.array([size]), 0.0)[0])

    def _register(self, sizes: Ints, lease: float | Reals) -> Ints:
        count = len(sizes)
        self._first.append(self._addresses + np.cumsum(sizes) - sizes)
        self._size.append(np.array(sizes))
        self._lease.append(np.broadcast_to(np.asarray(lease, float), count).copy())
        self._addresses += int(sizes.sum())
        self._pools += count
        return np.arange(self._pools - count, self._pools)

    def choose(self, rng: Rng, pool: Ints, at: Reals) -> Ints:
        """Return the address (its number) that each of these pools gives at these times."""
        first, size = np.concatenate(self._first)[pool], np.concatenate(self._size)[pool]
        lease = np.concatenate(self._lease)[pool]
        term = np.floor((at + lease * 64) / np.where(lease > 0, lease, 1)).astype(np.int64)
        random = (rng.random(len(pool)) * size).astype(np.int64)
        return np.asarray(first + np.where(lease > 0, (term + pool) % size, random))

    def text(self, address: Ints) -> pa.Array:
        """Return addresses as text, given their numbers."""
        upper = np.concatenate(self._upper)[address]
        lower = np.concatenate(self._lower)[address]
        octets = [_DEC[(lower >> s) & 255] for s in (24, 16, 8, 0)]
        parts = [_HEX[(upper >> s) & 0xFFFF] for s in (48, 32, 16, 0)]
        parts += [_HEX[np.maximum((lower >> s) & 0xFFFF, 1)] for s in (48, 32, 16, 0)]
        v4 = pc.binary_join_element_wise(*(pa.array(o, pa.string()) for o in octets), ".")
        v6 = pc.binary_join_element_wise(*(pa.array(p, pa.string()) for p in parts), ":")
        return pc.if_else(pa.array(upper == 0), v4, v6)

    def home(self, rng: Rng, country: Ints, lease_days: float = 30.0) -> Ints:
        """Add a home connection each; addresses change now and then, or a /64 stays."""
        v6 = rng.random(len(country)) < 0.25
        network = np.where(v6, np.array(self.homes_v6)[country], np.array(self.homes)[country])
        lease = rng.lognormal(np.log(lease_days), 1.0, len(country)).clip(2, 400) * 86_400
        return self.pools(network, np.where(v6, 6, 4), np.where(v6, 0.0, lease))

    def table(self) -> pa.Table:
        """Return the `networks` table."""
        return pa.table(
            {
                "cidr": [n.cidr for n in self.networks],
                "kind": [n.kind for n in self.networks],
                "asn": [n.asn for n in self.networks],
                "name": [n.name for n in self.networks],
            }
        )


def countries(rng: Rng, count: int) -> Ints:
    """Return a country (its number in COUNTRIES) for each of `count` operators."""
    return rng.choice(len(COUNTRIES), count, p=COUNTRY_WEIGHTS)
