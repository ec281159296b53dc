"""`forensics account` on the small case (tests/factory.py tells its story)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.case.store import Case
from forensics.cli import account_screen, output
from tests.bundle.test_fits import change
from tests.conftest import Ran, fits

Cli = Callable[..., Ran]


def test_why_adds_up_bit_by_bit_down_to_the_source_rows(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "why", "north-2", "north-1", "--case", small_case.root)
    said = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert said == [
        "north-1 and north-2 are linked.",
        "Both are in C-north.",
        "",
        "Bits",
        "-10.0 prior: before any evidence",
        "+14.0 cards, instrument: same payment, payment:tok-north",
        "on 4 accounts, operators 1",
        "north-1 payments.csv row 1",
        "north-2 payments.csv row 2",
        "+11.3 devices, device: same device, device:dev-north",
        "on 3 accounts, operators 2",
        "north-1 devices.csv row 1",
        "north-2 devices.csv row 2",
        "+7.8 templates, template: same template, template:t-north",
        "on 5 accounts, operators 1",
        "north-1 prompts.jsonl row 1",
        "north-1 prompts.jsonl row 2",
        "north-2 prompts.jsonl row 4",
        "north-2 prompts.jsonl row 5",
        "and 2 more rows",
        "+5.9 addresses, address: same address, ip:203.0.113.7",
        "on 4 accounts, operators 1",
        "north-1 ips.csv row 1",
        "north-2 ips.csv row 2",
        "+29.0 in all: one operator runs both with a probability of over 0.999999",
        "",
        "Linked does not mean abusive, and a link is not an attribution.",
    ]


def test_why_shows_what_speaks_against_too(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "why", "north-5", "south-4", "--case", small_case.root, "--format", "json")
    told = json.loads(ran.out)
    assert told["linked"] is True
    assert told["clusters"] == ["C-north", "C-south"]
    assert [(r["level"], r["bits"]) for r in told["reasons"]] == [
        ("same payment", 12.966),
        ("different", -0.585),
        ("different", -2.0),
    ]
    total = told["link"]["prior_bits"] + sum(r["bits"] for r in told["reasons"])
    assert round(total, 3) == told["link"]["match_weight"]


def test_why_csv_names_the_source_rows_of_each_reason(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "why", "home-1", "home-2", "--case", small_case.root, "--format", "csv")
    first = next(csv.DictReader(io.StringIO(ran.out)))
    assert (first["comparison"], first["key"]) == ("instrument", "payment:tok-home")
    assert first["sources"] == "home-1 payments.csv row 13; home-2 payments.csv row 14"


def test_why_says_of_two_that_are_not_linked_what_they_share(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "why", "south-1", "north-1", "--case", small_case.root)
    said = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert said[:3] == [
        "north-1 and south-1 are not linked.",
        "north-1: C-north, abusive, 5 accounts; membership 1.00",
        "south-1: C-south, coordinated, 4 accounts; membership 1.00",
    ]
    assert "email_domain mail.example 15 9" in said
    assert said[-1] == "Not linked does not mean innocent."


def test_why_wants_two_different_accounts(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "why", "north-1", "north-1", "--case", small_case.root)
    assert ran.code == 2
    assert "two different accounts" in ran.err


def test_show_an_account(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "show", "north-5", "--case", small_case.root)
    said = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert fits(ran.out)
    assert "cluster C-north, abusive, 5 accounts; membership 0.80, a bridge" in said
    assert "payment tok-lent use 2 2" in said  # accounts, operators
    assert "1 value that no other account has" in said
    assert "Strongest of 4 links" in said
    assert said[said.index("Fits its cluster as a whole") + 1 :][:4] == [
        "-2.3 prior: before any evidence",
        "+5.0 template:t-north: 4 of 4 other members and 0 accounts outside have it",
        "-0.6 address: another than the cluster's",
        "+2.1 in all",
    ]


def test_show_says_how_few_members_have_as_little_in_common(cli: Cli, small_case: Case) -> None:
    change(
        small_case,
        "fits",
        lambda rows: [r if r["bits"] != -0.6 else r | {"users": 0, "bits": -0.193} for r in rows],
    )
    shown = " ".join(cli("account", "show", "north-5", "--case", small_case.root).out.split())
    assert "-0.2 address: 0 of 4 other members have as few in common with the cluster" in shown


def test_long_words_on_evidence_wrap_under_themselves(
    cli: Cli, small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.out, "width", 60)
    case = ("--case", small_case.root)
    shown = [line.rstrip() for line in cli("account", "show", "north-5", *case).out.splitlines()]
    at = shown.index("Fits its cluster as a whole")
    assert shown[at + 2 : at + 4] == [
        "     +5.0  template:t-north: 4 of 4 other members and 0",
        "           accounts outside have it",
    ]
    monkeypatch.setattr(output.out, "width", 50)
    why = cli("account", "why", "north-1", "north-2", *case).out
    shown = [line.rstrip() for line in why.splitlines()]
    at = shown.index("Bits")
    assert shown[at + 1 : at + 5] == [
        "    -10.0  prior: before any evidence",
        "    +14.0  cards, instrument: same payment,",
        "           payment:tok-north",
        "           on 4 accounts, operators 1",
    ]


def test_show_says_why_a_cluster_let_an_account_go(cli: Cli, small_case: Case) -> None:
    case = ("--case", small_case.root)
    said = " ".join(cli("account", "show", "solo-1", *case).out.split())
    assert (
        "let go by C-north: it first used an address, device or other value of few operators that "
        "members use as well on 2026-01-28, after 6 days of use in the 17 days since its sign-up, "
        "as accounts do that were taken over; card ranges, networks and mail domains left out"
    ) in said
    told = json.loads(cli("account", "show", "solo-1", *case, "--format", "json").out)["let_go"]
    since = "2026-01-28T09:00:00Z"
    assert told == {"cluster_id": "C-north", "since": since, "days": 6, "age_days": 17}
    assert "let go" not in cli("account", "show", "north-5", *case).out


def test_show_tells_no_activity_that_the_case_can_not_count(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    sources = small_case.root.parent / "sources"
    signups = next(sources.glob("signups*"))
    assert cli("run", signups, "--case", tmp_path / "bare").code == 0
    assert "activity" not in cli("account", "show", "north-5", "--case", tmp_path / "bare").out
    asked = "MATCH (a:Account) WHERE a.prompts = 0 OR a.requests = 0 RETURN count(a) AS zero"
    (tmp_path / "zero.cypher").write_text(asked)
    bare = ("--case", tmp_path / "bare", "--format", "csv")
    ran = cli("query", "run", tmp_path / "zero.cypher", *bare)
    assert ran.out == "zero\n0\n"


def test_show_says_how_many_values_it_leaves_out_and_how_to_see_them(
    cli: Cli, small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_screen, "VALUES_SHOWN", 2)
    ran = cli("account", "show", "north-5", "--case", small_case.root)
    said = [" ".join(line.split()) for line in ran.out.splitlines()]
    at = said.index("and 3 more that others have too; all of them:")
    operators = [float(line.split()[-1]) for line in said[at - 2 : at]]
    assert operators == sorted(operators)
    assert said[at + 1].startswith("forensics account show north-5 --format csv --case")


def test_show_csv_has_the_values(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "show", "solo-5", "--case", small_case.root, "--format", "csv")
    assert ran.out == (
        "kind,key,value,role,uses,first_seen,last_seen,accounts,operators\n"
        "ip,ip:198.51.100.99,198.51.100.99,use,1,"
        "2026-01-30T00:00:00Z,2026-01-30T00:00:00Z,1,1.0\n"
    )


def test_show_an_account_without_sign_up_or_links(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "show", "solo-5", "--case", small_case.root)
    assert "none in the data" in ran.out
    assert "that does not mean innocent" in ran.out


def test_an_unknown_account_names_the_nearest(cli: Cli, small_case: Case) -> None:
    ran = cli("account", "show", "nroth-5", "--case", small_case.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Error: no account 'nroth-5'; did you mean 'north-5'?\n"


def test_why_tells_files_of_one_name_apart(cli: Cli, small_case: Case) -> None:
    path = small_case.root / "case.json"
    path.write_text(path.read_text().replace('"ips.csv"', '"payments.csv"'))
    ran = cli("account", "why", "north-1", "north-2", "--case", small_case.root)
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    digests = {s.table: s.sha256[:8] for s in small_case.manifest.sources}
    for table in ("payments", "ips"):
        assert f"north-1 payments.csv ({digests[table]}) row 1" in lines
    assert "north-1 devices.csv row 1" in lines
