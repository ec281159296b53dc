"""The verdict, in the order in which it is decided; the cut-offs are settings."""

from __future__ import annotations

from typing import Any

from forensics.case.settings import ScoreSettings
from forensics.score.grounds import ACCOUNTS_FOR, ALIKE, LEGITIMATE, NOT_ONE

FINDINGS = ("abusive", "coordinated")
#: How much of a score an explanation to the contrary takes, at strength 1.
DISCOUNT = 0.6


def lowering(
    score: str, measured: float | None, explanations: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the innocent explanation that lowers a score (coordination or abuse), if one does.

    `coordination` is lowered by the one that leaves the least of it, of those that hold and say
    that it is not one operator: that a prompt is public explains no device, however public it is.
    `abuse` is by a legitimate operator's, if that accounts for it: a build fleet with a mail domain
    of its own, one payer and a history of months has templates and is awake at all hours, as a lab
    is. That a cluster is like honest accounts is what abuse says already.
    """
    if measured is None:
        return None
    if score == "coordination":
        holding = [e for e in explanations if e["claim"] == NOT_ONE and e["holds"]]
        return min(holding, key=lambda e: (lowered(measured, e), -e["strength"]), default=None)
    legitimate = [
        e
        for e in explanations
        if e["holds"] and e["claim"] == LEGITIMATE and e["explanation"] != ALIKE
    ]
    found = max(legitimate, key=lambda e: e["strength"], default=None)
    enough = found is not None and found["strength"] >= max(ACCOUNTS_FOR, measured)
    return found if enough else None


def lowered(measured: float, by: dict[str, Any] | None) -> float:
    """Return a score as `lowering` leaves it: never below what is left without what `by` covers."""
    if by is None:
        return measured
    left = min(measured, by.get("coordination_without") or 0.0)
    discount: float = DISCOUNT * by["strength"]
    return max(measured * (1 - discount), left)


def decide(
    row: dict[str, Any], explanations: list[dict[str, Any]], settings: ScoreSettings
) -> tuple[str, list[str], str | None]:
    """Return verdict, reasons and the strongest explanation that holds (None without one).

    Of what is unclear because the claim of one operator is not carried it is of either class, else
    a legitimate operator's; one that says what the cluster is goes before that it is like honest
    accounts. `row` has accounts, coordination, q_value, stability and abuse of one
    cluster; `explanations` are sorted, the strongest first.
    """
    weak = _weaknesses(row, settings)
    holding = [
        e["explanation"] for e in explanations if e["holds"] and (weak or e["claim"] == LEGITIMATE)
    ]
    holding.sort(key=lambda name: name == ALIKE)
    if weak:
        return "unclear", weak, holding[0] if holding else None
    abusive = row["abuse"] is not None and row["abuse"] >= settings.min_abuse
    if abusive and holding:
        return "unclear", ["contested"], holding[0]
    if abusive:
        return "abusive", [], None
    if holding:
        return "legitimate", [], holding[0]
    return "coordinated", [], None


def _weaknesses(row: dict[str, Any], settings: ScoreSettings) -> list[str]:
    weak = []
    if row["accounts"] < settings.min_accounts:
        weak.append("too few accounts")
    if row["coordination"] < settings.min_coordination:
        weak.append("weak coordination")
    if row["q_value"] is None:  # of groups too small for a finding
        weak.append("not tested against chance")
    elif row["q_value"] > settings.max_q:
        weak.append("possibly chance")
    if row["stability"] < settings.min_stability:
        weak.append("unstable")
    return weak
