"""The claims of a finding in plain words, the four kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forensics.bundle.evidence import Evidence
from forensics.bundle.names import plural, sentence, words
from forensics.score.in_part import holds_in_part
from forensics.score.provenance import in_words, steps_of
from forensics.score.words import (
    abusive_by,
    contested,
    listing,
    nothing_told,
    reaching,
    staying_below,
    what_looks_so,
    without_prompts,
)

#: What a bundle holds on people, and that it is no claim on who the operator is.
_NOT_ATTRIBUTED = {
    "internal": "Names, e-mail addresses and organisations in this bundle are what accounts gave; "
    "that they are the operator's is not claimed.",
    "partner": "Ids and values in this bundle are keyed hashes, and none of them is claimed to be "
    "the operator's own; names, e-mail addresses and organisations were removed.",
    "public": "This bundle holds totals alone and names nobody.",
}


@dataclass(frozen=True)
class Claim:
    """One of the four claims; `claimed` is false where the bundle does not make it."""

    level: str
    claimed: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"level": self.level, "claimed": self.claimed, "text": self.text}


def claims_of(evidence: Evidence) -> tuple[Claim, ...]:
    """Return the four claims, in order: linked, one operator, abusive, attribution."""
    cluster, limits = evidence.cluster, evidence.settings["score"]
    how = {score: _how(score, evidence) for score in ("coordination", "abuse")}
    verdict = cluster["verdict"]
    return (
        Claim("linked", True, _linked(cluster)),
        _one_operator(evidence, limits, verdict, how["coordination"]),
        _abusive(evidence, limits, verdict, how["abuse"]),
        Claim(
            "attribution",
            False,
            f"Who is behind the accounts is never claimed. {_NOT_ATTRIBUTED[evidence.profile]}",
        ),
    )


def _linked(cluster: Mapping[str, Any]) -> str:
    accounts = plural(cluster["accounts"], "account")
    if not cluster["links"]:
        return (
            f"{accounts} have so much in common as a whole that each fits the others; no two of "
            "them are linked."
        )
    links = plural(cluster["links"], "link")
    if cluster["fitting"]:
        return (
            f"{accounts} hold together by {links}, pairs whose shared evidence makes one operator "
            "more likely than two, and as a whole: no link ties "
            f"{cluster['fitting']:,} of them to the largest part, but each has so much in common "
            "with the others that it fits."
        )
    return (
        f"{accounts} are held together by {links}: pairs whose shared evidence makes one operator "
        "more likely than two."
    )


def headline(evidence: Evidence) -> str:
    """Return the finding in one sentence."""
    accounts = plural(evidence.cluster["accounts"], "account")
    explanation = words(evidence.cluster["explanation"] or "")
    if contested(evidence.cluster):
        return (
            f"One operator likely runs these {accounts}, but an innocent explanation stands "
            f"against the finding ({explanation}){_also(evidence)}."
        )
    one = (
        f"One operator runs these {accounts} with a probability of "
        f"{_figure(evidence.cluster['coordination'])}"
    )
    part = _in_part(evidence, brief=True)
    but = f", but {part}" if part else ""
    likeness, signals = evidence.likeness.to_pylist(), evidence.signals.to_pylist()
    looks = f"{what_looks_so(likeness, signals)} looks abusive"
    return {
        "abusive": f"{one}{but}; {looks} ({_figure(evidence.cluster['abuse'])} of 1).",
        "coordinated": f"{one}{but}; abuse is not claimed.",
        "legitimate": f"{one}{but}, and has a legitimate reason to ({explanation}).",
    }.get(
        evidence.cluster["verdict"],
        f"That one operator runs these {accounts} is not claimed: the evidence does not carry it.",
    )


def _in_part(evidence: Evidence, brief: bool = False) -> str:
    """Return that an innocent explanation accounts for a part of the evidence, if one does."""
    rows = (evidence.explanations.to_pylist(), evidence.evidence.to_pylist())
    return holds_in_part(evidence.cluster, *rows, evidence.info, _figure, brief=brief)


def _also(evidence: Evidence) -> str:
    part = _in_part(evidence)
    return f"; and {part}" if part else ""


def _how(score: str, evidence: Evidence) -> str:
    """Return how a score came about, in brackets, where it is not as it was measured."""
    explanations = evidence.explanations.to_pylist()
    steps = steps_of(score, evidence.cluster, explanations, evidence.info)
    said = in_words(score, steps, evidence.likeness.num_rows > 0)
    return f" [{said}]" if said else ""


def _one_operator(evidence: Evidence, limits: dict[str, Any], verdict: str, how: str) -> Claim:
    cluster = evidence.cluster
    figures = (
        f"probability {_figure(cluster['coordination'])}{how}, {_chance(cluster['q_value'])}, "
        f"stability {_figure(cluster['stability'])}"
    )
    if verdict != "unclear":
        part = _in_part(evidence)
        but = f" But {part}." if part else ""
        return Claim("one operator", True, f"One operator runs the cluster ({figures}).{but}")
    if contested(cluster):
        against = words(cluster["explanation"] or "")
        return Claim(
            "one operator",
            False,
            f"One operator likely runs the cluster ({figures}), but an innocent explanation stands "
            f"against the finding ({against}){_also(evidence)}.",
        )
    missed = [
        text
        for text, fails in (
            (
                plural(limits["min_accounts"], "account"),
                cluster["accounts"] < limits["min_accounts"],
            ),
            (
                f"a probability of {limits['min_coordination']:.2f}",
                _below(cluster, "coordination", limits),
            ),
            (f"a q-value of at most {limits['max_q']:.2f}", _above(cluster, limits)),
            (f"a stability of {limits['min_stability']:.2f}", _below(cluster, "stability", limits)),
        )
        if fails
    ]
    why = f"it would need {' and '.join(missed)}" if missed else "; ".join(cluster["reasons"])
    text = f"That one operator runs the cluster is not claimed: {why} ({figures})."
    return Claim("one operator", False, text)


def _chance(q_value: float | None) -> str:
    if q_value is None:
        return "not tested against chance"
    return f"q-value {'under 0.001' if q_value < 0.001 else f'{float(staying_below(q_value)):g}'}"


def _abusive(evidence: Evidence, limits: dict[str, Any], verdict: str, how: str) -> Claim:
    cluster, signals = evidence.cluster, evidence.signals.to_pylist()
    abuse, likeness = cluster["abuse"], evidence.likeness.to_pylist()
    by = abusive_by(likeness, signals)
    what = sentence(what_looks_so(likeness, signals)).replace("they", "the accounts")
    if without_prompts(signals):
        what += ", as far as it can be told without prompts,"
    figure = f"{_figure(abuse)} on a scale of 0 to 1{how}"
    if verdict == "abusive":
        return Claim(
            "abusive",
            True,
            f"{what} looks abusive{f', by {listing(by)}' if by else ''}: {figure}, where "
            f"{limits['min_abuse']:.2f} is needed.",
        )
    if abuse is None:
        why = f"the data hold too little on what the accounts do{nothing_told(signals)}"
    elif abuse < limits["min_abuse"]:
        why = f"{figure}, where {limits['min_abuse']:.2f} is needed"
    elif cluster["explanation"]:
        why = f"an innocent explanation is not ruled out ({words(cluster['explanation'])})"
    else:
        why = "the claim of one operator, which comes first, is not made"
    return Claim("abusive", False, f"That what the accounts do is abusive is not claimed: {why}.")


def calibration_of(info: dict[str, Any]) -> str:
    """Return what the scores were calibrated by, as sentences."""
    said = [
        f"{name} by {plural(figures['clusters'], 'labelled cluster')} (log odds times "
        f"{figures['slope']:.2f}, {figures['shift']:+.2f})"
        for name, figures in (info.get("calibrations") or {}).items()
        if figures["clusters"]
    ]
    if not said:
        return (
            "Estimated on generated data. The probability of one operator is a function of the "
            "measures in part 4, fitted to generated platforms; no calibration against decided "
            "cases of this platform is recorded."
        )
    return (
        "The scores were fitted to generated platforms, and calibrated by what people decided on "
        f"this one: {' and '.join(said)}. All clusters are calibrated alike."
    )


def _below(cluster: dict[str, Any], name: str, limits: dict[str, Any]) -> bool:
    return cluster[name] is None or cluster[name] < limits[f"min_{name}"]


def _above(cluster: dict[str, Any], limits: dict[str, Any]) -> bool:
    return cluster["q_value"] is None or cluster["q_value"] > limits["max_q"]


def _figure(value: float | None) -> str:
    if value is None:
        return "not known"
    return "under 0.001" if 0 < value < 0.001 else f"{float(reaching(value, 3)):g}"
