"""Innocent explanations: a positive model each, and rings do not get them for free."""

from __future__ import annotations

from typing import Any

import pytest

from forensics.cluster.settled import ACTIVE_DAYS, AGE_DAYS
from forensics.score.explanations import EXPLANATIONS, weigh_explanations
from forensics.score.grounds import (
    ACCOUNTS_FOR,
    ALIKE,
    HOLDS,
    HOLDS_AGAINST_ABUSE,
    LEGITIMATE,
    NOT_ONE,
    own_domain,
)
from forensics.score.readings import never_rests, one_campaign
from forensics.score.scorecard import PRIOR
from tests.score.stories import (
    AGENCY,
    COMPANY,
    FAMILY,
    HACKATHON,
    RESELLER,
    RING,
    SCHOOL,
    UNKNOWN,
    story,
)

Row = dict[str, Any]


def weighed(*parts: Row, **given: Any) -> dict[str, Row]:
    return {row["explanation"]: row for row in weigh_explanations(story(*parts, given))}


def holding(*parts: Row, claim: str, **given: Any) -> list[str]:
    """Return the explanations of a class that hold, the strongest first."""
    rows = weigh_explanations(story(*parts, given))
    return [row["explanation"] for row in rows if row["holds"] and row["claim"] == claim]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("company", COMPANY),
        ("company", {**COMPANY, "team_plan": None, "on_corporate": None, "signup_days": 2.0}),
        ("company", {"declared_kind": "organisation", "declared_share": 0.9}),
        ("company", {"declared_kind": "internal", "declared_share": 0.9}),
        ("company", SCHOOL),
        ("reseller or agency", {**RESELLER, "declared_kind": "reseller", "declared_share": 0.9}),
        ("reseller or agency", AGENCY),
        ("household", FAMILY),
        ("one person, several accounts", {"accounts": 3, "parallel": 0.05}),
        ("researchers or red team", {"declared_kind": "research", "declared_share": 0.9}),
        ("compromised accounts or a stolen card", {"settled": 0.9}),
    ],
)
def test_one_legitimate_operator(name: str, facts: Row) -> None:
    assert name in holding(facts, claim=LEGITIMATE)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("shared network", {"on_mobile": 1.0}),
        ("shared network", {"on_vpn": 1.0}),
        ("shared network", {"on_education": 1.0}),
        ("public prompt or benchmark", {"common_prompt_share": 0.8}),
        ("course, hackathon or launch day", HACKATHON),
        (
            "course, hackathon or launch day",
            {**HACKATHON, "lives_apart": 0.4, "school_mail": 1.0, "at_an_event": True},
        ),
        (
            "shared computer",
            {"devices": 3, "shared_devices": 1.0, "parallel": 0.05, "same_hours": 0.0},
        ),
        (
            "course, hackathon or launch day",
            {"accounts": 40, "signup_days": 0.2, "lives_apart": 0.5, "at_an_event": True},
        ),
        (
            "met once",
            {"accounts": 40, "lives_apart": 0.95, "days_together": 2.0, "days_in_use": 60.0},
        ),
        ("coarse or recycled values", {"sharing": 0.0}),
        ("coarse or recycled values", {"handed_on": 1.0}),
        ("data artefact", {"platform_share": 0.9, "sharing": 0.2, "instruments": 1, "devices": 1}),
    ],
)
def test_not_one_operator(name: str, facts: Row) -> None:
    assert name in holding(facts, claim=NOT_ONE)


def test_of_a_ring_no_explanation_holds() -> None:
    assert holding(RING, claim=LEGITIMATE) == []
    assert holding(RING, claim=NOT_ONE) == []


@pytest.mark.parametrize(
    "disguise",
    [
        {"team_plan": 1.0, "organisation": "Acme", "organisation_share": 1.0},
        {"on_mobile": 1.0},
        {"on_vpn": 1.0},
        {"signup_days": 60.0},
        {"accounts": 5},
        {"parallel": 0.0, "accounts": 5},
        {"on_education": 1.0},
        {"instruments": 10, "payer_share": 0.1},
    ],
)
def test_a_ring_in_disguise_does_not_get_it_for_free(disguise: Row) -> None:
    assert holding(RING, disguise, claim=LEGITIMATE) == []


