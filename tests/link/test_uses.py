"""Accounts and uses of a case: who there is, what each uses, since when, in which role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensics.case.database import connect
from forensics.link.accounts import collect_accounts
from forensics.link.uses import collect_uses, comparisons_of
from tests.platforms import at, write_case

ROWS = {
    "signups": [
        {
            "account_id": "b",
            "created_at": at(0),
            "email": "b@firm.example",
            "email_raw": "B+tag@firm.example",
            "phone": "+491",
            "signup_ip": "192.0.2.1",
            "device_id": "laptop",
            "status": "suspended",
            "status_at": at(500),
        },
        {"account_id": "a", "created_at": at(10)},
    ],
    "payments": [
        {"account_id": "a", "instrument_id": "tok", "first_seen": at(20), "last_seen": at(30),
         "count": 2},
        {"account_id": "a", "instrument_id": "tok", "first_seen": at(90), "last_seen": at(90),
         "count": 1},
        {"account_id": "late", "instrument_id": "tok", "first_seen": at(40), "last_seen": at(40),
         "count": 1},
    ],
    "ips": [
        {"account_id": "b", "ip": "192.0.2.1", "first_seen": at(60), "last_seen": at(120),
         "requests": 7},
        {"account_id": "a", "ip": "192.0.2.1", "first_seen": at(60), "last_seen": at(60)},
    ],
    "prompts": [
        {"prompt_id": "q1", "account_id": "ghost", "at": at(700), "embedding": bytes(4)},
    ],
    "identifiers": [
        {"account_id": "b", "kind": "tax_id", "value": "7:7", "first_seen": at(1),
         "last_seen": at(1), "count": 1},
        {"account_id": "a", "kind": "ip", "value": "192.0.2.9", "first_seen": at(1),
         "last_seen": at(1), "count": 1},
    ],
    "declared": [
        {"account_id": "b", "group_id": "z-firm", "kind": "organisation"},
        {"account_id": "b", "group_id": "a-lab", "kind": "research"},
        {"account_id": "nobody", "group_id": "a-lab", "kind": "research"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return connect(write_case(tmp_path_factory.mktemp("uses") / "case", ROWS))


@pytest.fixture(scope="module")
def accounts(database: Any) -> dict[str, dict[str, Any]]:
    return {row["account_id"]: row for row in collect_accounts(database).to_pylist()}


@pytest.fixture(scope="module")
def uses(database: Any, accounts: Any) -> Any:
    return collect_uses(database)


def test_accounts_that_only_other_tables_mention_are_kept_and_marked(accounts: Any) -> None:
    assert list(accounts) == ["a", "b", "ghost", "late"]
    assert [row["has_signup"] for row in accounts.values()] == [True, True, False, False]
    assert [row["account"] for row in accounts.values()] == [0, 1, 2, 3]


def test_a_declaration_alone_makes_no_account(accounts: Any) -> None:
    assert "nobody" not in accounts


def test_an_account_is_seen_from_its_first_to_its_last_trace(accounts: Any) -> None:
    seen = {name: (row["first_seen"], row["last_seen"]) for name, row in accounts.items()}
    assert seen == {
        "a": (at(1), at(90)),
        "b": (at(0), at(120)),
        "ghost": (at(700), at(700)),
        "late": (at(40), at(40)),
    }


def test_requests_and_prompts_are_counted(accounts: Any) -> None:
    counted = {name: (row["requests"], row["prompts"]) for name, row in accounts.items()}
    assert counted == {"a": (1, 0), "b": (7, 0), "ghost": (0, 1), "late": (0, 0)}


def test_what_no_table_counts_is_null_not_zero(tmp_path: Path) -> None:
    bare = {name: rows for name, rows in ROWS.items() if name not in ("ips", "prompts")}
    found = collect_accounts(connect(write_case(tmp_path / "case", bare)))
    assert found["requests"].null_count == found["prompts"].null_count == len(found) > 0


def test_the_mail_domain_and_one_declared_group_stay_with_the_account(accounts: Any) -> None:
    b = accounts["b"]
    assert b["email_domain"] == "firm.example"
    assert b["email"] == "B+tag@firm.example"  # as given; "email:b@firm.example" is the value
    assert (b["declared_group"], b["declared_kind"]) == ("a-lab", "research")  # the larger
    assert accounts["a"]["email_domain"] is None


@pytest.mark.parametrize("order", [1, -1])
def test_an_account_is_of_its_largest_declared_group(tmp_path: Path, order: int) -> None:
    """By id "a-lab" comes first; most accounts of "z-firm" are declared as a reseller's."""
    declared = [
        {"account_id": "a", "group_id": "a-lab", "kind": "research"},
        {"account_id": "a", "group_id": "z-firm", "kind": "organisation"},
        {"account_id": "b", "group_id": "z-firm", "kind": "reseller"},
        {"account_id": "late", "group_id": "z-firm", "kind": "reseller"},
    ]
    case = write_case(tmp_path / "case", {**ROWS, "declared": declared[::order]})
    a = collect_accounts(connect(case)).to_pylist()[0]
    assert (a["declared_group"], a["declared_kind"]) == ("z-firm", "reseller")


