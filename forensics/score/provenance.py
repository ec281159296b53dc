"""How a score of a cluster came about: measured, lowered by an innocent explanation, calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forensics.score.calibrate import Calibrations
from forensics.score.verdict import lowered, lowering
from forensics.score.words import reaching

LEAST = 0.005  # what is lowered by less needs no words
_FROM = {"coordination": "measures", "abuse": "likeness to campaigns"}
_SIGNALS = "signals"


def steps_of(
    score: str,
    cluster: Mapping[str, Any],
    explanations: list[dict[str, Any]],
    info: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the steps to `score` (coordination or abuse): measured, lowered_by, calibration.

    `cluster` and `explanations` are rows of the run's tables, `info` its `run.json`. All is None
    in a run made before these were kept.
    """
    measured = cluster.get(f"measured_{score}")
    by = lowering(score, measured, explanations)
    calibrations = Calibrations.of(info.get("calibrations") or {})
    figures = calibrations.as_dict()[score]
    return {
        "measured": measured,
        "lowered_by": by
        and {
            "explanation": by["explanation"],
            "strength": by["strength"],
            "share": round(1 - lowered(measured, by) / measured, 4) if measured else 0.0,
        },
        "calibration": figures if figures["clusters"] else None,
    }


def in_words(score: str, steps: Mapping[str, Any], likeness: bool = True) -> str:
    """Return how a score came about where it is not as it was measured; else nothing.

    `likeness` is whether the cluster has any: without it abuse is from its signals.
    """
    measured, by, calibration = (steps[n] for n in ("measured", "lowered_by", "calibration"))
    if measured is None:
        return ""
    parts = []
    if by and by["share"] * measured >= LEAST:
        parts.append(f"lowered by {by['share']:.0%} for what speaks for '{by['explanation']}'")
    if calibration:
        clusters = calibration["clusters"]
        parts.append(f"calibrated by {clusters:,} labelled cluster{'' if clusters == 1 else 's'}")
    source = _FROM[score] if likeness or score != "abuse" else _SIGNALS
    return f"{reaching(measured)} by its {source}, {' and '.join(parts)}" if parts else ""