def test_a_ring_on_a_domain_of_its_own_is_contested_at_most_where_it_behaves() -> None:
    """Own templates, throw-away mail and even load take the company away; a domain alone stays."""
    own = {"domain": "x.example", "domain_members": 10, "domain_share": 1.0, "domain_inside": 1.0}
    assert "company" not in holding({**RING, **own}, claim=LEGITIMATE)


def test_a_free_mail_domain_is_not_a_domain_of_their_own() -> None:
    free = {"domain": "gmail.com", "domain_members": 10, "domain_share": 1.0, "domain_inside": 0.02}
    words = weighed(free)["company"]["speaks_for"]
    assert "a mail domain of their own" not in words
    own = {**free, "domain": "acme.example", "domain_inside": 1.0}
    assert "a mail domain of their own" in weighed(own)["company"]["speaks_for"]


def test_a_throw_away_domain_is_not_a_domain_of_their_own() -> None:
    inside = {"domain": "mailinator.com", "domain_members": 10, "domain_share": 1.0}
    facts = {**inside, "domain_inside": 1.0, "throw_away_mail": 1.0}
    assert "a mail domain of their own" not in weighed(facts)["company"]["speaks_for"]


def test_dozens_are_no_household() -> None:
    assert not weighed(FAMILY, accounts=30)["household"]["holds"]


@pytest.mark.parametrize("name", ["household", "one person, several accounts"])
def test_a_small_ring_that_varies_its_prompts_is_no_household(name: str) -> None:
    """Three accounts of one afternoon, on a card from abroad, whose answers are long."""
    ring = {"accounts": 3, "signup_days": 0.02, "output_ratio": 2.0, "country_differs": 0.4}
    row = weighed(ring)[name]
    assert not row["holds"]
    assert "signed up within a day" in row["speaks_against"]
    assert "longer answers than elsewhere, or a pivot to a new model" in row["speaks_against"]


def test_prompts_that_are_not_recorded_count_by_half() -> None:
    """A reseller's customers, seen at work, not seen, and all at one task."""
    facts = {**RESELLER, "signup_days": 60.0}
    seen = weighed(facts)["reseller or agency"]
    unseen = weighed(facts, own_prompt_share=None)["reseller or agency"]
    assert seen["strength"] - unseen["strength"] == pytest.approx(0.15)
    words = "distinct prompts of each account"
    assert words in seen["speaks_for"]
    assert f"benefit of the doubt, as not recorded: {words}" in unseen["speaks_for"]
    assert words not in weighed(facts, own_prompt_share=0.9)["reseller or agency"]["speaks_for"]


@pytest.mark.parametrize("name", ["shared network", "course, hackathon or launch day"])
def test_one_payer_speaks_against_a_crowd_of_strangers(name: str) -> None:
    crowd = {"on_education": 1.0, "signup_days": 2.0, "lives_apart": 1.0}
    row = weighed(crowd, payer_share=1.0)[name]
    assert row["strength"] < weighed(crowd)[name]["strength"]
    assert row["speaks_against"]


def test_every_explanation_is_weighed_in_every_finding_the_strongest_first() -> None:
    rows = weigh_explanations(story())
    assert sorted(row["explanation"] for row in rows) == sorted(
        [ALIKE, *(e.name for e in EXPLANATIONS)]
    )
    strengths = [row["strength"] for row in rows]
    assert strengths == sorted(strengths, reverse=True)
    assert all(0 <= s <= 1 for s in strengths)


def test_an_explanation_holds_from_the_strength_of_its_class() -> None:
    assert HOLDS == {NOT_ONE: 0.5, LEGITIMATE: 0.25}
    for row in (*weigh_explanations(story(COMPANY)), *weigh_explanations(story(HACKATHON))):
        assert row["holds"] == (row["strength"] >= HOLDS[row["claim"]])


