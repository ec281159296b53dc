"""From an account and a key to the stored rows."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa

from forensics.case.rows import USES, digest_rows, find_rows, open_rows, source_rows, uses_of
from forensics.case.run import Run
from forensics.case.store import Case


def wanted(*uses: tuple[str, str, str | None]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(USES.names, use, strict=True)) for use in uses], USES)


def places(case: Case, *uses: tuple[str, str, str | None]) -> list[tuple[str, int]]:
    rows = source_rows(case, Run.current(case), wanted(*uses))
    return [(row["file"], row["row"]) for row in rows.to_pylist()]


def test_a_key_brings_the_rows_in_which_the_account_uses_it(small_case: Case) -> None:
    assert places(small_case, ("north-1", "instrument", "payment:tok-north")) == [
        ("payments.csv", 1)
    ]
    assert places(small_case, ("south-4", "device", "device:dev-south")) == [("devices.csv", 7)]
    assert places(small_case, ("north-2", "email", "email:north-2@mail.example")) == [
        ("signups.csv", 2)
    ]
    assert places(small_case, ("north-5", "referral", "referral:FRIEND50")) == [
        ("identifiers.csv", 2)
    ]


def test_a_template_brings_the_prompts_assigned_to_it(small_case: Case) -> None:
    found = places(small_case, ("north-2", "template", "template:t-north"))
    assert found == [("prompts.jsonl", 4), ("prompts.jsonl", 5), ("prompts.jsonl", 6)]


def test_ranges_bring_the_cards_and_addresses_in_them(small_case: Case) -> None:
    assert places(small_case, ("north-1", "address", "prefix:203.0.113.0/24")) == [("ips.csv", 1)]
    assert places(small_case, ("north-1", "card_range", "bin:411111")) == [("payments.csv", 1)]


def test_without_a_key_everything_of_the_account_in_that_comparison(small_case: Case) -> None:
    assert places(small_case, ("north-5", "signup_gap", None)) == [("signups.csv", 5)]
    assert len(places(small_case, ("north-5", "synchrony", None))) == 3
    assert places(small_case, ("north-1", "address", None)) == [("ips.csv", 1)]
    assert places(small_case, ("north-1", "prefix", None)) == [("ips.csv", 1)]


def test_activity_is_prompts_and_addresses_used_at_one_moment(small_case: Case) -> None:
    assert places(small_case, ("solo-5", "synchrony", None)) == [("ips.csv", 20)]
    assert len(places(small_case, ("solo-1", "synchrony", None))) == 1


def test_a_value_that_the_account_does_not_use_brings_nothing(small_case: Case) -> None:
    assert places(small_case, ("north-1", "instrument", "payment:tok-acme")) == []
    assert places(small_case) == []


def test_times_are_those_of_the_row(small_case: Case) -> None:
    rows = source_rows(
        small_case, Run.current(small_case), wanted(("north-1", "address", "ip:203.0.113.7"))
    )
    (row,) = rows.to_pylist()
    assert row["first_seen"].isoformat() == "2026-01-06T10:00:00+00:00"
    assert row["last_seen"].isoformat() == "2026-01-06T10:20:00+00:00"


def test_the_uses_behind_reasons_are_those_of_both_accounts_once(small_case: Case) -> None:
    reasons = Run.current(small_case).read("reasons")
    mine = reasons.filter(pa.compute.equal(reasons["key"], "payment:tok-lent"))
    assert sorted(uses_of(mine).to_pylist(), key=str) == [
        {"account_id": a, "comparison": "instrument", "key": "payment:tok-lent"}
        for a in ("north-5", "south-4")
    ]


def test_every_reason_of_the_case_has_rows_on_both_sides(small_case: Case) -> None:
    run = Run.current(small_case)
    uses = uses_of(run.read("reasons"))
    rows = source_rows(small_case, run, uses)
    assert rows.select(USES.names).group_by(USES.names).aggregate([]).num_rows == uses.num_rows


def test_a_digest_is_that_of_the_stored_row_as_canonical_json(small_case: Case) -> None:
    database = open_rows(small_case, Run.current(small_case))
    uses = wanted(("solo-1", "device", None), ("north-1", "address", "ip:203.0.113.7"))
    rows = find_rows(database, uses)
    text = json.dumps(
        {
            "account_id": "north-1",
            "first_seen": "2026-01-06T10:00:00.000000Z",
            "ip": "203.0.113.7",
            "last_seen": "2026-01-06T10:20:00.000000Z",
            "requests": 40,
            "user_agent": None,
        },
        separators=(",", ":"),
    )
    digests = digest_rows(database, rows).to_pylist()
    assert digests[0] == hashlib.sha256(text.encode()).hexdigest()
    assert len(set(digests)) == rows.num_rows == 2
