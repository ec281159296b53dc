"""The reasons of a cluster: they name what its claim names."""

from __future__ import annotations

from forensics.score.score import reasons_of
from forensics.score.words import SIGNAL_WORDS, abusive_by

SIGNALS = [
    {"signal": "mixed_traffic", "value": 1.0},  # 0.2, and earlier in the table
    {"signal": "output_volume", "value": 0.6},  # 0.12
    {"signal": "replacement", "value": 0.4},  # 0.24
    {"signal": "throw_away_mail", "value": 0.9},  # 0.54
]


def test_reasons_name_the_signals_that_the_claim_names_first() -> None:
    kinds = ["payment", "ip", "device", "prompt"]
    assert reasons_of("abusive", kinds, SIGNALS) == [
        "cards", "addresses", "devices", "throw away mail", "replacement",
    ]  # fmt: skip
    assert abusive_by(SIGNALS)[:2] == [
        SIGNAL_WORDS[name] for name in ("throw_away_mail", "replacement")
    ]


def test_only_what_is_abusive_has_signals_among_its_reasons() -> None:
    assert reasons_of("coordinated", ["ip"], SIGNALS) == ["addresses"]
