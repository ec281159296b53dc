"""Whether the scores of cluster.json follow from what it says that they come from.

Coordination is worked out from its measures, abuse from the bits of its items; each is then lowered
and calibrated as told. Nothing but cluster.json is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from forensics.score.calibrate import Calibration

#: The parts of a score are rounded to ten-thousandths, bits to thousandths: so much they make up.
TOLERANCE = 0.003
#: Odds and bits beyond which a float can't hold the power.
_MOST = 500.0


def check_scores(summary: dict[str, Any]) -> list[str]:
    """Return which scores don't follow, in plain words; nothing where all do.

    Raises:
        KeyError, TypeError, AttributeError, ArithmeticError: `summary` is no `cluster.json`.
    """
    problems = _out_of_range(summary.get("coordination_from", {}).get("measures", []))
    # Bundles of earlier versions don't tell what a score comes from.
    for score in (name for name in _PARTS if f"{name}_from" in summary):
        told = summary[f"{score}_from"]
        if not _share(told["measured"]):
            problems.append(f"{score} was measured as {told['measured']}: not from 0 to 1")
            continue
        parts, work_out = _PARTS[score]
        measured, said = told["measured"], work_out(told)
        if said is not None and not _same(said, measured):
            problems.append(
                f"the {parts} of {score} give {said:.3f}, "
                f"cluster.json says that it was measured as {_figure(measured)}"
            )
        after, final = _after(told), summary["scores"][score]
        if after is not None and not _same(after, final):
            problems.append(
                f"{score}, measured as {_figure(measured)}, is {after:.3f} once it is lowered and "
                f"calibrated as cluster.json tells, not {_figure(final)}"
            )
    campaign = summary.get("coordination_from", {}).get("campaign")
    if campaign is not None and campaign != summary["abuse_from"]["measured"]:
        problems.append(f"coordination counts a campaign of {campaign}, abuse tells another")
    return problems


def _out_of_range(measures: list[dict[str, Any]]) -> list[str]:
    return [
        f"the measure {row['measure']} is {row['value']}: not from 0 to {row['most']}"
        for row in measures
        if row["value"] is not None and not 0 <= row["value"] <= row["most"]
    ]


def _by_measures(told: dict[str, Any]) -> float | None:
    """Return what the measures give, lifted by a campaign's probability where that counts.

    None where a measure isn't told, and at the edge where rounding decides whether it counts.
    """
    measures = told["measures"]
    if any(row["value"] is None for row in measures):
        return None
    odds = told["intercept"] + sum(row["coefficient"] * row["value"] for row in measures)
    said: float = told["ceiling"] / (1 + math.exp(min(-odds, _MOST)))
    campaign = told.get("campaign")
    if campaign is None or said < (edge := told["campaign_from"]) - TOLERANCE:
        return said
    beside: float = campaign + (1 - campaign) * told.get("otherwise", 0) * said
    return max(said, min(beside, told["ceiling"])) if said >= edge + TOLERANCE else None


def _by_items(told: dict[str, Any]) -> float | None:
    """Return the probability that the bits give; None where no item is told."""
    if not told["items"]:
        return None
    total = sum(row["bits"] for row in told["items"])
    said: float = told["ceiling"] / (1 + 2 ** min(-total, _MOST))
    return said


def _after(told: dict[str, Any]) -> float | None:
    measured, by, figures = (told.get(name) for name in ("measured", "lowered_by", "calibration"))
    if measured is None:
        return None
    left: float = measured * (1 - by["share"]) if by else measured
    left = Calibration(**figures)(left) if figures else left
    return min(left, told["ceiling"]) if "measures" in told else left


def _share(told: object) -> bool:
    return told is None or (isinstance(told, int | float) and 0 <= told <= 1)


def _same(said: float, told: object) -> bool:
    return isinstance(told, int | float) and abs(said - told) <= TOLERANCE


def _figure(told: object) -> str:
    return f"{told:.3f}" if isinstance(told, int | float) else "nothing"


_PARTS: dict[str, tuple[str, Callable[[dict[str, Any]], float | None]]] = {
    "coordination": ("measures", _by_measures),
    "abuse": ("items", _by_items),
}
