"""The claims of a finding in plain words, the four kept apart, and names of things for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forensics.bundle.evidence import Evidence
from forensics.score.provenance import in_words, steps_of
from forensics.score.words import (
    abusive_by,
    contested,
    listing,
    reaching,
    staying_below,
    without_prompts,
)

KIND_WORDS = {
    "payment": "Payment cards",
    "ip": "Addresses",
    "device": "Devices",
    "prompt": "Prompt templates",
    "identifier": "Other identifiers",
    "timing": "Timing",
}

COMPARISON_WORDS = {
    "instrument": "payment instrument",
    "card_range": "card range",
    "address": "address",
    "template": "prompt template",
    "signup_gap": "time between sign-ups",
    "synchrony": "requests in the same minutes",
    "profile": "profile of prompts",
    "email_domain": "e-mail domain",
    "email": "e-mail address",
    "tls_fingerprint": "TLS fingerprint",
    "ips": "addresses",
    "signups": "sign-ups",
}

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
        _one_operator(cluster, limits, verdict, how["coordination"]),
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
            f"against the finding ({explanation})."
        )
    one = (
        f"One operator runs these {accounts} with a probability of "
        f"{_figure(evidence.cluster['coordination'])}"
    )
    return {
        "abusive": f"{one}; what they do is abusive.",
        "coordinated": f"{one}; abuse is not claimed.",
        "legitimate": f"{one}, and has a legitimate reason to ({explanation}).",
    }.get(
        evidence.cluster["verdict"],
        f"That one operator runs these {accounts} is not claimed: the evidence does not carry it.",
    )


def plural(count: int, noun: str) -> str:
    """Return "1 account", "1,204 accounts"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def sentence(text: str) -> str:
    """Return a text with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def words(name: str) -> str:
    """Return a name of ours for people: "public_benchmark" as "public benchmark"."""
    return COMPARISON_WORDS.get(name, name.replace("_", " "))


def _how(score: str, evidence: Evidence) -> str:
    """Return how a score came about, in brackets, where it is not as it was measured."""
    explanations = evidence.explanations.to_pylist()
    steps = steps_of(score, evidence.cluster, explanations, evidence.info)
    said = in_words(score, steps, evidence.likeness.num_rows > 0)
    return f" [{said}]" if said else ""


def _one_operator(cluster: dict[str, Any], limits: dict[str, Any], verdict: str, how: str) -> Claim:
    figures = (
        f"probability {_figure(cluster['coordination'])}{how}, {_chance(cluster['q_value'])}, "
        f"stability {_figure(cluster['stability'])}"
    )
    if verdict != "unclear":
        return Claim("one operator", True, f"One operator runs the cluster ({figures}).")
    if contested(cluster):
        against = words(cluster["explanation"] or "")
        return Claim(
            "one operator",
            False,
            f"One operator likely runs the cluster ({figures}), but an innocent explanation stands "
            f"against the finding ({against}).",
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
    abuse, by = cluster["abuse"], abusive_by(evidence.likeness.to_pylist(), signals)
    what = "What the accounts do"
    if without_prompts(signals):
        what += ", as far as it can be told without prompts,"
    figure = f"{_figure(abuse)} on a scale of 0 to 1{how}"
    if verdict == "abusive":
        return Claim(
            "abusive",
            True,
            f"{what} is abusive{f', by {listing(by)}' if by else ''}: {figure}, where "
            f"{limits['min_abuse']:.2f} is needed.",
        )
    if abuse is None:
        why = "the data hold nothing on what the accounts do"
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


#: What each measure of the probability of one operator says.
MEASURES = {
    "devices": "bits of devices that hold a member, over those of a value of one's own",
    "identifiers": "the same for e-mail, phone and other identifiers",
    "density": "share of the pairs that could be linked which are expected to match",
    "addresses": "how far addresses weigh more than public ones can, less where members live apart",
    "cards": "how alike its different cards are, beyond those of the platform (bits)",
    "payers": "accounts on its most used card (doublings, times the root of their share)",
    "size": "accounts over four that devices hold (in full from 32), less where they live apart",
    "declared": "the share that the platform knows as one customer",
    "campaign": "how far many send templates of their own, with two signs of extraction",
    "domain": "how far the accounts have a mail domain that nobody else has",
    "replaced": "how far new accounts follow suspended ones",
    "clock": "how even activity is over the hours of the day and the days of the week",
}
