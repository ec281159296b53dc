"""Likeness: bits of a campaign or of honest accounts, by the range that each value lies in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.likeness.fit import RANGES
from forensics.score.coordination import CEILING
from forensics.score.likeness import Likeness, Scale, scorecard, weigh_likeness
from forensics.score.readings import replacement
from forensics.score.scorecard import ITEMS, PRIOR, said_of, tells_behaviour, words_of
from forensics.score.signals import measure_signals, told
from tests.score.stories import BUILD_FLEET, COMPANY, RED_TEAM, RING, UNKNOWN, story


def likeness(*parts: dict[str, Any], devices: float = 0.0, **given: Any) -> Likeness:
    """Weigh one cluster of a story."""
    facts = story(*parts, **given)
    measures = {"devices": devices, "replaced": replacement(facts) or 0.0}
    of_one = {name: np.array([value]) for name, value in measures.items()}
    return weigh_likeness([facts], of_one, [told(measure_signals(facts))])


def campaign(*parts: dict[str, Any], **given: Any) -> float:
    return float(likeness(*parts, **given).campaign()[0])


def bits(*parts: dict[str, Any], **given: Any) -> dict[str, float]:
    return {row["item"]: row["bits"] for row in likeness(*parts, **given).rows(0)}


def test_a_value_has_the_bits_of_its_range() -> None:
    scale = Scale((-np.inf, 0.2, 0.5), (-1.0, 0.5, 2.0))
    assert [scale.of(v) for v in (0.0, 0.19, 0.2, 0.49, 0.5, 9.0)] == [-1, -1, 0.5, 0.5, 2, 2]
    assert scale.of(None) == 0.0


def test_every_item_has_a_scale_that_rises_or_falls_as_reasoned() -> None:
    assert set(scorecard()) == {PRIOR, *(item.name for item in ITEMS)}
    for name, ranges in RANGES.items():
        steps = np.diff(scorecard()[name].bits)
        assert (steps >= 0).all() if ranges.rises else (steps <= 0).all(), name


def test_every_item_has_words_for_what_it_can_speak_for_and_no_others() -> None:
    for item in ITEMS:
        bits = scorecard()[item.name].bits
        assert (bool(item.campaign), bool(item.honest)) == (max(bits) > 0, min(bits) < 0), item


def test_that_there_is_none_of_it_never_speaks_for_a_campaign() -> None:
    """What is said of the lowest range is said of nothing as well."""
    for name, ranges in RANGES.items():
        lowest = scorecard()[name].bits[0]
        assert lowest <= 0 if ranges.base else lowest == 0, name


def test_the_bits_add_up_to_the_odds_of_a_campaign() -> None:
    found = likeness(RING)
    total = sum(row["bits"] for row in found.rows(0))
    assert found.campaign()[0] == pytest.approx(CEILING / (1 + 2**-total), abs=5e-4)


def test_a_ring_is_like_campaigns_and_a_company_is_not() -> None:
    assert campaign(RING) > 0.95
    assert campaign(COMPANY) < 0.02


def test_without_a_kind_of_evidence_its_items_add_nothing() -> None:
    found = likeness(RING)
    said = bits(RING)
    without = sum(b for item, b in said.items() if item not in _of("prompt"))
    assert found.campaign(("prompt",))[0] == pytest.approx(CEILING / (1 + 2**-without), abs=5e-4)


def test_nothing_is_said_where_nothing_is_told_of_what_accounts_do() -> None:
    found = likeness(UNKNOWN, with_status=0, throw_away_mail=1.0)
    assert found.rows(0) == []
    assert found.campaign()[0] == 0.0


def test_volume_and_country_alone_are_never_abuse() -> None:
    assert campaign(prompts=1_000_000, events=1_000_000) == campaign()
    assert campaign(country_differs=1.0) < 0.5


def test_cards_by_the_dozen_tell_of_themselves() -> None:
    """Who tests stolen cards is seen by them, with nothing else in sight."""
    assert bits(instruments_per_account=12.0)["instruments_per_account"] == 6.0


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"output_ratio": None}, True),
        ({"output_ratio": None, "own_prompt_share": None}, True),
        ({"output_ratio": None, "own_prompt_share": None, "events": 3}, True),
        ({"output_ratio": None, "own_prompt_share": None, "parallel": None, "events": 0}, False),
    ],
)
def test_it_says_nothing_of_a_case_that_does_not_know_when_accounts_are_active(
    known: dict[str, Any], said: bool
) -> None:
    assert bool(likeness(known).told[0]) is said
    assert bool(likeness(known).rows(0)) is said


def test_a_dozen_events_tell_nothing_of_the_hours_at_which_people_are_awake() -> None:
    """They can't fill a day: that would pass for innocence wherever little is known."""
    assert bits(events=40, evenness=0.7)["evenness"] == -1.5
    assert "evenness" not in bits(events=39, evenness=0.7)


def test_guests_of_one_event_are_less_like_a_campaign() -> None:
    """They live apart, and what they share was in use for a weekend, not all along."""
    guests = {"lives_apart": 0.95, "evenness": 0.95, "same_hours": 0.6}
    assert bits(guests, days_together=2.5)["met_once"] < -1
    assert "met_once" not in bits(guests, days_together=30.0)
    assert campaign(guests, days_together=2.5) < campaign(guests, days_together=30.0)


def test_templates_alone_are_no_proof_of_abuse() -> None:
    """Test accounts, a course and a build fleet have templates of their own as well."""
    assert campaign(BUILD_FLEET) < 0.1
    assert bits(BUILD_FLEET)["own_prompt_share"] < 2


def test_a_name_counts_only_where_something_bears_it_out() -> None:
    """A ring that calls itself a company does not get it for free."""
    name = {"organisation": "Acme", "organisation_share": 1.0}
    assert "named" not in bits(name)
    assert campaign(RING, name) == campaign(RING)
    assert bits(name, COMPANY)["named"] < -3


def test_what_a_declared_group_does_by_its_nature_is_not_held_against_it() -> None:
    half = bits(RED_TEAM | {"declared_share": 0.6}, even_load=2.0)["even_load"]
    full = bits(RED_TEAM | {"declared_kind": None}, even_load=2.0)["even_load"]
    assert "even_load" not in bits(RED_TEAM, even_load=2.0)
    assert half == pytest.approx(full / 2)
    # Replacement of suspended accounts is no red team's work.
    assert bits(RED_TEAM, suspended=5, replaced=5)["replaced"] > 2


def test_what_is_said_names_the_weightiest_first() -> None:
    rows = [
        {"item": PRIOR, "value": None, "bits": -5.0},
        {"item": "on_vpn", "value": 0.3, "bits": 2.1},
        {"item": "output_ratio", "value": 1.9, "bits": 3.5},
        {"item": "school_mail", "value": 1.0, "bits": -3.6},
        {"item": "own_prompt_share", "value": 0.1, "bits": 0.3},
    ]
    assert words_of(rows, campaign=True) == ["longer answers than elsewhere", "VPN addresses"]
    assert words_of(rows, campaign=False) == ["mail of a school"]
    assert said_of(rows[0]) == "how rare campaigns are"


def test_how_accounts_are_set_up_is_no_behaviour() -> None:
    told = {item for item in (PRIOR, "suspended", "evenness", "even_load", "school_mail")
            if tells_behaviour({"item": item})}  # fmt: skip
    assert told == {"evenness", "even_load"}


def _of(kind: str) -> set[str]:
    return {item.name for item in ITEMS if item.kind == kind}
