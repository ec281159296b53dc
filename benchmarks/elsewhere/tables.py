"""Accounts become rows, and rows become files."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]
import pyarrow.csv as pc  # type: ignore[import-untyped,unused-ignore]
import pyarrow.parquet as pq  # type: ignore[import-untyped,unused-ignore]

from benchmarks.elsewhere.draws import DAY, HOUR, happens, pick, token
from benchmarks.elsewhere.honest import Account, Setting, Stint
from benchmarks.elsewhere.places import Place

BASE = 1_738_540_800_000  # the first day, Monday 3 February 2025, in milliseconds
COLUMNS = {
    "signups": "account_id created_at email phone name country plan organisation signup_ip "
    "device_id user_agent status status_at",
    "payments": "account_id instrument_id kind bin issuer_country at count",
    "ips": "account_id ip user_agent at requests",
    "devices": "account_id device_id at count",
    "identifiers": "account_id kind value at",
    "networks": "cidr kind asn name",
    "declared": "account_id group_id kind verified_by",
    "events": "at name kind",
    "prompts": "prompt_id account_id at model tokens_in tokens_out centre cosine",
    "references": "name kind centre cosine",
    "truth": "account_id operator verdict kind",
}


class Tables:
    """The rows of one platform; times are seconds until they are written."""

    def __init__(self, s: Setting) -> None:
        self.s, self.test_card = s, token(s.rng, 18)
        self.own_proxy = s.atlas.place("corporate", "").addresses[0]
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}

    def logged(self, place: Place, at: float) -> str:
        """The address that is logged, now and then the platform's own proxy."""
        own = happens(self.s.rng, self.s.world.logged_proxy)
        return self.own_proxy if own else place.address(self.s.rng, at)

    def add(self, a: Account) -> None:
        """Everything that the platform recorded about one account."""
        rng, key, p, rows = self.s.rng, token(self.s.rng, 16), a.person, self.rows
        first = a.stints[-1] if a.abusive else a.stints[0]
        rows["signups"].append((
            key, a.created, p.email, p.phone, p.name, p.country, a.plan, a.organisation,
            self.logged(first.places[0], a.created), "".join(first.devices[:1]),
            p.agent, "active" if a.suspended is None else "suspended", a.suspended,
        ))  # fmt: skip
        rows["truth"] += [(key, a.operator, "abusive" if a.abusive else "legitimate", a.kind)]
        last = self.s.end if a.suspended is None else min(a.suspended, self.s.end)
        for number, c in enumerate(a.cards):  # monthly for the first, once for each other
            at = a.created + rng.exponential(DAY) * (1 + 5 * number)
            for t in np.arange(at, last, 30 * DAY).tolist()[: 1 if number else 12]:
                rows["payments"] += [(key, c.instrument, c.kind, c.bin, c.country, t, 1)]
        if happens(rng, self.s.world.test_token):
            rows["payments"] += [(key, self.test_card, "card", "424242", "US", a.created + 300, 1)]
        rows["identifiers"] += [(key, kind, value, a.created) for kind, value in a.extras]
        rows["declared"] += [(key, *a.declared)] if a.declared else []
        for stint in a.stints:
            self.work(key, a, stint, last)

    def work(self, key: str, a: Account, stint: Stint, last: float) -> None:
        """Prompts, and one use of an address and a device for each session."""
        rng = self.s.rng
        times = np.sort(stint.times[(stint.times >= a.created) & (stint.times < last)])
        sessions = np.split(times, np.flatnonzero(np.diff(times) > 3 * HOUR) + 1)
        for session in sessions if len(times) else []:
            at, size = float(session[0]), len(session)
            away = len(stint.places) > 1 and happens(rng, 0.35)
            place = pick(rng, stint.places[1:]) if away else stint.places[0]
            self.rows["ips"].append((key, self.logged(place, at), a.person.agent, at, size))
            if stint.devices:
                self.rows["devices"].append((key, pick(rng, stint.devices), at, size))
        for at in times.tolist():
            task = pick(rng, stint.tasks)
            cosine = task.low + (task.high - task.low) * rng.random()
            known = [r for r in self.s.releases if at > r + rng.exponential(a.adopts) * DAY]
            sizes = int(rng.lognormal(5.0, 0.8)) + 1, int(stint.output * rng.lognormal(0, 0.6)) + 1
            row = (token(rng, 12), key, at, f"model-{1 + len(known)}", *sizes, task.centre, cosine)
            self.rows["prompts"].append(row)

    def write(self, out: Path) -> None:
        """All tables of the world, in order of time or id."""
        (out / "truth").mkdir(parents=True, exist_ok=True)
        self.rows["references"] = [(*row, 0.995) for row in self.s.library.references()]
        for name, rows in self.rows.items():
            if name == "truth":
                pc.write_csv(self.table(name, rows), out / "truth" / "truth.csv")
            elif rows and name not in self.s.world.omit:
                parquet = self.s.world.parquet or "cosine" in COLUMNS[name]
                write, kind = (pq.write_table, "parquet") if parquet else (pc.write_csv, "csv")
                write(self.table(name, rows), out / f"{name}.{kind}")

    def table(self, name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
        header, world = COLUMNS[name].split(), self.s.world
        time = next((i for i, x in enumerate(header) if x in ("at", "created_at")), 0)
        rows = sorted(rows, key=lambda row: (row[time], row[0]))
        data: dict[str, Any] = {c: [row[i] for row in rows] for i, c in enumerate(header)}
        for column in data:
            if column == "at" or column.endswith("_at"):
                times = [None if t is None else BASE + int(1000 * t) for t in data[column]]
                data[column] = pa.array(times, pa.timestamp("ms", "UTC"))
        if "centre" in data:
            rows16 = self.s.library.embed(data.pop("centre"), data.pop("cosine"))
            data["embedding"] = pa.FixedSizeListArray.from_arrays(rows16.ravel(), rows16.shape[1])
        table = pa.table({c: v for c, v in data.items() if f"{name}.{c}" not in world.omit})
        if world.ranges and name in ("ips", "devices", "payments"):
            sums = [("at", "min"), ("at", "max"), (header[-1], "sum")]
            table = table.group_by(header[:time], use_threads=False).aggregate(sums)
            table = table.rename_columns([*header[:time], "first_seen", "last_seen", header[-1]])
        return table
