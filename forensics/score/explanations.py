"""Innocent explanations, each weighed in every finding.

They are of two classes. *Not one operator* (a shared network, a public prompt) lowers
`coordination`; *one legitimate operator* (a company, a reseller) leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from forensics.score.grounds import HOLDS, HOLDS_AGAINST_ABUSE, Explanation
from forensics.score.legitimate import LEGITIMATE_OPERATOR
from forensics.score.not_one import NOT_ONE_OPERATOR
from forensics.score.readings import Facts

EXPLANATIONS = (*NOT_ONE_OPERATOR, *LEGITIMATE_OPERATOR)
#: What applies by less than this is said to be slight: it counts for next to nothing.
SLIGHT = 0.25
NOTHING_LEFT: Mapping[str, float] = MappingProxyType({})


def weigh_explanations(
    facts: Facts, abusive: bool = False, left: Mapping[str, float] = NOTHING_LEFT
) -> list[dict[str, Any]]:
    """Return one row per explanation, the strongest first.

    `abusive` is whether the cluster looks so, as measured. `left` is what coordination would be
    without the evidence that an explanation accounts for, of those that do not account for all.
    """
    enough = HOLDS_AGAINST_ABUSE if abusive else HOLDS
    rows = [_weigh(e, facts, enough[e.claim], left.get(e.name)) for e in EXPLANATIONS]
    return sorted(rows, key=lambda row: -row["strength"])


def _weigh(
    explanation: Explanation, facts: Facts, enough: float, left: float | None
) -> dict[str, Any]:
    total = 0.0
    speaks_for: list[str] = []
    speaks_against: list[str] = []
    for ground in explanation.grounds:
        known = ground.applies(facts)
        part = float(known or 0.0)
        if known is None and ground.unknown:
            total += ground.weight * ground.unknown
            speaks_for.append(f"benefit of the doubt, as not recorded: {ground.words}")
        if part > 0:
            total += ground.weight * part
            slight = " (slight)" if part < SLIGHT else ""
            (speaks_for if ground.weight > 0 else speaks_against).append(ground.words + slight)
    strength = round(min(1.0, max(0.0, total)), 3)
    return {
        "explanation": explanation.name,
        "claim": explanation.claim,
        "strength": strength,
        "holds": strength >= enough,
        "speaks_for": speaks_for,
        "speaks_against": speaks_against,
        "coordination_without": left,
    }