def test_it_takes_more_where_abuse_is_seen() -> None:
    """A team's plan, and one payer for some: 0.28."""
    plain = story(
        accounts=30,
        team_plan=1.0,
        payer_share=0.55,
        shared_devices=1.0,
        own_prompt_share=0.4,
        signup_days=7.0,
    )
    for abuse, holds in ((0.49, True), (None, True), (0.5, False)):
        rows = {row["explanation"]: row for row in weigh_explanations(plain, abuse)}
        assert 0.25 <= rows["company"]["strength"] < HOLDS_AGAINST_ABUSE[LEGITIMATE]
        assert rows["company"]["holds"] is holds


def test_what_is_surely_like_a_campaign_needs_an_explanation_that_accounts_for_it() -> None:
    """A ring may call itself a company; a company that the platform knows is one."""
    said = story(
        {**COMPANY, "accounts": 30, "team_plan": 0.0, "payer_share": 0.0, "weekend": 0.3},
        own_prompt_share=0.8,
        shared_devices=1.0,
    )
    known = story(said, declared_kind="organisation", declared_share=1.0)
    for facts, abuse, holds in ((said, 0.69, True), (said, 0.7, False), (known, 0.99, True)):
        said_of = weigh_explanations(facts, abuse, likeness=[{"item": PRIOR, "bits": 9.0}])
        rows = {row["explanation"]: row for row in said_of}
        assert (rows["company"]["strength"] >= ACCOUNTS_FOR) == (facts is known)
        assert rows["company"]["holds"] is holds


def test_what_a_ring_can_arrange_accounts_for_nothing_that_is_certainly_like_a_campaign() -> None:
    """A mail domain, one card and weeks of growth are to be had; a declaration is not, nor a life
    that accounts had before."""
    arranged = story(COMPANY)
    known = story(COMPANY, declared_kind="organisation", declared_share=1.0)
    stolen = story(COMPANY, settled=0.4)
    for name, facts, abuse, holds in (
        ("company", arranged, 0.94, True),
        ("company", arranged, 0.95, False),
        ("company", known, 0.99, True),
        ("compromised accounts or a stolen card", stolen, 0.99, True),
    ):
        said_of = weigh_explanations(facts, abuse, likeness=[{"item": PRIOR, "bits": 9.0}])
        row = {row["explanation"]: row for row in said_of}[name]
        assert row["holds"] is holds, (name, abuse, row)


def test_being_like_honest_accounts_holds_only_by_what_they_do() -> None:
    quiet = {"item": "output_ratio", "value": 0.9, "bits": -3.8}
    mail = {"item": "school_mail", "value": 1.0, "bits": -3.6}
    foreign = {"item": "country_differs", "value": 0.2, "bits": 3.5}
    for abuse, likeness, holds in (
        (0.02, [quiet, mail, foreign], True),
        (0.02, [mail], False),
        (0.29, [quiet, mail], True),
        (0.3, [quiet, mail], False),
        (None, [], False),
    ):
        row = {r["explanation"]: r for r in weigh_explanations(story(), abuse, likeness=likeness)}
        assert row[ALIKE]["holds"] is holds
        assert row[ALIKE]["strength"] == (0.0 if abuse is None else round(1 - abuse, 3))
    row = weigh_explanations(story(), 0.02, likeness=[mail, quiet, foreign])[0]
    assert row["speaks_for"] == ["answers hardly longer than elsewhere", "mail of a school"]
    assert row["speaks_against"] == ["cards of other countries than declared"]


def test_being_like_honest_accounts_takes_more_where_the_length_of_answers_is_not_known() -> None:
    quiet = [{"item": "evenness", "value": 0.5, "bits": -1.3}]
    unknown = story(output_ratio=None)
    for facts, abuse, holds in (
        (unknown, 0.09, True),
        (unknown, 0.1, False),
        (story(unknown, own_prompt_share=None), 0.29, True),  # there are no prompts
        (story(), 0.29, True),
    ):
        row = {r["explanation"]: r for r in weigh_explanations(facts, abuse, likeness=quiet)}
        assert row[ALIKE]["holds"] is holds


