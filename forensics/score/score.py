"""From clusters to findings: everything that is said of each cluster of two accounts or more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from forensics.case.run import KINDS, MEASURES
from forensics.case.settings import Settings
from forensics.case.store import Case
from forensics.cluster.find import Clustering
from forensics.link.candidates import LOOKS
from forensics.link.linkage import Linkage
from forensics.link.material import Collected
from forensics.link.uses import Ints
from forensics.progress import QUIET, Progress
from forensics.score.chance import Chance, q_values
from forensics.score.coordination import coordination_of, measure_hold, measures_of
from forensics.score.explanations import weigh_explanations
from forensics.score.facts import collect_facts
from forensics.score.signals import abuse_of, measure_signals
from forensics.score.verdict import accounted, decide, discounted

_ORDER = {"abusive": 0, "coordinated": 1, "unclear": 2, "legitimate": 3}
WORDS = {
    "payment": "cards",
    "ip": "addresses",
    "device": "devices",
    "prompt": "templates",
    "identifier": "identifiers",
    "timing": "timing",
}


@dataclass(frozen=True)
class Scored:
    """Scores of the groups in `groups` (numbers of `Clustering.label`), one row each, unnamed.

    `clusters` has the columns of the run's table but for the ids; `evidence`, `signals` and
    `explanations` are lists of rows per group. `released` are groups that are no clusters.
    """

    groups: Ints
    clusters: list[dict[str, Any]]
    evidence: list[list[dict[str, Any]]]
    signals: list[list[dict[str, Any]]]
    explanations: list[list[dict[str, Any]]]
    chance: Chance
    released: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def release(self, below: float) -> Scored:
        """Let go of groups that are linked by where accounts are or what they do, not by whom.

        A course shares homework, an hour of sign-up and the school's address: pairs of it are
        linked, and nothing beyond that holds the group together.
        """
        kept = [at for at, row in enumerate(self.clusters) if row["coordination"] >= below]
        gone = np.setdiff1d(np.arange(len(self.clusters)), kept)
        return replace(
            self,
            groups=self.groups[kept],
            clusters=[self.clusters[at] for at in kept],
            evidence=[self.evidence[at] for at in kept],
            signals=[self.signals[at] for at in kept],
            explanations=[self.explanations[at] for at in kept],
            released=self.groups[gone],
        )


def score_clusters(
    case: Case,
    collected: Collected,
    linkage: Linkage,
    clustering: Clustering,
    settings: Settings,
    progress: Progress = QUIET,
) -> Scored:
    """Score every group of at least two accounts."""
    label = clustering.label
    groups = np.flatnonzero(clustering.sizes > 1)
    inside = np.flatnonzero(np.isin(label, groups))
    members = pa.table({"cluster": np.searchsorted(groups, label[inside]), "account": inside})
    with progress.step("Describing clusters"):
        facts = collect_facts(case, collected, linkage, members).to_pylist()
    chance = q_values(collected.material, linkage, label, settings, progress)
    alike = _alike(facts, groups, len(clustering.sizes))
    most = LOOKS * settings.link.max_links_per_account
    measures = measures_of(measure_hold(linkage, label, most), *alike)
    coordination = coordination_of(measures)
    evidence = _evidence(linkage, label, groups, alike, most)
    linked = np.bincount(
        label[linkage.pairs.a][_links_inside(linkage, label, settings)], minlength=len(chance.q)
    )
    rows, signals, explanations = [], [], []
    with progress.step("Scoring clusters", len(groups), "clusters") as step:
        for fact, g, of_kind in zip(facts, groups.tolist(), evidence, strict=True):
            signals.append(measure_signals(fact))
            explanations.append(weigh_explanations(fact))
            tested = fact["accounts"] >= settings.score.min_accounts
            scores = {
                "coordination": float(coordination[g]),
                "q_value": float(chance.q[g]) if tested else None,
                "stability": float(clustering.stability[g]),
                "links": int(linked[g]),
                **{f"hold_{name}": float(value[g]) for name, value in measures.items()},
            }
            rows.append(_row(fact, signals[-1], explanations[-1], of_kind, settings, scores))
            step.advance()
    scored = Scored(groups, rows, evidence, signals, explanations, chance)
    return scored.release(settings.cluster.release_below)


def _row(
    fact: dict[str, Any],
    signals: list[dict[str, Any]],
    explanations: list[dict[str, Any]],
    evidence: list[dict[str, Any]],
    settings: Settings,
    scores: dict[str, Any],
) -> dict[str, Any]:
    row = {
        "accounts": fact["accounts"],
        "first_seen": fact["first_seen"],
        "last_seen": fact["last_seen"],
        "active": fact["active"],
        "suspended": fact["suspended"],
        "label": None,
        "abuse": accounted(abuse_of(signals, fact), explanations),
        **scores,
        "coordination": discounted(scores["coordination"], explanations),
    }
    row["verdict"], doubts, row["explanation"] = decide(row, explanations, settings.score)
    kinds = [e["kind"] for e in sorted(evidence, key=lambda e: -e["bits"]) if e["bits"] >= 1]
    row["evidence_kinds"] = kinds
    shown = [s for s in signals if (s["value"] or 0) >= 0.5]
    row["reasons"] = doubts or [WORDS[k] for k in kinds[:3]]
    row["reasons"] = row["reasons"] + [s["signal"].replace("_", " ") for s in shown[:2]] * (
        row["verdict"] == "abusive"
    )
    for name in ("coordination", "q_value", "stability", *(f"hold_{m}" for m in MEASURES)):
        row[name] = None if row[name] is None else round(row[name], 4)
    return row


def _links_inside(linkage: Linkage, label: Ints, settings: Settings) -> np.ndarray:
    linked = linkage.probabilities >= settings.link.min_probability
    inside: np.ndarray = linked & (label[linkage.pairs.a] == label[linkage.pairs.b])
    return inside


def _alike(facts: list[dict[str, Any]], groups: Ints, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Return per group how alike its cards are, in bits, and the accounts of its main payer."""
    cards, payers = np.zeros(every), np.zeros(every)
    cards[groups] = [f["cards_alike"] for f in facts]
    payers[groups] = [(f["payer_share"] or 0) * f["accounts"] for f in facts]
    return cards, payers


