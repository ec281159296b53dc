"""What a run says of itself as a whole: its `run.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics import __version__
from forensics.case.database import connect
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.cluster.find import Clustering
from forensics.link.accounts import rows_before_signup
from forensics.link.linkage import Linkage
from forensics.link.material import Collected
from forensics.score.scored import Scored
from forensics.score.verdict import FINDINGS

#: Tables whose absence takes evidence away, and what it then can't tell.
EVIDENCE_TABLES = {
    "payments": "shared cards",
    "ips": "shared addresses",
    "prompts": "templates and what accounts ask",
    "devices": "shared devices",
}
#: What is compared of them. It may come from elsewhere: sign-ups have addresses and devices too.
_COMPARED = {
    "payments": "instrument",
    "ips": "address",
    "prompts": "template",
    "devices": "device",
}


@dataclass(frozen=True)
class Found:
    """What an analysis found, step by step."""

    collected: Collected
    linkage: Linkage
    clustering: Clustering
    scored: Scored


def run_info(
    case: Case, found: Found, tables: dict[str, pa.Table], run_id: str, previous: str | None
) -> dict[str, Any]:
    """Return what `run.json` holds: counts, coverage, chance, the prior, and notes."""
    accounts, clusters = tables["accounts"], tables["clusters"]
    verdicts = clusters["verdict"].to_pylist()
    rows = {name: case.manifest.rows(name) for name in TABLES}
    compared = found.collected.material.comparisons
    missing = [n for n in EVIDENCE_TABLES if rows[n] == 0 and _COMPARED[n] not in compared]
    early, placeholders = _early(case, accounts), _placeholders(found)
    without = len(accounts) - int(pc.sum(accounts["has_signup"]).as_py() or 0)
    counts = {v: verdicts.count(v) for v in ("abusive", "coordinated", "legitimate", "unclear")}
    period = [pc.min(accounts["first_seen"]).as_py(), pc.max(accounts["last_seen"]).as_py()]
    return {
        "run_id": run_id,
        "version": __version__,
        "settings_digest": case.settings.digest,
        "seed": case.settings.seed,
        "previous_run": previous,
        "period": [t.strftime("%Y-%m-%dT%H:%M:%SZ") if t else "" for t in period],
        "tables": {name: count for name, count in rows.items() if count},
        "counts": {
            "accounts": len(accounts),
            "accounts_without_signup": without,
            "findings": sum(counts[v] for v in FINDINGS),
            **counts,
        },
        "coverage": _coverage(found.collected),
        "missing": missing,
        "before_signup": early,
        "placeholders": placeholders,
        "chance": {
            "shuffles": found.scored.chance.shuffles,
            "clusters_in_shuffled_data": round(found.scored.chance.clusters_in_shuffle, 3),
            "expected_findings": _expected_false(clusters),
        },
        "calibrations": found.scored.calibrations.as_dict(),
        "prior": {"bits": round(found.linkage.model.prior_bits, 3)},
        "notes": [
            *(f"No {name}: {EVIDENCE_TABLES[name]} can't be seen" for name in missing),
            *(
                f"Rows of {name} before their account's sign-up: {rows:,}, kept, "
                "left out of timing evidence"
                for name, rows in early.items()
            ),
            *_said_of(placeholders),
            *_released(found),
            *_calibrated(found),
        ],
    }


def _early(case: Case, accounts: pa.Table) -> dict[str, int]:
    """Return, by table, how many rows are dated before the sign-up of their account."""
    database = connect(case)
    database.register("accounts", accounts.select(["account_id", "created_at"]))
    return rows_before_signup(database)


def _placeholders(found: Found) -> dict[str, int]:
    """Return what several accounts share and nobody has for himself, and how many accounts."""
    shared = [
        (int(comparison.counts[value]), comparison.keys[int(value)].as_py())
        for name, comparison in found.collected.material.comparisons.items()
        for value in np.flatnonzero(found.linkage.operators[name].nobodys)
        if comparison.counts[value] > 1
    ]
    return {key: accounts for accounts, key in sorted(shared, key=lambda x: (-x[0], x[1]))}


def _said_of(placeholders: dict[str, int]) -> list[str]:
    """Say which values are no evidence, because they stand where the real one was not known."""
    if not placeholders:
        return []
    said = [f"{key} ({accounts:,} accounts)" for key, accounts in placeholders.items()]
    more = f" and {len(said) - 3:,} more" if len(said) > 3 else ""
    return [f"Placeholders, no evidence of anything: {', '.join(said[:3])}{more}"]


def _released(found: Found) -> list[str]:
    """Say how many groups of linked accounts are no clusters, and why."""
    groups = found.scored.released
    if len(groups) == 0:
        return []
    accounts = int(found.clustering.sizes[groups].sum())
    one = f"1 group of {accounts:,} linked accounts is no cluster"
    more = f"{len(groups):,} groups of {accounts:,} linked accounts are no clusters"
    return [
        f"{one if len(groups) == 1 else more}: they share where they are or what they send, and "
        "too little of their own"
    ]


def _calibrated(found: Found) -> list[str]:
    """Say by how many labels the scores are calibrated."""
    calibrations = found.scored.calibrations
    by = {"one operator": calibrations.coordination.clusters, "abuse": calibrations.abuse.clusters}
    said = [f"{score} by {count:,}" for score, count in by.items() if count]
    return [f"Scores are calibrated by labelled clusters: {', '.join(said)}"] if said else []


def _coverage(collected: Collected) -> dict[str, float]:
    """Return per table of evidence the share of accounts that it covers."""
    comparisons, size = collected.material.comparisons, max(collected.material.size, 1)
    covered = {
        table: float(comparisons[name].present.sum()) / size
        for table, name in _COMPARED.items()
        if name in comparisons
    }
    prompts = pc.sum(pc.greater(collected.accounts["prompts"], 0)).as_py() or 0
    covered["prompts"] = prompts / size
    return {table: round(share, 4) for table, share in covered.items() if share}


def _expected_false(clusters: pa.Table) -> float:
    """Return how many of the findings chance would give: the largest q of them, times their number.

    A q-value is the share of the findings at least as strong that chance would make, so the
    largest, that of the weakest, is the share of all.
    """
    findings = clusters.filter(pc.is_in(clusters["verdict"], pa.array(FINDINGS)))
    worst = pc.max(findings["q_value"]).as_py() if len(findings) else 0.0
    return round(float(worst or 0.0) * len(findings), 2)