@pytest.mark.parametrize(
    "against",
    [
        {"payer_share": 0.9},
        {"own_prompt_share": 0.5},
        {"output_ratio": 2.0},
        {"throw_away_mail": 0.9},
        {"days_together": None},
        {"days_in_use": 5.0},
    ],
)
def test_who_met_once_is_no_operator_unless_something_speaks_for_one(against: Row) -> None:
    guests = {"accounts": 40, "lives_apart": 0.95, "days_together": 2.0, "days_in_use": 60.0}
    assert "met once" in holding(guests, claim=NOT_ONE)
    assert "met once" not in holding(guests, against, claim=NOT_ONE)


def test_an_explanation_names_what_is_left_without_what_it_accounts_for() -> None:
    left = {"shared network": 0.9}
    rows = {r["explanation"]: r for r in weigh_explanations(story(), left=left)}
    assert rows["shared network"]["coordination_without"] == 0.9
    assert rows["company"]["coordination_without"] is None


def test_a_proxy_s_own_address_explains_nothing_where_rarer_values_are_shared() -> None:
    everywhere = {"platform_share": 0.9, "instruments": 1, "devices": 1}
    assert "data artefact" not in holding(everywhere, {"sharing": 1.0}, claim=NOT_ONE)


@pytest.mark.parametrize("accounts", [4, 12, 20])
def test_one_card_that_pays_openly_for_all_is_a_product_s(accounts: int) -> None:
    same = {"accounts": accounts, "payer_share": 1.0, "instruments": 1, "own_prompt_share": 0.8,
            "own_senders": 1.0, "own_templates": 2}  # fmt: skip
    assert "company" in holding(same, claim=LEGITIMATE)


def test_one_payer_for_many_who_live_apart_is_no_network_of_his_own() -> None:
    paid = {"accounts": 40, "payer_share": 1.0, "instruments": 1, "own_prompt_share": 0.25}
    name = "reseller or agency"
    there, away = (weighed(paid, lives_apart=apart)[name]["strength"] for apart in (0.2, 0.9))
    assert away == pytest.approx(there + 0.3)
    few = weighed(paid, accounts=4, lives_apart=0.9)[name]["strength"]
    assert few == weighed(paid, accounts=4)[name]["strength"]


@pytest.mark.parametrize(
    "signs",
    [
        {"accounts": 60},
        {"throw_away_mail": 0.5},
        {"replaced": 3},
        {"pivoted": 0.5},
        {"instruments_per_account": 6.0},
    ],
)
def test_it_is_not_where_there_are_signs_of_a_campaign(signs: Row) -> None:
    same = {"accounts": 12, "payer_share": 1.0, "instruments": 1, "own_prompt_share": 0.8,
            "own_senders": 1.0, "own_templates": 2}  # fmt: skip
    assert weighed(same, **signs)["company"]["strength"] < weighed(same)["company"]["strength"]


def test_a_school_s_mail_is_not_a_domain_of_their_own() -> None:
    own = {"domain": "tu.edu", "domain_members": 10, "domain_share": 1.0, "domain_inside": 1.0}
    assert own_domain(story(own)) == 1.0
    assert own_domain(story(own, school_mail=1.0)) == 0.0


@pytest.mark.parametrize(
    "without",
    [
        {"school_mail": 0.0},
        {"domain_share": 0.3},  # mail of several schools
        {"payer_share": 0.3},
        {"lives_apart": 0.2},
        {"capability_share": 0.5, "output_ratio": 2.0, "pivoted": 0.4, "country_differs": 1.0},
    ],
)
def test_a_school_that_pays_is_none_without_one_of_its_marks(without: Row) -> None:
    assert holding(SCHOOL, claim=LEGITIMATE, **without) == []


