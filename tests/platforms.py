"""Small generated platforms: honest people, and whatever a test plants among them.

Every honest person has a card, a device, a home address, a mail address and interests of their
own. A test adds accounts by what they do (`join`, `pay`, `connect`, `use`, `ask`) and analyses it:

    platform = Platform(people=400)
    ring = platform.crew("ring", 6)          # six ordinary strangers, so far
    for account in ring:
        platform.pay(account, "card-lent")   # ... on one card
    found = analysed(platform, tmp_path)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from forensics.analyse import analyse
from forensics.case.files import write_parquet
from forensics.case.manifest import Manifest, Part, Source
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.simulate.geometry import Geometry, Vectors

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 45
DIMENSION = 32
DAY = 24 * 60  # minutes: the unit of all times here
PROVIDERS = ("gmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.de", "proton.me")
COUNTRIES = ("DE", "FR", "US", "GB", "BR", "IN", "JP", "PL")

Rows = list[dict[str, Any]]


def at(minute: float) -> datetime:
    """Return a time, given in minutes since the platform's first day."""
    return START + timedelta(seconds=round(60 * minute))


class Platform:
    """The rows of the input tables, by table; `people` honest strangers to begin with."""

    def __init__(
        self, *, people: int = 0, seed: int = 1, prompts: int = 6, common: float = 0.5
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.geometry = Geometry(DIMENSION, common)
        self.prompts = prompts
        self.rows: dict[str, Rows] = {}
        self.joined: dict[str, float] = {}
        self.crew("person", people)

    def add(self, table: str, **row: Any) -> None:
        """Add a row to a table."""
        self.rows.setdefault(table, []).append(row)

    def crew(self, name: str, count: int, **given: Any) -> list[str]:
        """Add accounts that each live as an honest stranger does (see `stranger`)."""
        return [self.stranger(f"{name}-{n:04}", **given) for n in range(count)]

    def stranger(
        self,
        account: str,
        *,
        joined: float | None = None,
        card: bool = True,
        device: bool = True,
        home: bool = True,
        prompts: int | None = None,
        **signup: Any,
    ) -> str:
        """Add one account with a card, a device, an address and prompts of its own."""
        rng = self.rng
        when = float(rng.uniform(0, DAY * (DAYS - 10))) if joined is None else joined
        country = str(rng.choice(COUNTRIES))
        mail = f"{account}.{rng.integers(10**9)}@{rng.choice(PROVIDERS)}"
        self.join(account, when, **{"email": mail, "country": country, **signup})
        if card:
            self.pay(account, f"tok-{account}", bin=str(400_000 + rng.integers(40)))
        if device:
            self.use(account, f"dev-{account}")
        moments = self.moments(account, 8)
        if home:
            address = f"10.{rng.integers(256)}.{rng.integers(256)}.{rng.integers(1, 255)}"
            for minute in moments[:4]:
                self.connect(account, address, minute)
        asked = self.prompts if prompts is None else prompts
        vectors = self.geometry.points(rng.integers(1 << 40, 1 << 60, asked))
        for minute, vector in zip(self.moments(account, asked), vectors, strict=True):
            self.ask(account, vector, minute)
        return account

    def moments(self, account: str, count: int) -> list[float]:
        """Draw times at which an account is in use, by day and after its sign-up."""
        first = int(self.joined[account] // DAY) + 1
        days = self.rng.integers(first, max(DAYS, first + 1), count)
        return sorted((days * DAY + self.rng.uniform(8, 22, count) * 60).tolist())

    def join(self, account: str, minute: float, **signup: Any) -> None:
        """Add a sign-up."""
        self.joined[account] = minute
        self.add("signups", account_id=account, created_at=at(minute), **signup)

    def pay(self, account: str, instrument: str, minute: float | None = None, **row: Any) -> None:
        """Add a payment; by default an hour after the sign-up."""
        when = at(self.joined.get(account, 0) + 60 if minute is None else minute)
        row = {"kind": "card", **row, "account_id": account, "instrument_id": instrument}
        self.add("payments", **row, first_seen=when, last_seen=when, count=1)

    def connect(self, account: str, ip: str, minute: float, until: float | None = None) -> None:
        """Add a use of an address: at one minute, or a range."""
        last = at(minute if until is None else until)
        self.add(
            "ips", account_id=account, ip=ip, first_seen=at(minute), last_seen=last, requests=1
        )

    def use(self, account: str, device: str, minute: float | None = None) -> None:
        """Add a use of a device."""
        when = at(self.joined.get(account, 0) if minute is None else minute)
        self.add(
            "devices",
            account_id=account,
            device_id=device,
            first_seen=when,
            last_seen=when,
            count=1,
        )

    def identify(self, account: str, kind: str, value: str, minute: float = 0) -> None:
        """Add a use of any other identifier."""
        when = at(max(minute, self.joined.get(account, 0)))
        row = {"account_id": account, "kind": kind, "value": value, "count": 1}
        self.add("identifiers", **row, first_seen=when, last_seen=when)

    def ask(self, account: str, vector: Vectors, minute: float) -> None:
        """Add a prompt, its embedding given as a direction in the centred geometry."""
        number = len(self.rows.get("prompts", ()))
        embedded = self.geometry.embed(np.asarray(vector, np.float32)[None, :])
        self.add(
            "prompts",
            prompt_id=f"q{number:06}",
            account_id=account,
            at=at(minute),
            embedding=stored(embedded)[0],
        )

    def variants(self, key: int, count: int, cosine: float = 0.85) -> Vectors:
        """Return variants of one prompt (named by `key`), that near to it."""
        centre = np.repeat(self.geometry.points(np.array([key])), count, axis=0)
        close = np.full(count, cosine, np.float32)
        keys = self.rng.integers(1 << 40, 1 << 60, count)
        return self.geometry.around(centre, close, keys)

    def recite(
        self, accounts: Sequence[str], keys: Sequence[int], each: int, cosine: float = 0.85
    ) -> None:
        """Let each account send `each` variants of every one of these prompts."""
        for account in accounts:
            for key in keys:
                for vector, minute in zip(
                    self.variants(key, each, cosine), self.moments(account, each), strict=True
                ):
                    self.ask(account, vector, minute)


def stored(vectors: np.ndarray) -> list[bytes]:
    """Return embeddings as the case keeps them: 127 for the largest component, one byte each."""
    wide = np.asarray(vectors, np.float64)
    largest = np.abs(wide).max(axis=1, keepdims=True)
    scaled = np.rint(127 * wide / np.where(largest > 0, largest, 1)).astype(np.int8)
    return [row.tobytes() for row in scaled]


def write_case(
    root: Path,
    rows: dict[str, Rows],
    *,
    settings: str = "",
    parts: int = 1,
    shuffled: int | None = None,
) -> Case:
    """Store rows as ingestion would, each table in `parts` files, in a drawn order if asked.

    A row's source is its place in `rows`, whatever the order in which it is stored.
    """
    case = Case.create(root)
    embeddings = [r["embedding"] for name in ("prompts", "references") for r in rows.get(name, ())]
    dimension = len(embeddings[0]) if embeddings else None
    tables, sources = {}, []
    with case.writing("ingest") as writer:
        for name in sorted(rows):
            digest = hashlib.sha256(repr(rows[name]).encode()).hexdigest()
            table = pa.Table.from_pylist(
                [{**row, "source_sha256": digest, "source_row": n}
                 for n, row in enumerate(rows[name], 1)],
                TABLES[name].schema(dimension),
            )  # fmt: skip
            order = np.arange(len(table))
            if shuffled is not None:
                order = np.random.default_rng(shuffled).permutation(order)
            files = []
            for number, piece in enumerate(np.array_split(order, parts), 1):
                file = f"{name}-{number}.parquet"
                write_parquet(table.take(pa.array(piece)), root / "tables" / file)
                files.append(Part(file, len(piece)))
            tables[name] = tuple(files)
            sources.append(Source(name, f"{name}.csv", digest, len(table), len(table), 0))
        manifest = Manifest(tables=tables, sources=tuple(sources), dimension=dimension)
        extra = {"settings.toml": settings.encode()} if settings else {}
        writer.publish_tables(manifest, extra)
    return case


@dataclass(frozen=True)
class Found:
    """A run as tests ask it."""

    run: Run

    def rows(self, table: str) -> Rows:
        """Return all rows of one of the run's tables."""
        return self.run.read(table).to_pylist()

    @property
    def clusters(self) -> dict[str, dict[str, Any]]:
        """The rows of `clusters` by id, each with its `members`."""
        clusters = {row["cluster_id"]: {**row, "members": []} for row in self.rows("clusters")}
        for member in self.rows("members"):
            clusters[member["cluster_id"]]["members"].append(member["account_id"])
        return clusters

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The clusters that are findings."""
        return [c for c in self.clusters.values() if c["verdict"] in ("abusive", "coordinated")]

    def cluster_of(self, account: str) -> dict[str, Any] | None:
        """Return the cluster that an account is in."""
        return next((c for c in self.clusters.values() if account in c["members"]), None)

    def main(self, accounts: Iterable[str]) -> dict[str, Any]:
        """Return the cluster that holds most of these accounts; the largest such."""
        wanted = set(accounts)
        best = max(self.clusters.values(), key=lambda c: len(wanted & set(c["members"])))
        assert wanted & set(best["members"]), "no cluster holds any of the accounts"
        return best

    def caught(self, accounts: Iterable[str]) -> float:
        """Return the share of these accounts that are in a finding."""
        wanted = set(accounts)
        inside = {a for c in self.findings for a in c["members"]}
        return len(wanted & inside) / len(wanted)

    def explanation(self, cluster_id: str, name: str) -> dict[str, Any]:
        """Return one explanation of a cluster."""
        return next(
            row
            for row in self.rows("explanations")
            if (row["cluster_id"], row["explanation"]) == (cluster_id, name)
        )


def analysed(platform: Platform, root: Path, **given: Any) -> Found:
    """Store a platform in a new case and analyse it."""
    return Found(analyse(write_case(root / "case", platform.rows, **given)))
