"""The verdict, in the order in which it is decided; the cut-offs are settings."""

from __future__ import annotations

from typing import Any

from forensics.case.settings import ScoreSettings
from forensics.score.explanations import LEGITIMATE, NOT_ONE

FINDINGS = ("abusive", "coordinated")
#: How much of a score an explanation to the contrary takes, at strength 1.
DISCOUNT = 0.6
#: An innocent explanation that nearly holds is enough to contest abuse: a build fleet with a mail
#: domain of its own has templates and one address like a lab, and 0.47 for a company.
CONTESTS = 0.4
#: One that is as strong as this, and no weaker than abuse, accounts for it.
ACCOUNTS_FOR = 0.75


def discounted(coordination: float, explanations: list[dict[str, Any]]) -> float:
    """Return `coordination`, lowered by the strongest explanation that it is not one operator."""
    against = [e["strength"] for e in explanations if e["claim"] == NOT_ONE and e["holds"]]
    return coordination * (1 - DISCOUNT * max(against, default=0.0))


def accounted(abuse: float | None, explanations: list[dict[str, Any]]) -> float | None:
    """Return `abuse`, lowered by a legitimate operator's explanation that accounts for it.

    A build fleet with a mail domain of its own, one payer and a history of months has templates and
    is awake at all hours, as a lab is.
    """
    strengths = [e["strength"] for e in explanations if e["claim"] == LEGITIMATE]
    strongest = max(strengths, default=0.0)
    if abuse is None or strongest < max(ACCOUNTS_FOR, abuse):
        return abuse
    return round(abuse * (1 - DISCOUNT * strongest), 3)


def decide(
    row: dict[str, Any], explanations: list[dict[str, Any]], settings: ScoreSettings
) -> tuple[str, list[str], str | None]:
    """Return verdict, reasons and the explanation that holds or contests (None without one).

    `row` has accounts, coordination, q_value, stability and abuse of one cluster.
    """
    legitimate = [e for e in explanations if e["claim"] == LEGITIMATE]
    holding = [e["explanation"] for e in legitimate if e["holds"]]
    contesting = [e["explanation"] for e in legitimate if e["strength"] >= CONTESTS]
    weak = _weaknesses(row, settings)
    if weak:
        return "unclear", weak, holding[0] if holding else None
    abusive = row["abuse"] is not None and row["abuse"] >= settings.min_abuse
    if abusive and contesting:
        return "unclear", ["contested"], contesting[0]
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
    if row["q_value"] is None or row["q_value"] > settings.max_q:
        weak.append("possibly chance")
    if row["stability"] < settings.min_stability:
        weak.append("unstable")
    return weak