def test_a_class_that_turns_to_a_new_model_is_no_campaign() -> None:
    sent = {"own_senders": 1.0, "own_prompt_share": 0.9, "capability_share": 0.5, "pivoted": 0.5}
    assert one_campaign(story(sent)) == 1.0
    assert one_campaign(story(sent, school_mail=0.7)) == 0.0


@pytest.mark.parametrize(
    "given",
    [
        {"lives_apart": 0.3},
        {"cards_alike": 2.5},
        {"payer_share": 0.7},
        {"concealed_cards": 1.0},
        {"throw_away_mail": 0.5},
        {"capability_share": 0.5},
    ],
)
def test_a_campaign_of_one_morning_is_no_hackathon(given: Row) -> None:
    assert not weighed(HACKATHON, given)["course, hackathon or launch day"]["holds"]


@pytest.mark.parametrize(
    "given",
    [{"own_domains": 0.2}, {"signup_days": 0.5}, {"suspended": 10}, {"replaced": 5}],
)
def test_what_an_agency_is_not(given: Row) -> None:
    """Free mail, all on one day, half of them suspended."""
    held = weighed(AGENCY, given)["reseller or agency"]
    assert (
        held["strength"] < weighed(AGENCY)["reseller or agency"]["strength"] or "replaced" in given
    )


def test_a_ring_of_one_night_on_one_card_is_no_reseller() -> None:
    """Devices of their own and prompts without templates are what any ring can have."""
    ring = {**RESELLER, "accounts": 12, "signup_days": 0.02}
    assert not weighed(ring)["reseller or agency"]["holds"]
    assert weighed(ring, signup_days=30.0)["reseller or agency"]["holds"]


def test_prompts_that_everybody_sends_are_not_distinct() -> None:
    words = "distinct prompts of each account"
    assert words in weighed(RESELLER)["reseller or agency"]["speaks_for"]
    public = weighed(RESELLER, common_prompt_share=0.9)
    assert words not in public["reseller or agency"]["speaks_for"]


def test_what_one_person_says_again_in_his_accounts_is_no_campaign() -> None:
    again = {"accounts": 3, "parallel": 0.05, "own_prompt_share": 0.8, "own_senders": 1.0}
    name = "one person, several accounts"
    assert weighed(again)[name]["holds"]
    assert weighed(again, capability_share=0.5)[name]["holds"]  # his own work is on something too
    assert not weighed(again, capability_share=0.5, output_ratio=2.0)[name]["holds"]


def test_who_gives_one_name_beside_a_domain_of_its_own_is_open_about_it() -> None:
    given = {**COMPANY, "organisation": "Acme", "organisation_share": 0.9}
    words = "one organisation's name beside it"
    assert words in weighed(given)["company"]["speaks_for"]
    for told in ({"domain_inside": 0.1}, {"output_ratio": 2.0}, {"organisation_share": 0.2}):
        assert words not in weighed(given, **told)["company"]["speaks_for"]


def test_what_a_declared_reseller_sells_sends_the_same_templates() -> None:
    product = {**RESELLER, "own_prompt_share": 0.8, "own_senders": 1.0, "capability_share": 0.5}
    declared = {"declared_kind": "reseller", "declared_share": 0.9}
    name, words = "reseller or agency", "most prompts follow templates of their own"
    assert words in weighed(product)[name]["speaks_against"]
    assert words not in weighed(product, **declared)[name]["speaks_against"]
    assert weighed(product, **declared)[name]["holds"]


@pytest.mark.parametrize("name", ["company", "reseller or agency"])
def test_new_accounts_after_suspensions_speak_against_a_customer(name: str) -> None:
    plain = weighed({**COMPANY, "domain_inside": 0.1, "suspended": 1})[name]
    followed = weighed({**COMPANY, "domain_inside": 0.1, "suspended": 1, "replaced": 3})[name]
    assert "new accounts after suspensions" in followed["speaks_against"]
    assert followed["strength"] < plain["strength"]


