"""The files of one published run (`runs/<run_id>/`): their Arrow schemas, and how to read them.

Rows are in the canonical order that the primary columns give. Times are timestamps, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.store import Case, read_json
from forensics.case.tables import TEXT, TIME, WHOLE
from forensics.errors import CaseError

REAL = pa.float64()
FLAG = pa.bool_()
TEXTS = pa.list_(TEXT)

#: The kinds of evidence, each with a column `<kind>_bits` in `links`.
KINDS = ("payment", "ip", "device", "prompt", "identifier", "timing")
#: What `coordination` is computed from, each with a column `hold_<measure>` in `clusters`.
_FIRST = ("devices", "identifiers", "density", "addresses", "cards", "payers", "size")
_LATER = ("declared", "campaign", "domain", "replaced", "clock")
_LAST = ("untold",)
MEASURES = (*_FIRST, *_LATER, *_LAST)

SCHEMAS: dict[str, pa.Schema] = {
    # One row per account, by account_id. `extra` is a JSON object of unknown sign-up columns.
    "accounts": pa.schema(
        {
            "account_id": TEXT,
            "has_signup": FLAG,
            "created_at": TIME,
            "status": TEXT,
            "status_at": TIME,
            "country": TEXT,
            "plan": TEXT,
            "organisation": TEXT,
            "name": TEXT,
            "email": TEXT,
            "email_domain": TEXT,
            "user_agent": TEXT,
            "declared_group": TEXT,
            "declared_kind": TEXT,
            "label": TEXT,
            "requests": WHOLE,
            "prompts": WHOLE,
            "first_seen": TIME,
            "last_seen": TIME,
            "extra": TEXT,
        }
    ),
    # One row per shared value, by key ("kind:canonical value"). `class` names the node label of
    # the graph; `operators` is how many operators use the value, `public` marks a template that
    # many unrelated operators send, or a value that is nobody's own. `family` groups templates
    # that the same accounts send.
    "identifiers": pa.schema(
        {
            "key": TEXT,
            "class": TEXT,
            "kind": TEXT,
            "value": TEXT,
            "accounts": WHOLE,
            "operators": REAL,
            "bin": TEXT,
            "issuer_country": TEXT,
            "prefix": TEXT,
            "network_kind": TEXT,
            "asn": WHOLE,
            "network_name": TEXT,
            "prompts": WHOLE,
            "family": TEXT,
            "public": FLAG,
        }
    ),
    # One row per account, key and role (signup or use).
    "uses": pa.schema(
        {
            "account_id": TEXT,
            "key": TEXT,
            "role": TEXT,
            "uses": WHOLE,
            "first_seen": TIME,
            "last_seen": TIME,
        }
    ),
    # One row per linked pair, the smaller id first. Bits are rounded to 1/1000; the total is
    # the exact sum of the prior and the kinds.
    "links": pa.schema(
        {
            "account_a": TEXT,
            "account_b": TEXT,
            "match_weight": REAL,
            "match_probability": REAL,
            "prior_bits": REAL,
            **{f"{kind}_bits": REAL for kind in KINDS},
            "evidence_kinds": WHOLE,
            "cluster_id": TEXT,
        }
    ),
    # Why: one row per link and comparison. `bits` of a kind add up to its column in `links`.
    # `m` is P(level | one operator), `u` P(level | two operators) as used here; where the level
    # is an agreement on one value, `key` names it and u follows from `operators`.
    "reasons": pa.schema(
        {
            "account_a": TEXT,
            "account_b": TEXT,
            "kind": TEXT,
            "comparison": TEXT,
            "level": TEXT,
            "key": TEXT,
            "m": REAL,
            "u": REAL,
            "adjustment": REAL,
            "bits": REAL,
            "accounts": WHOLE,
            "operators": REAL,
        }
    ),
    # The estimated weights: one row per comparison and level.
    "weights": pa.schema(
        {
            "kind": TEXT,
            "comparison": TEXT,
            "level": TEXT,
            "m": REAL,
            "u": REAL,
            "default_m": REAL,
            "default_u": REAL,
            "pairs": REAL,
        }
    ),
    # One row per cluster of two accounts or more, largest first. `measured_coordination` and
    # `measured_abuse` are what measures, likeness and signals say, before innocent explanations and
    # labels are weighed. `active` counts accounts of no recorded status (`without_status`) as well,
    # `fitting` the members that no link holds to the largest part (the accounts in `fits`).
    "clusters": pa.schema(
        {
            "cluster_id": TEXT,
            "accounts": WHOLE,
            "coordination": REAL,
            "abuse": REAL,
            "verdict": TEXT,
            "q_value": REAL,
            "stability": REAL,
            "first_seen": TIME,
            "last_seen": TIME,
            "reasons": TEXTS,
            "explanation": TEXT,
            "evidence_kinds": TEXTS,
            "label": TEXT,
            "active": WHOLE,
            "suspended": WHOLE,
            "bridges": WHOLE,
            "links": WHOLE,
            "rank": WHOLE,
            **{f"hold_{measure}": REAL for measure in _FIRST},
            "measured_coordination": REAL,
            "measured_abuse": REAL,
            "deleted": WHOLE,
            "without_status": WHOLE,
            # Columns are added at the end: some readers count them.
            **{f"hold_{measure}": REAL for measure in _LATER},
            "fitting": WHOLE,
            **{f"hold_{measure}": REAL for measure in _LAST},
        }
    ),
    # One row per account in a cluster. `joined_by` is the key of its strongest link's
    # reason, or without a link the mark by which it fits best.
    "members": pa.schema(
        {
            "cluster_id": TEXT,
            "account_id": TEXT,
            "membership": REAL,
            "bridge": FLAG,
            "joined_by": TEXT,
        }
    ),
    # How members that no link holds to the most of their cluster fit it as a whole: per member the
    # strongest mark of each kind (a mark is a value, coarse ones too), as `users` of its `members`
    # others and `others` accounts outside have it; its bits and those of the row "prior" add up. No
    # key: the member has other values of that kind. With `users` and no key: by that comparison no
    # more than so many of its `members` others that have any have as few values in common.
    "fits": pa.schema(
        {
            "cluster_id": TEXT,
            "account_id": TEXT,
            "comparison": TEXT,
            "key": TEXT,
            "members": WHOLE,
            "users": WHOLE,
            "others": WHOLE,
            "bits": REAL,
        }
    ),
    # Accounts that a cluster let go, since they were in use on `days` days before they first used
    # what its members use, at `since`.
    "let_go": pa.schema({"cluster_id": TEXT, "account_id": TEXT, "since": TIME, "days": WHOLE}),
    # Evidence per cluster and kind: mean bits of its links (where they don't hold the most of its
    # members: of the others' `fits`), links that the kind speaks for, and coordination without the
    # kind, which is never more than with it. What a cluster rests on are its `evidence_kinds`.
    "evidence": pa.schema(
        {
            "cluster_id": TEXT,
            "kind": TEXT,
            "bits": REAL,
            "links": WHOLE,
            "coordination_without": REAL,
        }
    ),
    # What tells a campaign from honest accounts, one row per cluster and item, and a prior: by the
    # sum of their bits `measured_abuse` is 0.995 / (1 + 2 ** -sum). What adds nothing has no row;
    # a cluster without any has its abuse from signals.
    "likeness": pa.schema({"cluster_id": TEXT, "item": TEXT, "value": REAL, "bits": REAL}),
    # Signals of abuse, one row per cluster and signal; `value` in [0, 1], null where the
    # columns it needs are missing (`detail` says which).
    "signals": pa.schema({"cluster_id": TEXT, "signal": TEXT, "value": REAL, "detail": TEXT}),
    # Innocent explanations, one row per cluster and explanation; `coordination_without` is what is
    # left without the evidence that it accounts for, null if it accounts for all or is of the class
    # "one legitimate operator".
    "explanations": pa.schema(
        {
            "cluster_id": TEXT,
            "explanation": TEXT,
            "claim": TEXT,
            "strength": REAL,
            "holds": FLAG,
            "speaks_for": TEXTS,
            "speaks_against": TEXTS,
            "coordination_without": REAL,
        }
    ),
    # Which template each stored prompt belongs to (only prompts that have one).
    "assignments": pa.schema(
        {"account_id": TEXT, "key": TEXT, "source_sha256": TEXT, "source_row": WHOLE}
    ),
    # How clusters of this run came from clusters of the previous one.
    "lineage": pa.schema(
        {"cluster_id": TEXT, "from_cluster": TEXT, "kind": TEXT, "accounts": WHOLE}
    ),
}


@dataclass(frozen=True)
class Run:
    """One finished run, read lazily."""

    run_id: str
    folder: Path

    @classmethod
    def current(cls, case: Case) -> Run:
        """Return the published run of a case.

        Raises:
            CaseError: nothing was analysed yet.
        """
        run_id = case.current
        if run_id is None:
            raise CaseError(
                f"{case.root} has not been analysed; do: forensics analyse --case {case.root}"
            )
        return cls(run_id, case.root / "runs" / run_id)

    @cached_property
    def info(self) -> dict[str, Any]:
        """The run's summary, `run.json`."""
        info: dict[str, Any] = read_json(self.folder / "run.json")
        return info

    def read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Read one of the run's tables; `SCHEMAS` names them and their columns."""
        try:
            return pq.read_table(self.folder / f"{name}.parquet", columns=columns)
        except (OSError, pa.ArrowInvalid):
            raise CaseError(
                f"{self.folder / name}.parquet is missing or damaged: run forensics analyse again"
            ) from None

    def count(self, name: str) -> int:
        """Return the number of rows of one of the run's tables."""
        return int(pq.read_metadata(self.folder / f"{name}.parquet").num_rows)

    def rows(self, name: str, cluster_id: str) -> pa.Table:
        """Read the rows of one cluster of a table that has a `cluster_id`."""
        path = self.folder / f"{name}.parquet"
        return pq.read_table(path, filters=[("cluster_id", "=", cluster_id)])
