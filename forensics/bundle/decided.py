"""Whether a verdict follows from what the bundle says that it rests on.

It is decided again as it was, from the scores, the innocent explanations and the cut-offs in the
settings; so are the reasons, what lowered a score, and which of the four claims are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from forensics.bundle.scrub import REMOVED
from forensics.case.settings import ScoreSettings
from forensics.score.evidence import rests_on
from forensics.score.provenance import steps_of
from forensics.score.score import LOOKS_SHOWN, reasons_of
from forensics.score.verdict import decide
from forensics.score.words import abusive_by, mostly_fits, said_kinds

#: Scores were compared with the cut-offs before they were rounded to ten-thousandths.
ROUNDED = 0.00005
_CUT_OFFS = {
    "coordination": "min_coordination",
    "q_value": "max_q",
    "stability": "min_stability",
}

Rows = list[dict[str, Any]]


def check_verdict(
    summary: dict[str, Any], alternatives: dict[str, Any], origin: dict[str, Any]
) -> list[str]:
    """Return what does not follow, in plain words; nothing where all does.

    `summary` is `cluster.json`, `alternatives` and `origin` what `alternatives.json` and (under
    "from") `provenance.json` hold.

    Raises:
        KeyError, TypeError, AttributeError, ArithmeticError: one of them is something else.
    """
    explanations = _explanations(alternatives, summary)
    return [
        *_verdict(summary, alternatives["verdict"], explanations, origin["forgotten"]),
        *_claims(summary),
        *_lowered(summary, explanations, origin["calibrations"]),
        *([] if origin["forgotten"] else _kinds(summary)),
    ]


def _explanations(alternatives: dict[str, Any], summary: dict[str, Any]) -> Rows:
    """Return the explanations, the strongest first, of equal ones those first that are named."""
    named = {summary["scores"]["explanation"]}
    for score in ("coordination", "abuse"):
        named.add((summary.get(f"{score}_from", {}).get("lowered_by") or {}).get("explanation"))
    rows = [{**row, "claim": row["if_so"]} for row in alternatives["alternatives"]]
    return sorted(rows, key=lambda row: (-row["strength"], row["explanation"] not in named))


def _verdict(
    summary: dict[str, Any], elsewhere: str, explanations: Rows, forgotten: int
) -> list[str]:
    scores, settings = summary["scores"], ScoreSettings(**summary["settings"]["score"])
    told = (scores["verdict"], scores["explanation"])
    if elsewhere != told[0]:
        return [f"the verdict is {told[0]} by cluster.json, {elsewhere} by alternatives.json"]
    found = [decide(row, explanations, settings) for row in _before(summary, settings, forgotten)]
    fitting = [doubts for verdict, doubts, explanation in found if (verdict, explanation) == told]
    if not fitting:
        verdict, doubts, explanation = found[0]
        why = f" ({', '.join(doubts)})" if doubts else ""
        return [
            f"the verdict is {_shown(*told)}, but by its scores, its explanations and the cut-offs "
            f"in the settings it is {_shown(verdict, explanation)}{why}"
        ]
    reasons = summary["reasons"] or []
    if not any(_follow(reasons, doubts, summary, told[0]) for doubts in fitting):
        return [f"the verdict's reasons, {', '.join(reasons) or 'none'}, are not what it rests on"]
    return []


def _before(
    summary: dict[str, Any], settings: ScoreSettings, forgotten: int
) -> Iterator[dict[str, Any]]:
    """Give what may have been decided on: before scores were rounded, accounts were forgotten."""
    row = {**summary["scores"], "accounts": summary["accounts"]}
    choices = [[row["accounts"], row["accounts"] + forgotten]]
    for name, limit in _CUT_OFFS.items():
        value = row[name]
        near = value is not None and abs(value - getattr(settings, limit)) <= ROUNDED
        choices.append([value, value - ROUNDED, value + ROUNDED] if near else [value])
    for chosen in product(*choices):
        yield {**row, **dict(zip(("accounts", *_CUT_OFFS), chosen, strict=True))}


def _follow(reasons: list[str], doubts: list[str], summary: dict[str, Any], verdict: str) -> bool:
    """Whether reasons are doubts, or else kinds of evidence and what looks abusive."""
    if doubts or any(REMOVED in reason for reason in reasons):
        return reasons == doubts or not doubts
    looks = abusive_by(summary["abuse_from"]["items"], summary["signals"])
    said = [said_kinds(summary["evidence_kinds"], ranges_alone) for ranges_alone in (False, True)]
    kinds = [reasons_of("", of_kinds, []) for of_kinds in said]
    shown = reasons[len(kinds[0]) :]
    # Of looks that tell as much, others may have come first.
    most = LOOKS_SHOWN if verdict == "abusive" else 0
    return reasons[: len(kinds[0])] in kinds and len(shown) <= most and set(shown) <= set(looks)


def _claims(summary: dict[str, Any]) -> list[str]:
    verdict = summary["scores"]["verdict"]
    made = {
        "linked": True,
        "one operator": verdict != "unclear",
        "abusive": verdict == "abusive",
        "attribution": False,
    }
    told = {claim["level"]: claim["claimed"] for claim in summary["claims"]}
    return [
        f"cluster.json {'makes' if told.get(level) else 'does not make'} the claim '{level}', "
        f"which a verdict of {verdict} does {'' if claimed else 'not '}make"
        for level, claimed in made.items()
        if told.get(level) is not claimed
    ] + [f"'{level}' is none of the four claims" for level in told if level not in made]


def _lowered(summary: dict[str, Any], explanations: Rows, calibrations: Any) -> list[str]:
    """Return which scores are lowered or calibrated otherwise than the bundle's statements say."""
    problems = []
    for score in ("coordination", "abuse"):
        told = summary.get(f"{score}_from", {})
        if told.get("measured") is None:
            continue
        measured = {f"measured_{score}": told["measured"]}
        steps = steps_of(score, measured, explanations, {"calibrations": calibrations})
        by, said = steps["lowered_by"], told["lowered_by"]
        if by != said:
            problems.append(
                f"{score} is lowered by {_name(said)} in cluster.json, by {_name(by)} as the "
                "explanations in alternatives.json say"
            )
        if steps["calibration"] != told["calibration"]:
            problems.append(f"{score} is calibrated otherwise in cluster.json and provenance.json")
    return problems


def _kinds(summary: dict[str, Any]) -> list[str]:
    """Return whether the kinds of evidence that it rests on are those; of equal ones, any first."""
    bits = {row["kind"]: row["bits"] for row in summary["evidence"]}
    told = summary["evidence_kinds"]
    rests = rests_on(summary["evidence"], mostly_fits(summary))
    if sorted(told) == sorted(rests) and told == sorted(told, key=lambda kind: -bits[kind]):
        return []
    return [
        f"it rests on {', '.join(told) or 'no kind'} of evidence by cluster.json, by the bits "
        f"there on {', '.join(rests) or 'none'}"
    ]


def _shown(verdict: str, explanation: str | None) -> str:
    return f"{verdict}, explained by '{explanation}'" if explanation else verdict


def _name(by: dict[str, Any] | None) -> str:
    return f"'{by['explanation']}' ({by['share']:.0%})" if by else "nothing"