def test_guests_use_their_own_devices_on_a_day_or_two() -> None:
    words = "used on a day or two, from devices of their own"
    name = "course, hackathon or launch day"
    assert words in weighed(HACKATHON, days_in_use=1.2)[name]["speaks_for"]
    for told in ({"days_in_use": 12.0}, {"days_in_use": 1.2, "shared_devices": 1.0}):
        assert words not in weighed(HACKATHON, **told)[name]["speaks_for"]


@pytest.mark.parametrize(("weekend", "expected"), [(0.0, 0), (0.28, 1), (0.5, 0.5), (0.9, 0)])
def test_one_weekend_is_not_round_the_clock(weekend: float, expected: float) -> None:
    awake = story(evenness=0.99, weekend=weekend)
    assert never_rests(awake) == pytest.approx(expected)


def test_where_nothing_is_known_nothing_holds_but_that_little_is_shared() -> None:
    assert holding(UNKNOWN, with_status=0, claim=LEGITIMATE) == []
    assert set(holding(UNKNOWN, with_status=0, claim=NOT_ONE)) <= {"coarse or recycled values"}


def test_what_hardly_applies_is_said_to_be_slight() -> None:
    clock = "never rests: even activity round the clock"
    facts = {**RESELLER, "events": 100, "weekend": 0.29}
    hardly = weighed(facts, evenness=0.934)["reseller or agency"]["speaks_against"]
    assert f"{clock} (slight)" in hardly
    always = {"evenness": 0.99, "output_ratio": 2.0, "capability_share": 0.5}
    assert clock in weighed(facts, **always)["reseller or agency"]["speaks_against"]


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("organisation", "company", "one organisation"),
        ("internal", "company", "one internal group"),
        ("reseller", "reseller or agency", "one reseller"),
        ("research", "researchers or red team", "one research programme"),
        ("education", "researchers or red team", "one school or course"),
    ],
)
def test_what_is_declared_is_told_with_a_noun(kind: str, name: str, words: str) -> None:
    row = weighed(declared_kind=kind, declared_share=0.9)[name]
    assert f"declared to the platform as {words}" in row["speaks_for"]


@pytest.mark.parametrize(
    ("kind", "strength", "against"),
    [
        ("research", 0.9, []),
        ("education", 0.9, []),
        ("reseller", 0.0, ["no declared programme, school or course"]),
    ],
)
def test_a_declared_school_lacks_no_declaration(
    kind: str, strength: float, against: list[str]
) -> None:
    row = weighed(declared_kind=kind, declared_share=0.9)["researchers or red team"]
    assert (row["strength"], row["speaks_against"]) == (strength, against)


def test_a_life_before_is_told_by_the_rule_that_lets_accounts_go() -> None:
    assert (AGE_DAYS, ACTIVE_DAYS) == (14, 3)
    assert (
        "many signed up 14 days, and were active on 3, before they shared any value of few "
        "operators"
    ) in weighed(settled=0.9)["compromised accounts or a stolen card"]["speaks_for"]


def test_the_words_of_a_ground_fit_where_it_begins_to_count() -> None:
    assert "sign-ups spread over more than a week" in str(weighed(RESELLER, signup_days=17.0))
    assert "a dozen accounts at most" in weighed(RESELLER, accounts=12)["company"]["speaks_for"]
    long = "half of them in use for two months and more"
    assert f"{long} (slight)" in weighed(days_in_use=61.0)["company"]["speaks_for"]
    assert long in weighed(days_in_use=75.0)["company"]["speaks_for"]
    assert long not in str(weighed(days_in_use=60.0)["company"])


@pytest.mark.parametrize(
    ("days", "against"), [(0.0, True), (6.9, True), (7.0, False), (None, False)]
)
def test_twenty_accounts_of_one_moment_speak_against_a_company(
    days: float | None, against: bool
) -> None:
    company = weighed(COMPANY, accounts=20, signup_days=days)["company"]
    assert ("many accounts, all signed up within days" in company["speaks_against"]) == against
