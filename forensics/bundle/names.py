"""Names of things for people: kinds of evidence, comparisons and measures."""

from __future__ import annotations

import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence
from forensics.score.words import SAME_RANGE

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
    "untold": "how far accounts in use for days have neither a card nor a device on record",
}

#: What payments are called by whether a link or fit rests on a card itself, and on its range.
_PAYMENT_WORDS = {
    (True, True): "Cards and card ranges",
    (True, False): "Payment cards",
    (False, True): "Card ranges",
}


def kind_words(evidence: Evidence, pair: tuple[str, str] | None = None) -> dict[str, str]:
    """Return what kinds of evidence are called for a cluster, or for the link of a pair.

    In a profile without reasons nobody can tell whether cards are shared, or their ranges alone.
    """
    reasons, fits = evidence.reasons, evidence.fits
    if evidence.profile == "public":
        return {**KIND_WORDS, "payment": "Cards or card ranges"}
    paid = pc.and_(pc.equal(reasons["comparison"], "instrument"), pc.greater(reasons["bits"], 0))
    if pair:
        for side, account in zip(("account_a", "account_b"), pair, strict=True):
            paid = pc.and_(paid, pc.equal(reasons[side], account))
    levels = set(reasons.filter(paid)["level"].to_pylist())
    by_card, by_range = bool(levels - {SAME_RANGE}), SAME_RANGE in levels
    if not pair:
        fitted = set(fits.filter(pc.greater(fits["bits"], 0))["comparison"].to_pylist())
        by_card, by_range = by_card or "instrument" in fitted, by_range or "card_range" in fitted
    payment = _PAYMENT_WORDS.get((by_card, by_range), KIND_WORDS["payment"])
    return {**KIND_WORDS, "payment": payment}


def plural(count: int, noun: str) -> str:
    """Return "1 account", "1,204 accounts"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def sentence(text: str) -> str:
    """Return a text with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def words(name: str) -> str:
    """Return a name of ours for people: "public_benchmark" as "public benchmark"."""
    return COMPARISON_WORDS.get(name, name.replace("_", " "))
