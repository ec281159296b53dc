"""What the screens and the report say in the same words."""

from __future__ import annotations

import pytest

from forensics.link import weights
from forensics.link.observed import LEVELS
from forensics.score.words import (
    ECHO_BITS,
    SAME_RANGE,
    level_words,
    nothing_for,
    nothing_told,
    reaching,
    statuses,
    staying_below,
    without_prompts,
)


def test_an_arbitrary_explanation_is_not_called_the_strongest() -> None:
    company = {"explanation": "company", "strength": 0.0, "speaks_for": []}
    household = {"explanation": "household", "strength": 0.0, "speaks_for": ["two accounts"]}
    assert nothing_for([company, company]) == (
        "none of the innocent explanations has anything for it"
    )
    assert nothing_for([company, household]) == (
        "none of the innocent explanations has more for it than against it"
    )
    assert nothing_for([company, {**household, "strength": 0.1}]) == nothing_for([]) == ""


def test_deleted_accounts_are_counted() -> None:
    cluster = {"accounts": 4, "active": 1, "suspended": 0, "deleted": 3, "without_status": 0}
    assert statuses(cluster) == "1 active, 0 suspended, 3 deleted"


def test_a_status_that_is_not_recorded_is_said_and_not_called_active() -> None:
    cluster = {"accounts": 6, "active": 5, "suspended": 1, "deleted": 0, "without_status": 2}
    said = "3 active, 1 suspended, 0 deleted, 2 without a recorded status"
    assert statuses(cluster) == said
    unknown = {"accounts": 6, "active": 6, "suspended": 0, "deleted": 0, "without_status": 6}
    assert statuses(unknown) == "no status recorded"


def test_a_run_made_before_deleted_accounts_were_counted_says_nothing_of_them() -> None:
    assert statuses({"accounts": 5, "active": 4, "suspended": 1}) == "4 active, 1 suspended"


def test_a_mailbox_is_said_to_be_compared_without_tags() -> None:
    told = {"comparison": "email", "level": "same address", "bits": 9.0, "adjustment": 0.0}
    assert level_words(told, [told]) == "same mailbox, tags and Gmail's dots aside"


def test_what_the_bound_of_an_echo_cut_is_marked() -> None:
    assert ECHO_BITS == weights.ECHO_BITS
    device = {"comparison": "device", "level": "same", "key": "device:d", "bits": 9.0}
    address = {"comparison": "address", "level": "same prefix", "key": "prefix:192.0.2.0/24"}
    cut = {**address, "bits": 1.0, "adjustment": -2.0}
    marked = "same prefix (bounded: an echo of the device in common)"
    assert level_words(cut, [device, cut]) == marked
    assert level_words({**cut, "adjustment": 0.0}, [device, cut]) == "same prefix"
    other = {**device, "level": "different", "key": None}
    assert level_words(cut, [other, cut]) == "same prefix"  # one bit by another bound
    mail = {**cut, "comparison": "email", "level": "same domain"}
    assert level_words(mail, [cut, mail]).endswith("(bounded: an echo of the address in common)")
    mailbox = {**mail, "level": "same address"}
    assert "echo" not in level_words(mailbox, [cut, mailbox])


def test_that_prompts_are_missing_is_told_where_no_signal_of_theirs_has_a_value() -> None:
    signals = [{"signal": "replacement", "value": 1.0}, {"signal": "work_splitting", "value": None}]
    assert without_prompts(signals)
    assert not without_prompts([{"signal": "work_splitting", "value": 0.0}, *signals])


def test_what_is_missing_is_told_where_nothing_tells_what_accounts_do() -> None:
    no_prompts = [{"signal": "work_splitting", "value": None}]
    few = [*no_prompts, {"signal": "round_the_clock", "value": None}]
    times = "fewer than 40 times at which they were active"
    assert nothing_told(few) == f" (no prompt of theirs and {times})"
    clock = [*no_prompts, {"signal": "round_the_clock", "value": 0.0}]
    assert nothing_told(clock) == " (no prompt of theirs)"
    assert nothing_told([]) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.8996, "0.89"), (0.9, "0.90"), (0.29, "0.29"), (0.9999, "0.99"), (1.0, "1.00"), (0, "0.00")],
)
def test_what_falls_short_of_a_cut_off_looks_so(value: float, shown: str) -> None:
    assert reaching(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0501, "0.0501"), (0.05, "0.050"), (0.0021, "0.0021"), (0.05001, "0.0501"), (1.0, "1.000")],
)
def test_what_exceeds_a_cut_off_looks_so(value: float, shown: str) -> None:
    assert staying_below(value) == shown


def test_the_level_of_a_card_range_is_called_as_links_call_it() -> None:
    assert SAME_RANGE in LEVELS["instrument"]
