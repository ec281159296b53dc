"""What the screens and the report say in the same words."""

from __future__ import annotations

from forensics.score.words import nothing_for, statuses


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
