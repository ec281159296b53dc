"""Innocent explanations, each weighed in every finding.

They are of two classes. *Not one operator* (a shared network, a public prompt) lowers
`coordination`; *one legitimate operator* (a company, a reseller) leaves it as it is. Beside those
that say what a cluster is stands one that says what it is like in all, by its `likeness`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from forensics.score.grounds import (
    ACCOUNTS_FOR,
    ALIKE,
    CERTAIN,
    HOLDS,
    HOLDS_AGAINST_ABUSE,
    HONEST,
    HONEST_UNTOLD,
    LEGITIMATE,
    SURE,
    Explanation,
    answers_told,
    told,
)
from forensics.score.legitimate import LEGITIMATE_OPERATOR
from forensics.score.not_one import NOT_ONE_OPERATOR
from forensics.score.readings import Facts
from forensics.score.scorecard import tells_behaviour, words_of

EXPLANATIONS = (*NOT_ONE_OPERATOR, *LEGITIMATE_OPERATOR)
#: What applies by less than this is said to be slight: it counts for next to nothing.
SLIGHT = 0.25
NEVER = 2.0  # a strength that none has
NOTHING_LEFT: Mapping[str, float] = MappingProxyType({})


def weigh_explanations(
    facts: Facts,
    abuse: float | None = None,
    least: float = 0.5,
    *,
    left: Mapping[str, float] = NOTHING_LEFT,
    likeness: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return one row per explanation, the strongest first.

    `abuse` is how abusive the cluster looks, as measured, and `least` from where on it counts as
    abusive; `likeness` has the rows that abuse is from. `left` is what coordination would be
    without the evidence that an explanation accounts for, of those that do not account for all.
    """
    enough = HOLDS_AGAINST_ABUSE if abuse is not None and abuse >= least else HOLDS
    arranged = enough[LEGITIMATE]
    if abuse is not None and likeness and abuse >= SURE:
        arranged = ACCOUNTS_FOR if abuse < CERTAIN or told(facts) else NEVER
    rows = [
        _weigh(e, facts, arranged if e.arranged else enough[e.claim], left.get(e.name))
        for e in EXPLANATIONS
    ]
    return sorted([*rows, _alike(facts, abuse, likeness)], key=lambda row: -row["strength"])


def _alike(
    facts: Facts, abuse: float | None, likeness: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the explanation that a cluster is in all like honest accounts.

    It holds only by what they do: that nothing is known against them is no innocence.
    """
    honest = HONEST if answers_told(facts) else HONEST_UNTOLD
    return {
        "explanation": ALIKE,
        "claim": LEGITIMATE,
        "strength": round(1 - abuse, 3) if abuse is not None and likeness else 0.0,
        "holds": abuse is not None and abuse < honest and any(map(tells_behaviour, likeness)),
        "speaks_for": words_of(likeness, campaign=False),
        "speaks_against": words_of(likeness, campaign=True),
        "coordination_without": None,
    }


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
