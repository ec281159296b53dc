"""Explanations that hold although one operator is claimed: they account for a part of the evidence.

The verdict does not name them (`decide`), since enough is left without that part; a claim does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from forensics.score.calibrate import Calibrations
from forensics.score.grounds import NOT_ONE
from forensics.score.not_one import NOT_ONE_OPERATOR
from forensics.score.words import KIND_WORDS, contested, listing

_COVERS = {explanation.name: explanation.covers for explanation in NOT_ONE_OPERATOR}

Rows = Sequence[Mapping[str, Any]]


def left_without(
    explanation: Mapping[str, Any], cluster: Mapping[str, Any], info: Mapping[str, Any]
) -> float | None:
    """Return the probability of one operator without what an explanation covers.

    It is calibrated as that of the cluster is, and no more than it; None where the explanation
    covers everything, or is not of the class "not one operator". `info` is the run's `run.json`.
    """
    left = explanation["coordination_without"]
    if left is None or explanation["claim"] != NOT_ONE:
        return None
    calibrated = Calibrations.of(info.get("calibrations") or {}).coordination(left)
    return float(min(calibrated, cluster["coordination"]))


def covered(explanation: str, evidence: Iterable[Mapping[str, Any]]) -> str:
    """Return the kinds of evidence that an explanation accounts for, in words; "" for all.

    Of `evidence`, the rows of the cluster, those that bring nothing are left out.
    """
    brought = {row["kind"] for row in evidence if row["bits"] > 0}
    covers = _COVERS.get(explanation, ())
    named = [kind for kind in covers if kind in brought] or covers
    return listing([KIND_WORDS[kind] for kind in named])


def holds_in_part(
    cluster: Mapping[str, Any],
    explanations: Rows,
    evidence: Rows,
    info: Mapping[str, Any],
    figure: Callable[[float], str],
    *,
    brief: bool = False,
) -> str:
    """Return that explanations of the class "not one operator" hold beside the claim; else nothing.

    `explanations` and `evidence` are the rows of the cluster; `figure` puts a probability. In
    brief, the kinds that each accounts for are not named.
    """
    if cluster["verdict"] == "unclear" and not contested(cluster):
        return ""
    said, in_part = [], True
    for row in explanations:
        if row["claim"] == NOT_ONE and row["holds"]:
            kinds, left = covered(row["explanation"], evidence), left_without(row, cluster, info)
            in_part &= bool(kinds)
            said.append(
                _said(row["explanation"], kinds, None if left is None else figure(left), brief)
            )
    if not said:
        return ""
    one = "an innocent explanation holds" if len(said) == 1 else "innocent explanations hold"
    return f"{one}{' for part of the evidence' if in_part else ''} ({', and '.join(said)})"


def _said(explanation: str, kinds: str, left: str | None, brief: bool) -> str:
    """Return what one explanation accounts for, and the probability that is left without."""
    if not kinds or left is None:
        return f"'{explanation}' accounts for {kinds or 'all of it'}"
    if brief:
        return f"'{explanation}'; {left} without what it accounts for"
    return f"'{explanation}' accounts for {kinds}; without these the probability is {left}"
