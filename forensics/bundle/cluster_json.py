"""`cluster.json`: what is claimed of the cluster and what is not, and what that rests on."""

from __future__ import annotations

from typing import Any

from forensics.bundle import canonical
from forensics.bundle.evidence import Evidence
from forensics.bundle.statements import source
from forensics.bundle.wording import claims_of
from forensics.score.coordination import CEILING, COEFFICIENTS, INTERCEPT
from forensics.score.likeness import CAMPAIGN_FROM, OTHERWISE
from forensics.score.provenance import steps_of
from forensics.score.scorecard import said_of

#: The version of the bundle's own layout.
FORMAT = 1

_SCORES = ("coordination", "abuse", "q_value", "stability", "verdict", "explanation")
_COUNTS = (
    *("accounts", "links", "active", "suspended", "deleted", "without_status"),
    *("fitting", "bridges", "rank", "first_seen", "last_seen"),
)


def cluster_json(evidence: Evidence) -> bytes:
    """Return the file."""
    return canonical.canonical(describe(evidence)) + b"\n"


def describe(evidence: Evidence) -> dict[str, Any]:
    """Return what the file holds, as plain values."""
    cluster, info = evidence.cluster, evidence.info
    explanations = evidence.explanations.to_pylist()
    return {
        "cluster_id": evidence.cluster_id,
        "run_id": info["run_id"],
        "profile": evidence.profile,
        "claims": [claim.as_dict() for claim in claims_of(evidence)],
        **{name: cluster.get(name) for name in _COUNTS},
        "scores": {name: cluster[name] for name in _SCORES},
        "coordination_from": {
            **coordination_from(cluster),
            "campaign": cluster["measured_abuse"] if evidence.likeness.num_rows else None,
            **steps_of("coordination", cluster, explanations, info),
        },
        "abuse_from": {
            **abuse_from(evidence),
            **steps_of("abuse", cluster, explanations, info),
        },
        "reasons": cluster["reasons"],
        "evidence_kinds": cluster["evidence_kinds"],
        "evidence": evidence.evidence.to_pylist(),
        "signals": evidence.signals.to_pylist(),
        "stability": cluster["stability"],
        "chance": info["chance"],
        "method": {
            "model": "Fellegi and Sunter (1969), m and u by expectation-maximisation",
            "bits": "log2(m / u) + adjustment",
            "match_weight": "prior_bits + the bits of all reasons",
            "match_probability": "1 / (1 + 2 ** -match_weight)",
            "prior": info["prior"],
            "fit": {
                "formula": "log2((users / (members + 1)) / ((others + 0.5) / accounts)), or less",
                "against": "log2(-e p ln(p)), p = (1 + users) / (1 + members)",
                "prior": "log2(members / accounts)",
                "accounts": info["counts"]["accounts"],
            },
            "weights": evidence.weights.to_pylist(),
        },
        "settings": evidence.settings,
        "settings_digest": info["settings_digest"],
        "seed": info["seed"],
        "versions": {"account-forensics": info["version"], "bundle": FORMAT},
        "data": {
            "period": info["period"],
            "tables": info["tables"],
            "coverage": info["coverage"],
            "missing": info["missing"],
            "notes": info["notes"],
            "sources": [source(file) for file in evidence.files],
        },
        "neighbours": evidence.neighbours.to_pylist(),
        "lineage": evidence.lineage.to_pylist(),
        "label": cluster["label"],
        "labels": evidence.labels.to_pylist(),
    }


def coordination_from(cluster: dict[str, Any]) -> dict[str, Any]:
    """Return what anyone needs to work out again what the measures say of one operator."""
    return {
        "formula": (
            "ceiling / (1 + exp(-(intercept + sum of coefficient * value))), and if that is "
            "campaign_from and more, no less than campaign + (1 - campaign) * otherwise * that; "
            "at most ceiling"
        ),
        "ceiling": CEILING,
        "campaign_from": CAMPAIGN_FROM,
        "otherwise": OTHERWISE,
        "intercept": INTERCEPT,
        "measures": [
            {
                "measure": name,
                "value": cluster[f"hold_{name}"],
                "most": most,
                "coefficient": coefficient,
            }
            for name, (coefficient, most) in COEFFICIENTS.items()
        ],
    }


def abuse_from(evidence: Evidence) -> dict[str, Any]:
    """Return what anyone needs to work out again how far a cluster looks like a campaign."""
    return {
        "formula": "ceiling / (1 + 2 ** -(sum of bits))",
        "ceiling": CEILING,
        "items": [{**row, "words": said_of(row)} for row in evidence.likeness.to_pylist()],
    }
