"""Signals of abuse: each of its own, null where the case lacks the columns."""

from __future__ import annotations

from typing import Any

import pytest

from forensics.score.readings import ramp
from forensics.score.signals import SIGNALS, abuse_of, measure_signals
from tests.score.stories import BUILD_FLEET, COMPANY, RED_TEAM, RING, UNKNOWN, story


def abuse(*parts: dict[str, Any], **given: Any) -> float | None:
    facts = story(*parts, **given)
    return abuse_of(measure_signals(facts), facts)


def values(**given: Any) -> dict[str, float | None]:
    return {row["signal"]: row["value"] for row in measure_signals(story(given))}


def test_a_ramp_is_zero_then_straight_then_one() -> None:
    assert [ramp(x, 2, 4) for x in (0, 2, 3, 3.5, 4, 9)] == [0, 0, 0.5, 0.75, 1, 1]
    assert ramp(None, 2, 4) is None


@pytest.mark.parametrize(
    ("signal", "low", "high"),
    [
        (
            "template_concentration",
            {"own_prompt_share": 0.05},
            {
                "own_senders": 1.0,
                "own_prompt_share": 0.6,
                "capability_share": 0.5,
                "output_ratio": 3.0,
            },
        ),
        (
            "work_splitting",
            {"own_senders": 1.0, "own_prompt_share": 0.05},
            {
                "own_senders": 1.0,
                "own_prompt_share": 0.6,
                "capability_share": 0.5,
                "output_ratio": 3.0,
            },
        ),
        (
            "capability_focus",
            {"capability_share": 0.05, "own_senders": 1.0},
            {"capability_share": 0.5, "own_senders": 1.0},
        ),
        ("pivot", {"pivoted": -0.1}, {"pivoted": 0.4}),
        ("output_volume", {"output_ratio": 1.1}, {"output_ratio": 3.0}),
        ("even_load", {"even_load": 0.5, "with_prompts": 20}, {"even_load": 3, "with_prompts": 20}),
        (
            "mixed_traffic",
            {"accounts": 5, "own_prompt_share": 0.4, "own_senders": 1.0},
            {
                "accounts": 50,
                "own_prompt_share": 0.4,
                "own_senders": 1.0,
                "capability_share": 0.5,
                "output_ratio": 3.0,
            },
        ),
        (
            "round_the_clock",
            {"evenness": 0.99, "weekend": 0.1},
            {"evenness": 0.99, "weekend": 0.3, "pivoted": 0.4, "output_ratio": 2.0},
        ),
        (
            "replacement",
            {"suspended": 5, "replaced": 0},
            {"suspended": 5, "replaced": 5},
        ),
        ("throw_away_mail", {"throw_away_mail": 0.05}, {"throw_away_mail": 0.8}),
        ("concealed_cards", {"concealed_cards": 0.2}, {"concealed_cards": 1.0}),
        ("countries_differ", {"country_differs": 0.2}, {"country_differs": 1.0}),
    ],
)
def test_each_signal_is_silent_on_people_and_speaks_of_rings(
    signal: str, low: dict[str, Any], high: dict[str, Any]
) -> None:
    assert values(**low)[signal] == 0.0
    assert values(**high)[signal] == 1.0


def test_templates_on_a_capability_are_borne_out_by_a_second_sign() -> None:
    """A build fleet may work on what is a capability; its answers are no longer for it."""
    focus = {"own_prompt_share": 0.6, "own_senders": 1.0, "capability_share": 0.5}
    found = [
        values(**focus, output_ratio=ratio)["template_concentration"] for ratio in (1.0, 1.5, 3.0)
    ]
    assert found == [0.725, 0.863, 1.0]  # 0.45, and 0.55 times the mean of the two strongest


def test_a_clock_without_signs_of_extraction_counts_by_half() -> None:
    """A build fleet runs day and night as well."""
    never_rests = {"evenness": 0.99, "weekend": 0.3}
    longer = {"pivoted": 0.4, "output_ratio": 3.0}
    found = [values(**never_rests, **more)["round_the_clock"] for more in ({}, longer)]
    assert found == [0.5, 1.0]


def test_what_three_accounts_say_alike_is_no_division_of_work() -> None:
    """One person's own prompts are templates that all of his accounts send."""
    again = {"own_prompt_share": 0.6, "own_senders": 1.0, "pivoted": 0.4, "output_ratio": 3.0}
    found = [values(**again, with_prompts=n)["work_splitting"] for n in (2, 5, 8)]
    assert found == [0.0, 0.5, 1.0]


def test_the_subject_of_one_person_is_no_focus_of_a_campaign() -> None:
    one = {"capability_share": 0.5, "own_senders": 1.0}
    found = [values(**one, with_prompts=n)["capability_focus"] for n in (2, 5, 8)]
    assert found == [0.0, 0.5, 1.0]


def details(*parts: dict[str, Any], **given: Any) -> dict[str, str]:
    return {row["signal"]: row["detail"] for row in measure_signals(story(*parts, **given))}


