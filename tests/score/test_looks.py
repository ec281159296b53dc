"""How abusive clusters look: likeness first, signals where it knows too little."""

from __future__ import annotations

from typing import Any

import numpy as np

from forensics.score.coordination import COEFFICIENTS
from forensics.score.looks import SIGNALS_TELL, Looks, look_at
from tests.score.stories import UNKNOWN, story

#: A ring on one card that sends its own templates, and rests at night.
ON_ONE_CARD = {
    "accounts": 100, "payer_share": 1.0, "instruments": 1, "own_prompt_share": 0.6,
    "own_senders": 0.9, "own_templates": 3, "with_prompts": 100, "throw_away_mail": 0.5,
}  # fmt: skip


def looks(*parts: dict[str, Any], **given: Any) -> Looks:
    measures = {name: np.zeros(1) for name in COEFFICIENTS}
    return look_at([story(*parts, **given)], measures)


def test_signals_tell_a_ring_of_whose_answers_nobody_knows_the_length() -> None:
    found = looks(ON_ONE_CARD, output_ratio=None)
    (abuse,) = found.abuse
    assert abuse is not None
    assert abuse >= SIGNALS_TELL
    assert found.alike == [[]]


def test_where_the_length_is_known_likeness_decides() -> None:
    found = looks(ON_ONE_CARD, output_ratio=1.0)
    assert found.abuse[0] == found.likeness.campaign()[0] < SIGNALS_TELL
    assert found.alike[0]


def test_likeness_that_says_more_stays() -> None:
    active = {"same_hours": 0.8, "even_load": 2.0, "evenness": 0.99, "on_vpn": 0.9}
    found = looks(ON_ONE_CARD, active, output_ratio=None, suspended=50, with_status=100)
    assert found.abuse[0] == found.likeness.campaign()[0] > 0.95
    assert found.alike[0]


def test_where_nothing_is_known_of_what_accounts_do_nothing_is_said() -> None:
    found = looks(UNKNOWN, with_status=0)
    assert found.alike == [[]]
    assert found.abuse == [None]
