"""The reasons of a cluster: they name what its claim names."""

from __future__ import annotations

from forensics.score.score import reasons_of
from forensics.score.words import SIGNAL_WORDS, abusive_by, said_kinds, what_looks_so

LIKENESS = [
    {"item": "prior", "value": None, "bits": -5.7},
    {"item": "evenness", "value": 0.9, "bits": 0.6},
    {"item": "output_ratio", "value": 1.8, "bits": 3.4},
    {"item": "on_vpn", "value": 0.1, "bits": 0.4},  # too little to be named
    {"item": "replaced", "value": 1.0, "bits": 2.4},
    {"item": "payer_share", "value": 0.8, "bits": -1.6},
]
SIGNALS = [
    {"signal": "mixed_traffic", "value": 1.0},  # 0.2, and earlier in the table
    {"signal": "output_volume", "value": 0.6},  # 0.12
    {"signal": "replacement", "value": 0.4},  # 0.24
    {"signal": "throw_away_mail", "value": 0.9},  # 0.54
]
NAMED = ["longer answers than elsewhere", "new accounts after suspensions"]


def test_what_weighs_most_is_named_first_be_it_what_they_have_or_do() -> None:
    assert abusive_by(LIKENESS, SIGNALS) == [*NAMED, "activity at all hours of the day"]


def test_what_they_have_is_not_said_to_be_what_they_do() -> None:
    assert what_looks_so(LIKENESS, SIGNALS) == "what they have and do"
    assert what_looks_so(LIKENESS[:3], SIGNALS) == "what they do"
    assert what_looks_so([], SIGNALS) == "what they have and do"  # throw-away mail
    assert what_looks_so([], SIGNALS[:3]) == "what they do"


def test_where_a_case_knows_too_little_for_that_the_signals_are_named() -> None:
    names = ("throw_away_mail", "replacement", "mixed_traffic")
    assert abusive_by([], SIGNALS) == [SIGNAL_WORDS[name] for name in names]


def test_reasons_name_what_the_claim_names_first() -> None:
    kinds = ["payment", "ip", "device", "prompt"]
    said = reasons_of("abusive", kinds, [*NAMED, "VPN addresses"])
    assert said == ["cards", "addresses", "devices", *NAMED]
    ranges = reasons_of("abusive", said_kinds(kinds, ranges_alone=True), NAMED)
    assert ranges == ["card ranges", "addresses", "devices", *NAMED]


def test_only_what_is_abusive_has_more_than_evidence_among_its_reasons() -> None:
    assert reasons_of("coordinated", ["ip"], NAMED) == ["addresses"]
