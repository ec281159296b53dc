"""From clusters to findings: everything that is said of each cluster of two accounts or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.labels import Label
from forensics.case.run import MEASURES
from forensics.case.settings import ScoreSettings, Settings
from forensics.case.store import Case
from forensics.cluster.find import Clustering
from forensics.link.linkage import Linkage
from forensics.link.material import Collected
from forensics.link.uses import Ints
from forensics.progress import QUIET, Progress
from forensics.score.calibrate import Calibrations, calibrate
from forensics.score.chance import q_values
from forensics.score.coordination import CEILING
from forensics.score.evidence import rests_on
from forensics.score.facts import collect_facts
from forensics.score.scored import Scored
from forensics.score.verdict import decide, lowered, lowering
from forensics.score.weigh import weigh
from forensics.score.words import KIND_WORDS, abusive_by, mostly_fits, said_kinds

#: Kinds of evidence, and what looks abusive, among the reasons.
KINDS_SHOWN, LOOKS_SHOWN = 3, 2
SCORES = ("coordination", "abuse")


def score_clusters(
    case: Case,
    collected: Collected,
    linkage: Linkage,
    clustering: Clustering,
    settings: Settings,
    *,
    labels: Mapping[str, Label],
    calibrations: Calibrations | None = None,
    progress: Progress = QUIET,
) -> Scored:
    """Score every group of at least two accounts.

    `labels` are what people decided on accounts; they calibrate the scores, unless
    `calibrations` that were found before are given.
    """
    label = clustering.label
    groups = np.flatnonzero(clustering.sizes > 1)
    grouped = np.flatnonzero(np.isin(label, groups))
    members = pa.table({"cluster": np.searchsorted(groups, label[grouped]), "account": grouped})
    with progress.step("Describing clusters"):
        facts = collect_facts(case, collected, linkage, members).to_pylist()
    chance = q_values(collected.material, linkage, label, settings, progress)
    with progress.step("Weighing evidence"):
        weighed = weigh(linkage, clustering, facts, groups, settings)
    rows, explanations = [], []
    with progress.step("Scoring clusters", len(groups), "clusters") as step:
        for at, fact in enumerate(facts):
            explanations.append(weighed.explanations(at, fact, settings.score))
            tested = fact["accounts"] >= settings.score.min_accounts
            scores = {
                **weighed.scores(at),
                "q_value": float(chance.q[groups[at]]) if tested else None,
                "stability": float(clustering.stability[groups[at]]),
            }
            rows.append(_explained(fact, scores, explanations[-1]))
            step.advance()
    if calibrations is None:
        said = _of_groups(labels, collected.accounts["account_id"], label, groups)
        calibrations = calibrate(
            said,
            [row["accounts"] for row in rows],
            [row["coordination"] for row in rows],
            [row["abuse"] for row in rows],
        )
    evidence, looks = weighed.evidence, weighed.looks
    for at, row in enumerate(rows):
        _calibrate(row, evidence[at], explanations[at], calibrations)
        _decide(row, evidence[at], explanations[at], settings.score)
        if not row["reasons"]:
            kinds = said_kinds(row["evidence_kinds"], weighed.ranges[groups[at]])
            named = abusive_by(looks.alike[at], looks.signals[at])
            row["reasons"] = reasons_of(row["verdict"], kinds, named)
    said_of = (evidence, looks.signals, looks.alike, explanations)
    scored = Scored(groups, rows, *said_of, chance, calibrations)
    return scored.release(settings.cluster.release_below)


def _explained(
    fact: dict[str, Any], scores: dict[str, Any], explanations: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return what is known of a cluster once innocent explanations are weighed."""
    plain = (
        *("accounts", "first_seen", "last_seen"),
        *("active", "suspended", "deleted", "without_status"),
    )
    return {
        **{name: fact[name] for name in plain},
        "label": None,
        **scores,
        **{name: _lowered(name, scores[f"measured_{name}"], explanations) for name in SCORES},
    }


def _lowered(score: str, said: float | None, explanations: list[dict[str, Any]]) -> float | None:
    return None if said is None else lowered(said, lowering(score, said, explanations))


def _calibrate(
    row: dict[str, Any],
    evidence: list[dict[str, Any]],
    explanations: list[dict[str, Any]],
    calibrations: Calibrations,
) -> None:
    """Read the scores of a cluster as labels say; what is left without a kind, the same way."""
    row["coordination"] = min(calibrations.coordination(row["coordination"]), CEILING)
    if row["abuse"] is not None:
        row["abuse"] = round(calibrations.abuse(row["abuse"]), 3)
    for of_kind in evidence:
        without = _lowered("coordination", of_kind["coordination_without"], explanations) or 0.0
        calibrated = min(calibrations.coordination(without), CEILING)
        of_kind["coordination_without"] = round(calibrated, 4)


def _decide(
    row: dict[str, Any],
    evidence: list[dict[str, Any]],
    explanations: list[dict[str, Any]],
    settings: ScoreSettings,
) -> None:
    """Add the verdict on a cluster, the doubts behind it, and what the cluster rests on."""
    row["verdict"], row["reasons"], row["explanation"] = decide(row, explanations, settings)
    row["evidence_kinds"] = rests_on(evidence, mostly_fits(row))
    for name in (
        *("coordination", "measured_coordination", "q_value", "stability"),
        *(f"hold_{m}" for m in MEASURES),
    ):
        row[name] = None if row[name] is None else round(row[name], 4)


def reasons_of(verdict: str, kinds: Sequence[str], named: list[str]) -> list[str]:
    """Return what a verdict rests on most: kinds of evidence, and if abusive, what looks so.

    `kinds` are as `said_kinds` gives them, `named` is what the claim in one sentence names.
    """
    shown = named[:LOOKS_SHOWN] if verdict == "abusive" else []
    return [KIND_WORDS[kind] for kind in kinds[:KINDS_SHOWN]] + shown


def _of_groups(
    labels: Mapping[str, Label], ids: pa.ChunkedArray, label: Ints, groups: Ints
) -> list[list[Label]]:
    """Return the labels of the members of each group."""
    of_group: dict[int, list[Label]] = {}
    at = pc.index_in(pa.array(labels, pa.string()), ids.combine_chunks()).to_pylist()
    for account, given in zip(at, labels.values(), strict=True):
        if account is not None:
            of_group.setdefault(int(label[account]), []).append(given)
    return [of_group.get(g, []) for g in groups.tolist()]