def _evidence(
    linkage: Linkage, label: Ints, groups: Ints, alike: tuple[np.ndarray, np.ndarray], most: int
) -> list[list[dict[str, Any]]]:
    """Return per group and kind: mean bits of its links, links with it, the result without."""
    a, b = linkage.pairs.a, linkage.pairs.b
    linked = np.flatnonzero((label[a] == label[b]) & (linkage.probabilities >= 0.5))
    group = label[a[linked]]
    every = len(alike[0])
    count = np.maximum(np.bincount(group, minlength=every), 1)
    bits = linkage.bits_by_kind(linked)
    rows: list[list[dict[str, Any]]] = [[] for _ in groups]
    for kind in KINDS:
        if kind not in bits:
            continue
        mine = bits[kind] / 1000
        mean = np.bincount(group, weights=mine, minlength=every) / count
        links = np.bincount(group[mine >= 2], minlength=every)
        cards, payers = alike if kind != "payment" else (np.zeros(every), np.zeros(every))
        hold = measure_hold(linkage, label, most, kind)
        without = coordination_of(measures_of(hold, cards, payers))
        for row, g in zip(rows, groups.tolist(), strict=True):
            row.append(
                {
                    "kind": kind,
                    "bits": round(float(mean[g]), 3),
                    "links": int(links[g]),
                    "coordination_without": round(float(without[g]), 4),
                }
            )
    return rows


def ranked(rows: list[dict[str, Any]]) -> list[int]:
    """Return the order in which clusters are shown: findings, the most abusive, the largest."""
    return sorted(
        range(len(rows)),
        key=lambda i: (
            _ORDER[rows[i]["verdict"]],
            -round(rows[i]["abuse"] or 0, 1),
            -rows[i]["accounts"],
            -rows[i]["coordination"],
            str(rows[i]["first_seen"]),
            i,
        ),
    )