def test_every_use_has_its_key_role_count_and_span(uses: Any) -> None:
    told = {
        (row["key"], ["a", "b", "g", "l"][row["account"]], row["role"]): (
            row["uses"], row["first_seen"], row["last_seen"],
        )
        for row in uses.to_pylist()
    }  # fmt: skip
    assert told == {
        ("payment:tok", "a", "use"): (3, at(20), at(90)),
        ("payment:tok", "l", "use"): (1, at(40), at(40)),
        ("ip:192.0.2.1", "b", "signup"): (1, at(0), at(0)),
        ("ip:192.0.2.1", "b", "use"): (7, at(60), at(120)),
        ("ip:192.0.2.1", "a", "use"): (1, at(60), at(60)),
        ("ip:192.0.2.9", "a", "use"): (1, at(1), at(1)),
        ("device:laptop", "b", "signup"): (1, at(0), at(0)),
        ("email:b@firm.example", "b", "signup"): (1, at(0), at(0)),
        ("email_domain:firm.example", "b", "signup"): (1, at(0), at(0)),
        ("phone:+491", "b", "signup"): (1, at(0), at(0)),
        ("tax_id:7:7", "b", "use"): (1, at(1), at(1)),
    }


def test_uses_come_in_one_order(uses: Any) -> None:
    rows = [(r["comparison"], r["key"], r["account"], r["role"]) for r in uses.to_pylist()]
    assert rows == sorted(rows)


def test_a_comparison_counts_accounts_not_uses_and_joins_roles(uses: Any) -> None:
    found = comparisons_of(uses, 4)
    assert sorted(found) == [
        "address", "device", "email", "email_domain", "instrument", "phone", "tax_id",
    ]  # fmt: skip
    address = found["address"]
    assert address.keys.to_pylist() == ["ip:192.0.2.1", "ip:192.0.2.9"]
    assert address.counts.tolist() == [2, 1]
    assert address.present.tolist() == [True, True, False, False]
    assert list(zip(address.account, address.value, strict=True)) == [(0, 0), (0, 1), (1, 0)]
    assert address.matrix.toarray().tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]


def test_the_span_of_a_use_is_in_seconds_over_both_roles(uses: Any) -> None:
    address = comparisons_of(uses, 4)["address"]
    first, last = address.first_s - int(at(0).timestamp()), address.last_s - int(at(0).timestamp())
    assert np.stack([first, last], axis=1).tolist() == [[3600, 3600], [60, 60], [0, 7200]]


def test_evidence_is_of_six_kinds_and_what_a_user_adds_is_an_identifier(uses: Any) -> None:
    kinds = {name: c.kind for name, c in comparisons_of(uses, 4).items()}
    assert kinds == {
        "address": "ip",
        "device": "device",
        "instrument": "payment",
        "email": "identifier",
        "email_domain": "identifier",
        "phone": "identifier",
        "tax_id": "identifier",
    }


def test_an_address_among_the_identifiers_is_compared_with_addresses(tmp_path: Path) -> None:
    span = {"first_seen": at(0), "last_seen": at(0)}
    rows = {
        "signups": [{"account_id": name, "created_at": at(0)} for name in "ab"],
        "ips": [{"account_id": "a", "ip": "2001:db8::1", **span}],
        "identifiers": [
            {"account_id": "b", "kind": "ip", "value": "2001:db8::1", "count": 1, **span}
        ],
    }
    database = connect(write_case(tmp_path / "case", rows))
    database.register("accounts", collect_accounts(database))
    found = comparisons_of(collect_uses(database), 2)
    assert list(found) == ["address"]
    assert found["address"].counts.tolist() == [2]
