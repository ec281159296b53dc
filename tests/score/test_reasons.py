"""The reasons of a cluster: they name what its claim names."""

from __future__ import annotations

from forensics.score.score import reasons_of
from forensics.score.words import SIGNAL_WORDS, abusive_by

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
NAMED = ["longer answers than elsewhere", "activity at all hours of the day"]


def test_what_is_like_a_campaign_is_named_what_they_do_first() -> None:
    assert abusive_by(LIKENESS, SIGNALS) == [*NAMED, "new accounts after suspensions"]


def test_where_a_case_knows_too_little_for_that_the_signals_are_named() -> None:
    names = ("throw_away_mail", "replacement", "mixed_traffic")
    assert abusive_by([], SIGNALS) == [SIGNAL_WORDS[name] for name in names]


def test_reasons_name_what_the_claim_names_first() -> None:
    kinds = ["payment", "ip", "device", "prompt"]
    said = reasons_of("abusive", kinds, [*NAMED, "VPN addresses"])
    assert said == ["cards", "addresses", "devices", *NAMED]


def test_only_what_is_abusive_has_more_than_evidence_among_its_reasons() -> None:
    assert reasons_of("coordinated", ["ip"], NAMED) == ["addresses"]
