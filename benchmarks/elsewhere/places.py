"""Places that accounts work from, and the networks they belong to."""

from dataclasses import dataclass

from benchmarks.elsewhere.draws import DAY, Rng, favourite, happens, pick, several


@dataclass(frozen=True)
class Place:
    """Addresses of one line or pool: one at a time when leased, any of them otherwise."""

    addresses: tuple[str, ...]
    lease: float = 0.0

    def address(self, rng: Rng, at: float) -> str:
        turn = int(at // self.lease) if self.lease else int(rng.integers(1_000_000))
        return self.addresses[turn % len(self.addresses)]


class Atlas:
    """The networks of one platform's world; hands out lines, pools and exits."""

    def __init__(self, rng: Rng, countries: tuple[str, ...], nat_pool: int) -> None:
        self.rng = rng
        self.networks: list[tuple[str, str, int, str]] = []  # cidr, kind, asn, name
        self.homes: list[str] = []
        self.free = [(11 + i // 256, i % 256) for i in rng.permutation(160 * 256).tolist()]
        lands = sorted(set(countries))
        self.providers = {c: [self.block("residential", 16) for _ in range(3)] for c in lands}
        self.clouds = [self.block("datacenter", 16) for _ in range(3)]
        exits = [self.pool("vpn", 14) for _ in range(3)]
        self.common = {("vpn", c): exits for c in lands}
        for kind, size in (("mobile", nat_pool), ("education", 4)):
            self.common |= {(kind, c): [self.pool(kind, size) for _ in range(4)] for c in lands}

    def block(self, kind: str, bits: int) -> str:
        """A new block of addresses, entered among the networks; its first octets."""
        first, second = self.free.pop()
        start = f"{first}.{second}" if bits == 16 else f"{first}.{second}.{self.octet()}"
        number = int(self.rng.integers(1_000, 64_000))
        cidr = f"{start}.0.0/16" if bits == 16 else f"{start}.0/24"
        self.networks.append((cidr, kind, number, f"{kind}-{number}"))
        return start

    def pool(self, kind: str, size: int) -> Place:
        start = self.block(kind, 24)
        return Place(several(self.rng, [f"{start}.{i}" for i in range(1, 255)], size))

    def octet(self) -> int:
        return int(self.rng.integers(1, 255))

    def place(self, kind: str, country: str) -> Place:
        """A shared pool of that kind, a line, machines, or a site with addresses of its own."""
        if kind == "home":
            return self.home(country)
        if kind == "cloud":
            return self.cloud(pick(self.rng, (2, 3, 5, 8)))
        if kind == "abroad":
            return self.place("mobile", pick(self.rng, [*self.providers]))
        if (kind, country) in self.common:
            return favourite(self.rng, self.common[kind, country])
        return self.pool(kind, pick(self.rng, (1, 1, 2)))

    def home(self, country: str) -> Place:
        """A household's line: one address, or a new one every few weeks, some with IPv6."""
        start, third = favourite(self.rng, self.providers[country]), self.octet()
        line = tuple(f"{start}.{third}.{self.octet()}" for _ in range(pick(self.rng, (1, 1, 2, 3))))
        self.homes.extend(line)
        if not happens(self.rng, 0.2):
            return Place(line, lease=float(self.rng.uniform(14, 60)) * DAY)
        one, two = (int(x) for x in start.split("."))
        prefix = f"2a0{one % 10}:{one:x}{two:02x}:{self.rng.integers(1, 65_535):x}:{third:x}"
        return Place((*line, *(f"{prefix}::{self.rng.integers(1, 65_535):x}" for _ in range(4))))

    def cloud(self, count: int) -> Place:
        """Rented machines, most of them in one or two small ranges."""
        starts = [f"{pick(self.rng, self.clouds)}.{self.octet()}" for _ in range(1 + count // 12)]
        return Place(tuple(f"{pick(self.rng, starts)}.{self.octet()}" for _ in range(count)))

    def exit(self, country: str, borrowed: float) -> str:
        """A residential proxy; a borrowed one is the line of an honest household."""
        if self.homes and happens(self.rng, borrowed):
            return pick(self.rng, self.homes)
        land = pick(self.rng, [country, country, *self.providers])
        return f"{pick(self.rng, self.providers[land])}.{self.octet()}.{self.octet()}"
