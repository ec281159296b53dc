"""`forensics cluster` on the small case (tests/factory.py tells its story)."""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.bundle.reader import load_evidence
from forensics.bundle.report import report_html
from forensics.case.files import canonical_json
from forensics.case.run import KINDS, MEASURES, SCHEMAS, Run
from forensics.case.store import Case
from forensics.cli.cluster_screen import rests_on
from forensics.cli.output import emit
from tests.conftest import Ran, fits
from tests.factory import at

Cli = Callable[..., Ran]


def change_cluster(case: Case, cluster_id: str, **changed: object) -> None:
    """Change what the published run says of a cluster."""
    run = Run.current(case)
    table = run.read("clusters")
    rows = [r | changed if r["cluster_id"] == cluster_id else r for r in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "clusters.parquet")


def test_list_csv_has_every_column_of_every_cluster(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "list", "--case", small_case.root, "--format", "csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "cluster_id,accounts,coordination,abuse,verdict,q_value,stability,first_seen,last_seen,"
        "reasons,explanation,evidence_kinds,label,active,suspended,bridges,links,rank,"
        "hold_devices,hold_identifiers,hold_density,hold_addresses,hold_cards,hold_payers,hold_size,"
        "measured_coordination,measured_abuse,deleted,without_status,hold_declared,hold_campaign,"
        "hold_domain,hold_replaced,hold_clock,fitting,hold_untold\n"
        "C-north,5,0.99,0.9,abusive,0.001,0.95,2026-01-05T08:00:00Z,2026-01-30T12:00:00Z,"
        "cards; templates; addresses,,payment; prompt; ip; device,abusive,4,1,1,9,1,"
        ",,,,,,,,0.9,0,0,,,,,,1,\n"
        "C-acme,4,0.98,0.05,legitimate,0.01,0.9,2026-01-02T09:00:00Z,2026-01-30T12:00:00Z,"
        "cards; addresses,company,payment; ip,legitimate,4,0,0,6,2,,,,,,,,,"
        "0.1163,0,0,,,,,,0,\n"
        "C-south,4,0.95,0.3,coordinated,0.01,0.8,2026-01-11T10:00:00Z,2026-01-30T12:00:00Z,"
        "devices; templates; addresses,,device; prompt; ip,legitimate,4,0,1,6,3,,,,,,,,,"
        "0.3,0,0,,,,,,0,\n"
        "C-home,2,0.6,,unclear,0.4,0.7,2026-01-03T19:00:00Z,2026-01-30T12:00:00Z,"
        "too few accounts; weak coordination; possibly chance,household,payment; ip,,2,0,0,1,4,"
        ",,,,,,,,,0,0,,,,,,0,\n"
    )


