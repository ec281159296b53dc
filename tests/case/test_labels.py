"""Which of several labels on an account counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics.case.labels import Label, account_labels, read_labels, with_clusters
from forensics.case.store import Case
from tests.platforms import DAY, Platform, at, write_case

AT = "2026-03-01T00:00:00Z"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Four accounts; the loaded table has verdicts on three of them."""
    platform = Platform(people=4)
    early, late = at(0), at(30 * DAY)
    for account, verdict, when in (
        ("person-0000", "abusive", late),
        ("person-0000", "legitimate", early),
        ("person-0001", "abusive", None),
        ("person-0001", "legitimate", early),
        ("person-0002", "abusive", late),
    ):
        platform.add("labels", account_id=account, verdict=verdict, operator="x", at=when)
    return write_case(tmp_path / "case", platform.rows)


def verdicts(labels: dict[str, Label]) -> dict[str, str]:
    return {account[-1]: label.verdict for account, label in sorted(labels.items())}


def test_of_loaded_labels_the_latest_counts_and_one_without_a_time_least(case: Case) -> None:
    found = account_labels(case, [])
    assert verdicts(found) == {"0": "abusive", "1": "legitimate", "2": "abusive"}
    assert found["person-0000"].operator == "x"


def test_one_added_by_hand_counts_before_loaded_ones_and_the_last_of_these(case: Case) -> None:
    by_hand = [
        Label("abusive", AT, account_id="person-0001"),
        Label("legitimate", AT, account_id="person-0002"),
        Label("legitimate", AT, account_id="person-0001"),
        Label("abusive", AT, account_id="person-0001"),
    ]
    assert verdicts(account_labels(case, by_hand)) == {
        "0": "abusive", "1": "abusive", "2": "legitimate",
    }  # fmt: skip


def test_an_id_that_was_once_kept_as_a_number_is_read_as_text(case: Case) -> None:
    kept = f'{{"verdict": "abusive", "at": "{AT}", "account_id": 123, "cluster_id": null}}\n'
    (case.root / "labels.jsonl").write_text(kept)
    assert read_labels(case) == (Label("abusive", AT, account_id="123"),)


def test_a_label_on_a_cluster_counts_for_members_without_one_of_their_own() -> None:
    own = {"a-1": Label("abusive", AT, account_id="a-1")}
    said = [
        Label("legitimate", AT, cluster_id="C-here", operator="acme"),
        Label("abusive", AT, cluster_id="C-gone"),
    ]
    found = with_clusters(own, said, {"C-here": ["a-1", "a-2"], "C-other": ["a-3"]})
    assert verdicts(found) == {"1": "abusive", "2": "legitimate"}
    assert found["a-2"].operator == "acme"