def test_a_signal_says_in_words_what_it_saw() -> None:
    assert details(RING, accounts=20, own_prompt_share=0.6) == {
        "template_concentration": "60% of the prompts follow 3 templates of its own: several "
        "members send them, and no more accounts elsewhere than here",
        "work_splitting": "100% of the accounts with prompts send templates of its own",
        "mixed_traffic": "60% of the prompts follow templates of its own, which 100% of the "
        "accounts with prompts send (mixed: 15% to 75%, of over 80% in twenty accounts or more)",
        "capability_focus": "70% of the prompts follow templates of its own that are about one "
        "of the capabilities in references",
        "pivot": "in the three days after a release, the share of prompts to the new model was "
        "40 points above that elsewhere",
        "output_volume": "answers are 2.2 times as long as elsewhere",
        "even_load": "numbers of prompts vary from account to account 0.2 times as much as on the "
        "platform (variance of logarithms)",
        "round_the_clock": "evenness over the hours of the day 0.99 of 1; 28% of the activity at "
        "weekends (UTC; 29% if the week is even)",
        "replacement": "no account is recorded as suspended",
        "instruments_per_account": "1.0 payment instruments for each account that has any",
        "throw_away_mail": "90% of the e-mail addresses are of a throw-away domain",
        "concealed_cards": "0 of 10 payment instruments are prepaid, virtual or crypto",
        "countries_differ": "0 of 10 payment instruments are issued in another country than most "
        "of their accounts declare",
    }


def test_few_cards_are_counted_and_said_to_weigh_less() -> None:
    one = {"cards_of_kind": 1, "cards_of_country": 1, "cards_concealed": 0}
    said = details(**one, cards_abroad=1, country_differs=1 / 3)
    assert said["countries_differ"] == (
        "1 of 1 payment instrument is issued in another country than most of its accounts declare "
        "(fewer than three count as three: weighed as 33%)"
    )
    assert said["concealed_cards"] == (
        "0 of 1 payment instrument is prepaid, virtual or crypto (fewer than three count as "
        "three: weighed as 0%)"
    )


def test_the_words_of_a_signal_without_value_do_not_assert_it() -> None:
    said = details(pivoted=-0.05, even_load=-1.0, suspended=3, own_senders=0.001)
    assert said["template_concentration"] == "no prompts follow templates of its own"
    assert said["mixed_traffic"].startswith("0% of the prompts follow templates of its own, which")
    assert said["work_splitting"].startswith("under 1% of the accounts")
    assert said["pivot"].endswith("was 5 points below that elsewhere")
    assert said["even_load"].startswith("numbers of prompts vary from account to account 2.0 times")
    assert said["round_the_clock"].startswith("evenness over the hours of the day 0.70 of 1; 12%")
    assert said["replacement"] == (
        "0 of 3 suspended accounts were followed by a sign-up within three days"
    )
    assert details(pivoted=0.0)["pivot"].endswith("was equal to that elsewhere")
    one = details(suspended=1, replaced=1, replaced_by_chance=0.44)["replacement"]
    assert one == (
        "1 of 1 suspended account was followed by a sign-up within three days (0.4 by chance)"
    )


def test_without_the_columns_a_signal_has_no_value_and_says_what_it_needs() -> None:
    rows = measure_signals(story(UNKNOWN, with_status=0))
    assert [row["value"] for row in rows] == [None] * len(rows)
    assert all(row["detail"].startswith("not available: needs ") for row in rows)


def test_a_few_events_say_nothing_on_the_clock() -> None:
    assert values(events=39, evenness=0.99, weekend=0.3)["round_the_clock"] is None


def test_abuse_is_null_without_evidence_on_behaviour_never_zero() -> None:
    """Throw-away mail conceals; it does not tell that anything was done."""
    assert abuse(UNKNOWN, with_status=0, throw_away_mail=1.0) is None
    # That nobody was replaced and that each has one card does not tell either.
    quiet = {"with_status": 10, "suspended": 0, "instruments_per_account": 1.0}
    assert abuse(UNKNOWN, quiet) is None
    assert (abuse(UNKNOWN, quiet, instruments_per_account=12.0) or 0) > 0.5
    assert (abuse(UNKNOWN, quiet, suspended=5, replaced=5) or 0) > 0.5
    assert abuse() == 0.0


def test_abuse_is_the_noisy_or_of_the_signals() -> None:
    weight = {signal.name: signal.weight for signal in SIGNALS}
    alone = abuse(throw_away_mail=1.0)
    assert alone == pytest.approx(weight["throw_away_mail"])
    both = abuse(throw_away_mail=1.0, concealed_cards=1.0)
    assert both == pytest.approx(
        1 - (1 - weight["throw_away_mail"]) * (1 - weight["concealed_cards"]), abs=1e-3
    )


def test_a_ring_is_abusive_and_a_company_is_not() -> None:
    assert (abuse(RING) or 0) > 0.8
    assert (abuse(COMPANY) or 0) < 0.2


def test_volume_and_country_alone_are_never_abuse() -> None:
    assert abuse(prompts=1_000_000, events=1_000_000) == abuse()
    foreign = abuse(country_differs=1.0)
    assert foreign is not None
    assert foreign < 0.5


def test_templates_of_a_product_count_less_where_nothing_else_looks_like_extraction() -> None:
    """Capability, pivot and output could be seen, and none is there: half of the weight is left."""
    assert (abuse(BUILD_FLEET) or 0) < 0.5 < (abuse(BUILD_FLEET, capability_share=0.6) or 0)


def test_templates_alone_are_no_proof_of_abuse_whatever_can_be_seen() -> None:
    """Test accounts, a course and an agency have templates of their own as well."""
    blind = {"capability_share": None, "pivoted": None, "output_ratio": None}
    assert (abuse(BUILD_FLEET, blind) or 0) < 0.5
    assert (abuse(BUILD_FLEET, blind, suspended=5, replaced=5) or 0) > 0.5


def test_a_declared_red_team_does_what_is_expected_of_it() -> None:
    assert (abuse(RED_TEAM) or 0) < 0.1
    assert (abuse(RED_TEAM, declared_share=0.2) or 0) > 0.5
    # Replacement of suspended accounts is no red team's work.
    assert (abuse(RED_TEAM, suspended=5, replaced=5) or 0) > 0.5