def test_csv_for_machines_keeps_values_exact(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that joins on ids must find them; docs/security.md says where CSV is escaped."""
    emit([{"account_id": "=1+1"}, {"account_id": "+x"}], "csv", ["account_id"])
    assert capsys.readouterr().out == "account_id\n=1+1\n+x\n"


def test_list_json_keeps_null_and_lists(cli: Cli, small_case: Case) -> None:
    ran = cli(
        "cluster", "list", "--case", small_case.root, "--format", "json", "--verdict", "unclear"
    )
    (home,) = json.loads(ran.out)
    assert home["cluster_id"] == "C-home"
    assert home["abuse"] is None
    assert home["evidence_kinds"] == ["payment", "ip"]


def test_list_for_people_fits_the_screen(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "list", "--case", small_case.root)
    lines = ran.out.splitlines()
    assert fits(ran.out)
    heads = "CLUSTER ACCTS ACTIVE ONE-OP ABUSE q VERDICT LABEL RESTS ON"
    assert " ".join(lines[0].split()) == heads
    told = ["C-north", "5", "4", "0.99", "0.90", ".001", "abusive", "abusive"]
    assert lines[1].split()[:8] == told


def test_a_label_given_since_the_run_is_shown_beside_the_verdict(
    cli: Cli, small_case: Case
) -> None:
    cli("label", "add", "C-home", "--verdict", "legitimate", "--case", small_case.root)
    ran = cli(
        "cluster", "list", "--case", small_case.root, "--format", "json", "--verdict", "unclear"
    )
    assert [(row["verdict"], row["label"]) for row in json.loads(ran.out)] == [
        ("unclear", "legitimate")
    ]


def test_show_keeps_the_four_claims_apart(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "show", "C-north", "--case", small_case.root)
    assert " ".join(ran.out.partition("\n\n")[2].partition("\n\n")[0].split()) == (
        "4 of 5 accounts are linked by cards, templates, addresses and devices, and 1 more fits "
        "these as a whole; one operator runs them with a probability of 0.99; what they have and "
        "do looks abusive (0.90, by longer answers than elsewhere and new accounts after "
        "suspensions); who is behind them is not claimed."
    )


def test_show_says_what_holds_beside_the_claim(cli: Cli, small_case: Case) -> None:
    run = Run.current(small_case)
    shared = {
        "cluster_id": "C-north",
        "explanation": "shared computer",
        "claim": "not one operator",
        "strength": 0.55,
        "holds": True,
        "coordination_without": 0.9562,
    }
    table = pa.Table.from_pylist([shared], SCHEMAS["explanations"])
    pq.write_table(table, run.folder / "explanations.parquet")
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert (
        "one operator runs them with a probability of 0.99; but an innocent explanation holds for "
        "part of the evidence ('shared computer' accounts for addresses and devices; without these "
        "the probability is 0.95); what they have and do"
    ) in said


def test_cards_of_which_only_a_range_is_shared_are_not_said_to_be(
    cli: Cli, small_case: Case
) -> None:
    run = Run.current(small_case)
    reasons = [
        {**r, "level": "same card range"} if r["comparison"] == "instrument" else r
        for r in run.read("reasons").to_pylist()
    ]
    table = pa.Table.from_pylist(reasons, SCHEMAS["reasons"])
    pq.write_table(table, run.folder / "reasons.parquet")

    def told(*command: str) -> str:
        return " ".join(cli(*command, "--case", small_case.root).out.split())

    show = told("cluster", "show", "C-north")
    assert "are linked by card ranges, templates, addresses and devices" in show
    assert "card ranges +8.6 6 0.90" in show
    assert "abusive abusive card ranges" in told("cluster", "list")
    assert "card ranges +14.0" in told("cluster", "why", "C-north")
    assert "card ranges +14.0" in told("account", "show", "north-1")
    given = told("cluster", "list", "--format", "csv", "--verdict", "abusive")
    assert "payment; prompt; ip; device" in given  # for machines it stays the kind of evidence


def test_members_on_one_link_are_named(cli: Cli, small_case: Case) -> None:
    run = Run.current(small_case)
    kept = [
        r
        for r in run.read("links").to_pylist()
        if "north-4" not in (r["account_a"], r["account_b"]) or r["account_a"] == "north-1"
    ]
    pq.write_table(pa.Table.from_pylist(kept, SCHEMAS["links"]), run.folder / "links.parquet")
    said = cli("cluster", "show", "C-north", "--case", small_case.root).out
    assert "  1 member hangs on one link only: north-4\n" in said
    listed = cli("cluster", "members", "C-north", "--case", small_case.root, "--format", "json")
    links = {row["account_id"]: row["links"] for row in json.loads(listed.out)}
    assert (links["north-1"], links["north-4"]) == (4, 1)


def test_show_names_accounts_that_the_cluster_let_go(cli: Cli, small_case: Case) -> None:
    show = ("cluster", "show")
    said = cli(*show, "C-north", "--case", small_case.root).out.splitlines()
    assert "let go: 1 account that had a life before (account show says why): solo-1" in said
    asked = ("--case", small_case.root, "--format", "json")
    gone = {"cluster_id": "C-north", "account_id": "solo-1", "since": "2026-01-28T09:00:00Z"}
    assert json.loads(cli(*show, "C-north", *asked).out)["let_go"] == [{**gone, "days": 6}]
    assert json.loads(cli(*show, "C-south", *asked).out)["let_go"] == []
    assert "let go" not in cli(*show, "C-south", "--case", small_case.root).out


def test_show_says_which_rows_of_members_are_before_their_sign_up(
    cli: Cli, small_case: Case
) -> None:
    run = Run.current(small_case)
    accounts = run.read("accounts").to_pylist()
    for account in accounts:
        if account["account_id"] == "north-1":
            account["created_at"] = at("02-01 00:00")  # after all that it did
    pq.write_table(
        pa.Table.from_pylist(accounts, SCHEMAS["accounts"]), run.folder / "accounts.parquet"
    )
    told = {**run.info, "before_signup": {"payments": 1, "ips": 1, "devices": 1, "prompts": 3}}
    (run.folder / "run.json").write_bytes(canonical_json(told))
    north, south = (
        cli("cluster", "show", name, "--case", small_case.root).out
        for name in ("C-north", "C-south")
    )
    assert "  addresses before the sign-up: 1 row, no timing evidence\n" in north
    assert "before the sign-up" not in south


def test_show_does_not_claim_one_operator_where_the_evidence_does_not_carry_it(
    cli: Cli, small_case: Case
) -> None:
    said = " ".join(cli("cluster", "show", "C-home", "--case", small_case.root).out.split())
    assert (
        "the evidence does not carry the claim that one operator runs them (0.60, too few accounts"
        in said
    )
    assert "an innocent explanation is not ruled out: household" in said
    assert "the data can't say whether what they do is abusive" in said


def test_show_says_of_a_contested_cluster_what_stands_against_it(
    cli: Cli, small_case: Case
) -> None:
    change_cluster(
        small_case, "C-north", verdict="unclear", reasons=["contested"], explanation="company"
    )
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert (
        "one operator likely runs them (0.99); what they have and do looks abusive (0.90, by "
        "longer answers than elsewhere and new accounts after suspensions); but an innocent "
        "explanation stands against the finding: company; who is behind them is not claimed."
    ) in said
    assert "does not carry" not in said


def test_addresses_that_weigh_more_than_public_ones_are_not_called_private(
    cli: Cli, small_case: Case
) -> None:
    change_cluster(small_case, "C-north", **{f"hold_{measure}": 1.0 for measure in MEASURES})
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert "as a whole devices 1.00 · identifiers 1.00 · addresses beyond public ones 1.00" in said


def test_membership_is_rounded_alike_on_every_screen(cli: Cli, small_case: Case) -> None:
    run = Run.current(small_case)
    members = run.read("members")
    rows = [{**r, "membership": 0.9189 if r["bridge"] else 1.0} for r in members.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, members.schema), run.folder / "members.parquet")

    def told(*command: str) -> str:
        return " ".join(cli(*command, "--case", small_case.root).out.split())

    assert "north-5 0.91 3 yes active" in told("cluster", "members", "C-north")
    assert "north-5 (0.91)" in told("cluster", "show", "C-north")
    assert "membership 0.91, a bridge" in told("account", "show", "north-5")
    evidence = load_evidence(small_case, run, "C-north")
    assert '>bridge</span></th><td class="n">0.91</td>' in report_html(evidence).decode()


def test_show_says_what_stands_in_the_run(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "show", "C-north", "--case", small_case.root)
    lines = ran.out.splitlines()
    assert fits(ran.out)
    said = [" ".join(line.split()) for line in lines]
    assert "C-north abusive 5 accounts (4 active, 1 suspended, 0 deleted)" in said
    assert "one operator 0.99 abuse 0.90 q .001 stability 0.95" in said
    assert "cards +8.6 6 0.90" in said  # mean bits, links, one operator without cards
    assert "sign-ups █······▃····················▃··················· 5" in said
    assert "payment tok-north 4 0 1" in said  # members, outsiders, operators
    assert "device dev-north 2 1 2" in said
    assert "1 bridge account; it holds without: north-5 (0.80)" in said
    assert "payment:tok-lent 1 C-south 1" in said  # with it here and there
    assert "solo-4 2 +0.7" in said  # on the frontier, linked to two members
    assert "south-4 C-south 1 +0.4" in said
    assert "no events or references in this case" in said
    assert "release pivot: no model releases in the case" in said
    assert "devices cover 80 % of all accounts" in said


@pytest.mark.parametrize(
    ("bridges", "fitting", "told"),
    [
        (5, 1, "all of its accounts are bridges: north-5"),
        (4, 1, "all but one of its accounts are bridges: north-5"),
        (3, 1, "3 bridge accounts; it holds without: north-5"),
        (3, 3, "3 bridge accounts: north-5"),
    ],
)
def test_that_a_cluster_holds_without_its_bridges_is_said_only_where_it_can_be(
    cli: Cli, small_case: Case, bridges: int, fitting: int, told: str
) -> None:
    change_cluster(small_case, "C-north", bridges=bridges, fitting=fitting)
    assert told in cli("cluster", "show", "C-north", "--case", small_case.root).out


def test_show_names_the_one_kind_that_a_finding_rests_on(cli: Cli, small_case: Case) -> None:
    run = Run.current(small_case)
    table = run.read("evidence")
    less = {"ip": 0.05}
    rows = [{**r, "coordination_without": less.get(r["kind"], 0.95)} for r in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "evidence.parquet")
    rests = "It rests on addresses: without, one operator falls from 0.99 to 0.05."
    assert rests in cli("cluster", "show", "C-north", "--case", small_case.root).out
    assert rests in cli("cluster", "why", "C-north", "--case", small_case.root).out


def test_an_unclear_cluster_that_falls_as_far_is_warned_of_as_well(
    cli: Cli, small_case: Case
) -> None:
    run = Run.current(small_case)
    table = run.read("evidence")
    rows = [
        {**r, "coordination_without": 0.02 if r["kind"] == "payment" else 0.5}
        for r in table.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "evidence.parquet")
    rests = "It rests on cards: without, one operator falls from 0.60 to 0.02."
    assert rests in cli("cluster", "show", "C-home", "--case", small_case.root).out


def test_the_evidence_has_the_kinds_that_the_claim_names(cli: Cli, small_case: Case) -> None:
    run = Run.current(small_case)
    table = run.read("evidence")
    rows = [{**r, "coordination_without": 0.95} for r in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "evidence.parquet")
    change_cluster(small_case, "C-north", evidence_kinds=["payment"])
    said = cli("cluster", "show", "C-north", "--case", small_case.root).out
    assert "4 of 5 accounts are linked by cards, and 1 more" in said
    evidence = said.partition("\nEvidence\n")[2].partition("\nLike a campaign")[0]
    assert [line.split()[0] for line in evidence.split("\n") if line] == ["kind", "cards", "It"]
    assert "It rests on one kind of evidence." in evidence


def test_show_tells_what_is_like_a_campaign_in_bits(cli: Cli, small_case: Case) -> None:
    said = cli("cluster", "show", "C-north", "--case", small_case.root).out
    section = said.partition("\nLike a campaign, or like honest accounts\n")[2]
    assert section.partition("\n\n")[0].split("\n") == [
        "  what they have or do            value  bits",
        "  longer answers than elsewhere    1.80  +3.4",
        "  new accounts after suspensions   1.00  +3.3",
        "  a corporate network              0.90  -1.3",
        "  prior -2.2 · in all +3.2 bits, a campaign with a probability of 0.90",
    ]
    assert "Like a campaign" not in cli("cluster", "show", "C-home", "--case", small_case.root).out


def test_a_cluster_that_few_links_hold_is_not_said_to_be_linked(cli: Cli, small_case: Case) -> None:
    change_cluster(small_case, "C-north", links=1, fitting=3)
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert "5 accounts fit each other, though only 1 pair is linked;" in said
    assert "Evidence only 1 pair is linked; they fit each other as a whole kind mean bits" in said
    assert "3 accounts: no link ties them to the largest part, but each fits the cluster" in said


def test_why_says_by_what_a_member_without_a_link_fits(cli: Cli, small_case: Case) -> None:
    said = cli("cluster", "why", "C-north", "--case", small_case.root).out
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "What members that no link ties to the largest part fit by" in lines
    assert "template:t-north 5 of 5 0 1 +5.0" in lines  # who has it, outsiders, who fits by it


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((8.0, 6.0, 0.0, 7.0, -0.6, 0.0), "cards +8.0, templates +7.0, addresses +6.0; "
         "against: identifiers -0.6"),
        ((8.0, 6.0, 5.0, 7.0, 0.0, 0.0), "cards +8.0, templates +7.0, addresses +6.0, 1 more"),
        ((8.0, -0.5, -0.2, 0.0, -0.6, 0.0), "cards +8.0; against: identifiers -0.6, 2 more"),
    ],
)  # fmt: skip
def test_a_link_rests_on_what_speaks_for_it(weights: tuple[float, ...], told: str) -> None:
    link = {f"{kind}_bits": value for kind, value in zip(KINDS, weights, strict=True)}
    assert rests_on(link) == told


def test_show_does_not_name_a_strongest_explanation_where_nothing_speaks_for_any(
    cli: Cli, small_case: Case
) -> None:
    run = Run.current(small_case)
    table = run.read("explanations")
    rows = [{**r, "strength": 0.0, "holds": False, "speaks_for": []} for r in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "explanations.parquet")
    said = cli("cluster", "show", "C-north", "--case", small_case.root).out
    assert "none of the innocent explanations has anything for it" in said
    assert "strongest considered" not in said


def test_show_names_where_the_bundle_is_once_there_is_one(cli: Cli, small_case: Case) -> None:
    (small_case.root / "bundles" / "C-north").mkdir()
    ran = cli("cluster", "show", "C-north", "--case", small_case.root)
    report = small_case.root / "bundles" / "C-north" / "data" / "report.html"
    assert f"bundle{report}" in "".join(ran.out.split())


def test_show_json_is_one_object(cli: Cli, small_case: Case) -> None:
    shown = json.loads(
        cli("cluster", "show", "C-south", "--case", small_case.root, "--format", "json").out
    )
    assert shown["verdict"] == "coordinated"
    assert [value["key"] for value in shown["shared_values"]] == [
        "device:dev-south",
        "template:t-south",
        "ip:198.51.100.20",
        "email_domain:mail.example",
    ]
    assert shown["frontier"] == [
        {
            "account_id": "north-5",
            "other_cluster": "C-north",
            "members_linked": 1,
            "best_weight": 0.381,
        }
    ]


def test_members_of_one_cluster_and_of_all(cli: Cli, small_case: Case) -> None:
    one = cli("cluster", "members", "C-home", "--case", small_case.root, "--format", "csv")
    assert one.out == (
        "cluster_id,account_id,membership,bridge,joined_by,status,created_at,label,links\n"
        "C-home,home-1,1.0,false,payment:tok-home,active,2026-01-03T19:00:00Z,,1\n"
        "C-home,home-2,1.0,false,payment:tok-home,active,2026-01-28T20:15:00Z,,1\n"
    )
    every = json.loads(cli("cluster", "members", "--case", small_case.root, "--format", "json").out)
    accounts = [row["account_id"] for row in every]
    assert len(accounts) == len(set(accounts)) == 15


def test_why_csv_has_the_links_strongest_first(cli: Cli, small_case: Case) -> None:
    lines = cli(
        "cluster", "why", "C-north", "--case", small_case.root, "--format", "csv"
    ).out.splitlines()
    assert lines[0].startswith("account_a,account_b,match_weight,match_probability,prior_bits,")
    assert lines[1].startswith("north-1,north-2,28.975,")
    assert lines[-1].startswith("north-3,north-5,1.551,")
    assert len(lines) == 10


def test_why_for_people_ends_in_the_weakest_link(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "why", "C-north", "--case", small_case.root)
    assert fits(ran.out)
    assert "Strongest of 9 links" in ran.out
    assert "account why north-3 north-5" in ran.out


def test_lineage_tells_where_a_cluster_came_from(cli: Cli, small_case: Case) -> None:
    ran = cli("cluster", "lineage", "C-south", "--case", small_case.root, "--format", "csv")
    assert ran.out == (
        "run_id,cluster_id,accounts,kind,from_cluster,shared_accounts\n"
        "r-0002,C-south,4,split,C-gone,3\n"
    )


def test_draw_writes_an_svg_file(cli: Cli, small_case: Case, tmp_path: Path) -> None:
    drawn = tmp_path / "north.svg"
    ran = cli("cluster", "draw", "C-north", "-o", drawn, "--case", small_case.root)
    assert ran.code == 0
    assert drawn.read_text().count("north-") > 0
    assert cli("cluster", "draw", "C-north", "-o", "-", "--case", small_case.root).out == (
        drawn.read_text()
    )


def test_draw_into_a_folder_that_is_not_there_names_the_file(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    drawn = tmp_path / "none" / "north.svg"
    ran = cli("cluster", "draw", "C-north", "-o", drawn, "--case", small_case.root)
    assert (ran.code, ran.err) == (1, f"Error: {drawn}: {os.strerror(2)}\n")


def test_draw_writes_a_png_file_of_twice_the_size(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    drawn = tmp_path / "north.png"
    ran = cli("cluster", "draw", "C-north", "-o", drawn, "--case", small_case.root)
    svg = cli("cluster", "draw", "C-north", "-o", "-", "--case", small_case.root).out
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    assert (ran.code, ran.out) == (0, "")
    assert size is not None
    header = drawn.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (2 * int(size[1]), 2 * int(size[2]))


def test_an_unknown_cluster_names_the_nearest(cli: Cli, small_case: Case) -> None:
    for command in ("show", "members", "why", "lineage"):
        ran = cli("cluster", command, "C-nort", "--case", small_case.root)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "Error: no cluster 'C-nort'; did you mean 'C-north'?\n"


def test_show_names_what_abuse_rests_on_and_that_no_prompts_were_seen(
    cli: Cli, small_case: Case
) -> None:
    run = Run.current(small_case)
    values = {"replacement": 1.0, "concealed_cards": 0.5, "work_splitting": None}
    rows = [{"cluster_id": "C-north", "signal": s, "value": v} for s, v in values.items()]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMAS["signals"]), run.folder / "signals.parquet")
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    looks = "what they have and do, as far as can be told without prompts, looks abusive (0.90, by"
    assert f"{looks} longer answers than elsewhere and new accounts after suspensions)" in said
    # Of a case that knows too little for that, the signals are named.
    nothing = SCHEMAS["likeness"].empty_table()
    pq.write_table(nothing, run.folder / "likeness.parquet")
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert f"{looks} new accounts after suspensions and prepaid or virtual cards)" in said


def test_show_tells_a_score_from_the_cut_off_that_it_misses(cli: Cli, small_case: Case) -> None:
    change_cluster(small_case, "C-north", coordination=0.8996, abuse=0.498, q_value=0.0501)
    said = " ".join(cli("cluster", "show", "C-north", "--case", small_case.root).out.split())
    assert "what they do does not look abusive (0.49)" in said
    assert "one operator 0.89 abuse 0.49 q .0501" in said


def test_show_says_why_there_is_no_q_value(cli: Cli, small_case: Case) -> None:
    change_cluster(small_case, "C-home", q_value=None)
    said = " ".join(cli("cluster", "show", "C-home", "--case", small_case.root).out.split())
    assert "q - stability 0.70 not tested against chance: fewer than 3 accounts are no" in said


def test_show_tells_which_members_people_labelled(cli: Cli, small_case: Case) -> None:
    case = ("--case", small_case.root)
    said = cli("cluster", "show", "C-north", *case).out
    assert "\n1 member is labelled abusive: north-1\n" in said
    assert "Caution" not in said
    assert "the labels have changed" not in said
    cli("label", "add", "north-3", "--verdict", "legitimate", *case)
    cli("label", "add", "north-2", "--verdict", "abusive", *case)
    said = cli("cluster", "show", "C-north", *case).out
    assert "\n2 members are labelled abusive: north-1, north-2\n" in said
    assert "\nCaution: 1 member is labelled legitimate: north-3\n" in said
    later = "! the labels have changed since the run; to calibrate by them:"
    assert f"\n{later}\n  forensics analyse --case {small_case.root}\n" in said  # however long


@pytest.mark.parametrize(
    ("cluster", "first"),
    [("C-north", "abusive"), ("C-acme", "legitimate"), ("C-home", "legitimate")],
)
def test_show_ends_in_commands_that_can_be_pasted(
    cli: Cli, small_case: Case, cluster: str, first: str
) -> None:
    lines = cli("cluster", "show", cluster, "--case", small_case.root).out.splitlines()[-2:]
    assert [line.split()[0] for line in lines] == ["label", "or"]
    assert f"label add {cluster} --verdict {first}" in lines[0]
    assert all(line.endswith(f"--case {small_case.root}") for line in lines)
