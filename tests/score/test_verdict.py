"""The order in which a verdict is decided (FINDINGS, section 1), as a table of cases."""

from __future__ import annotations

from typing import Any

import pytest

from forensics.case.settings import ScoreSettings
from forensics.score.grounds import ALIKE, LEGITIMATE, NOT_ONE
from forensics.score.verdict import FINDINGS, decide, lowered, lowering

SURE: dict[str, Any] = {
    "accounts": 12,
    "coordination": 0.97,
    "q_value": 0.01,
    "stability": 0.95,
    "abuse": 0.8,
}
COMPANY = {"explanation": "company", "claim": LEGITIMATE, "strength": 0.8, "holds": True}
WEAK_COMPANY = {**COMPANY, "strength": 0.3, "holds": False}
NETWORK = {"explanation": "shared network", "claim": NOT_ONE, "strength": 0.7, "holds": True}
HONEST = {"explanation": ALIKE, "claim": LEGITIMATE, "strength": 0.98, "holds": True}
COURSE = {**NETWORK, "explanation": "course, hackathon or launch day", "strength": 0.85}


@pytest.mark.parametrize(
    ("given", "explanations", "verdict", "reasons", "explanation"),
    [
        # 1. Without the claim of one operator there is no other claim.
        ({"coordination": 0.899}, [], "unclear", ["weak coordination"], None),
        ({"q_value": 0.051}, [], "unclear", ["possibly chance"], None),
        ({"q_value": None}, [], "unclear", ["not tested against chance"], None),
        ({"stability": 0.699}, [], "unclear", ["unstable"], None),
        ({"accounts": 2}, [], "unclear", ["too few accounts"], None),
        ({"coordination": 0.5, "abuse": 0.0}, [COMPANY], "unclear", ["weak coordination"],
         "company"),
        # It is named with the strongest explanation that holds, of either class.
        ({"coordination": 0.5}, [COMPANY, NETWORK], "unclear", ["weak coordination"], "company"),
        ({"coordination": 0.5}, [COURSE, COMPANY], "unclear", ["weak coordination"],
         "course, hackathon or launch day"),
        ({"coordination": 0.5}, [{**COURSE, "holds": False}, NETWORK], "unclear",
         ["weak coordination"], "shared network"),
        ({"coordination": 0.1, "stability": 0.1}, [], "unclear",
         ["weak coordination", "unstable"], None),
        # The cut-offs themselves are enough.
        ({"coordination": 0.9, "q_value": 0.05, "stability": 0.7, "accounts": 3}, [], "abusive",
         [], None),
        # 2. Abuse, and nothing accounts for it.
        ({}, [], "abusive", [], None),
        ({"abuse": 0.5}, [WEAK_COMPANY], "abusive", [], None),
        # 3. Abuse, and an explanation holds as well.
        ({}, [COMPANY], "unclear", ["contested"], "company"),
        ({}, [COURSE, COMPANY], "unclear", ["contested"], "company"),
        # 4. An explanation holds.
        ({"abuse": 0.49}, [COMPANY], "legitimate", [], "company"),
        ({"abuse": None}, [WEAK_COMPANY, COMPANY], "legitimate", [], "company"),
        # What says what it is goes before what it is like.
        ({"abuse": 0.02}, [HONEST], "legitimate", [], ALIKE),
        ({"abuse": 0.02}, [HONEST, COMPANY], "legitimate", [], "company"),
        # 5. Otherwise.
        ({"abuse": 0.49}, [], "coordinated", [], None),
        ({"abuse": None}, [WEAK_COMPANY], "coordinated", [], None),
        # That it is not one operator lowers coordination elsewhere; it is no legitimate operator.
        ({"abuse": 0.0}, [NETWORK], "coordinated", [], None),
    ],
)  # fmt: skip
def test_verdicts(
    given: dict[str, Any],
    explanations: list[dict[str, Any]],
    verdict: str,
    reasons: list[str],
    explanation: str | None,
) -> None:
    assert decide({**SURE, **given}, explanations, ScoreSettings()) == (
        verdict, reasons, explanation,
    )  # fmt: skip


def test_the_cut_offs_are_settings() -> None:
    strict = ScoreSettings(min_coordination=0.99, max_q=0.001, min_stability=0.99, min_accounts=20)
    assert decide(SURE, [], strict)[1] == [
        "too few accounts", "weak coordination", "possibly chance", "unstable",
    ]  # fmt: skip
    assert decide({**SURE, "abuse": 0.3}, [], ScoreSettings(min_abuse=0.3))[0] == "abusive"


def test_only_what_speaks_against_one_operator_lowers_coordination() -> None:
    assert lowering("coordination", 0.9, []) is None
    assert lowering("coordination", 0.9, [COMPANY]) is None
    assert lowering("coordination", 0.9, [{**NETWORK, "holds": False}]) is None
    stronger = {**NETWORK, "strength": 1.0}
    assert lowering("coordination", 0.9, [stronger, NETWORK, COMPANY]) == stronger
    little = {**stronger, "coordination_without": 0.85}  # a public prompt explains no device
    assert lowering("coordination", 0.9, [little, NETWORK]) == NETWORK


def test_a_strong_explanation_accounts_for_no_more_abuse_than_it_is_strong() -> None:
    assert lowering("abuse", 0.6, [COMPANY, NETWORK]) == COMPANY
    assert lowering("abuse", 0.81, [COMPANY]) is None
    assert lowering("abuse", 0.6, [{**COMPANY, "strength": 0.74}]) is None
    assert lowering("abuse", 0.6, [{**NETWORK, "strength": 1.0}]) is None  # not one operator
    assert lowering("abuse", 0.6, [HONEST]) is None  # abuse says so already
    assert lowering("abuse", 0.6, [HONEST, COMPANY]) == COMPANY
    assert lowering("abuse", None, [COMPANY]) is None


def test_an_explanation_takes_up_to_six_tenths_of_a_score() -> None:
    assert lowered(0.9, None) == 0.9
    assert lowered(0.9, {**NETWORK, "strength": 1.0}) == pytest.approx(0.36)
    assert lowered(0.6, COMPANY) == pytest.approx(0.6 * (1 - 0.6 * 0.8))


def test_findings_are_the_abusive_and_the_coordinated() -> None:
    assert FINDINGS == ("abusive", "coordinated")


def test_an_explanation_takes_no_more_than_what_it_accounts_for() -> None:
    """That addresses are a carrier's does not explain why their users share cards."""
    assert lowered(0.97, NETWORK) == pytest.approx(0.97 * (1 - 0.6 * 0.7))
    assert lowered(0.97, {**NETWORK, "coordination_without": 0.95}) == 0.95
    assert lowered(0.97, {**NETWORK, "coordination_without": 0.1}) == lowered(0.97, NETWORK)
    assert lowered(0.5, {**NETWORK, "coordination_without": 0.95}) == 0.5
