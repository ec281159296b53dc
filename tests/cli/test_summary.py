"""What `forensics run` ends with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.database import connect_run
from forensics.case.files import canonical_json
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.summary import show_summary
from tests.conftest import Ran, fits
from tests.factory import make_sources

Cli = Callable[..., Ran]


@pytest.fixture
def summary(cli: Cli, capsys: pytest.CaptureFixture[str]) -> Callable[[Case], str]:
    """Return what is printed of the published run of a case."""

    def of(case: Case) -> str:
        run = Run.current(case)
        with click.Context(click.Command("run")):
            show_summary(case, run, connect_run(run))
        return capsys.readouterr().err

    return of


def test_the_summary_of_the_small_case(small_case: Case, summary: Callable[[Case], str]) -> None:
    printed = summary(small_case)
    assert fits(printed)
    digest = small_case.settings.digest
    assert [line.rstrip() for line in printed.splitlines()] == [
        f"Run r-0002  20 accounts  2026-01-02 to 2026-01-30 UTC  settings {digest}",
        "Loaded sign-ups 19 · payments 15 · addresses 20 · prompts 35 · devices 14 ·",
        "identifiers 3 · networks 5 · labels 3 · declared groups 4",
        "! 1 account without a sign-up",
        "! Share of accounts that have any: devices 80 %, payments 85 %, prompts 85 %",
        "! No events table: pivots after a release can't be seen",
        "",
        "2 findings: 1 abusive, 1 coordinated · 1 legitimate · 1 unclear",
        "About 0.1 findings expected by chance (shuffled data)",
        "",
        "CLUSTER  ACCOUNTS  ACTIVE  ONE-OP     q  VERDICT      RESTS ON",
        "C-north         5       4    0.99  .001  abusive      cards, templates +2",
        "C-south         4       4    0.95  .010  coordinated  devices, templates +1",
        "",
        "Look first",
        "  C-north  largest",
        "  C-south  split from C-gone (3 accounts)",
        "Caution",
        "  1 finding rests on one kind of evidence: without it, one operator < 0.90",
        "  1 finding and 1 member labelled legitimate by people:",
        "    forensics query run labels_against_verdicts",
        "",
        "Not linked does not mean innocent; a finding is not an attribution.",
        "Next: forensics cluster show C-north",
    ]


@pytest.mark.parametrize(
    ("column", "less", "said"),
    [
        ("accounts", 1, "+1 account since the last run"),
        ("suspended", 2, "2 more suspended"),
        ("deleted", -1, "1 fewer deleted"),
    ],
)
def test_what_changed_since_the_last_run_is_told(
    small_case: Case, summary: Callable[[Case], str], column: str, less: int, said: str
) -> None:
    before = Run.current(small_case).read("clusters").to_pylist()
    earlier = small_case.root / "runs" / "r-0001"
    earlier.mkdir()
    for row in before:
        row[column] -= less * (row["cluster_id"] == "C-north")
    pq.write_table(pa.Table.from_pylist(before), earlier / "clusters.parquet")
    printed = [line.strip() for line in summary(small_case).splitlines()]
    assert f"C-north  largest; {said}" in printed


def test_findings_that_rest_on_one_kind_are_told(
    small_case: Case, summary: Callable[[Case], str]
) -> None:
    run = Run.current(small_case)
    table = run.read("evidence")
    said = "rests on one kind of evidence: without it, one operator < 0.90"
    for below, told in (({"ip"}, True), ({"ip", "prompt"}, False), (set(), False)):
        rows = [
            {
                **row,
                "coordination_without": 0.05
                if row["cluster_id"] != "C-south" and row["kind"] in below
                else 0.95,
            }
            for row in table.to_pylist()
        ]
        pq.write_table(pa.Table.from_pylist(rows, table.schema), run.folder / "evidence.parquet")
        printed = summary(small_case)
        assert (f"1 finding {said}" in printed) is told
        assert fits(printed)


def test_bridges_that_hold_a_cluster_together_are_told(
    small_case: Case, summary: Callable[[Case], str]
) -> None:
    run = Run.current(small_case)
    links = [
        row
        for row in run.read("links").to_pylist()
        if row["cluster_id"] != "C-south" or "south-4" in (row["account_a"], row["account_b"])
    ]
    schema = run.read("links").schema
    pq.write_table(pa.Table.from_pylist(links, schema), run.folder / "links.parquet")
    said = " ".join(summary(small_case).split())
    assert "1 bridge account; without it the rest splits 1/1/1" in said

    clusters = run.read("clusters")
    few = [
        {**row, "fitting": 4} if row["cluster_id"] == "C-south" else row
        for row in clusters.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(few, clusters.schema), run.folder / "clusters.parquet")
    assert "bridge account" not in summary(small_case)  # it is not links that hold it


def test_chance_below_what_the_shuffles_can_tell(
    small_case: Case, summary: Callable[[Case], str]
) -> None:
    run = Run.current(small_case)
    info = {**run.info, "chance": {"expected_findings": 0, "shuffles": 10}}
    (run.folder / "run.json").write_bytes(canonical_json(info))
    assert "Fewer than 0.1 findings expected by chance (no finding in 10 shuffles)" in " ".join(
        summary(small_case).split()
    )


@pytest.fixture
def lonely(tmp_path: Path) -> Path:
    """A source folder of strangers."""
    rows = [r for r in make_sources()["signups"] if r["account_id"].startswith("solo")]
    text = "".join(f"{r['account_id']},{r['created_at']:%Y-%m-%d}\n" for r in rows)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "signups.csv").write_text(f"account_id,created_at\n{text}")
    return tmp_path / "data"


def test_no_finding_says_what_was_looked_at(cli: Cli, lonely: Path, tmp_path: Path) -> None:
    ran = cli("run", lonely, "--case", tmp_path / "case", "--format", "json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["findings"] == []
    assert told["counts"]["accounts"] == 4
    assert "Loaded sign-ups 4\n" in ran.err
    assert "4 times without an offset taken as UTC (sign-ups)" in ran.err
    assert "No findings · 0 legitimate · 0 unclear" in ran.err
    assert "No cluster passed the cut-offs in this data; that clears nobody." in ran.err
    assert "No payments: shared cards can't be seen" in ran.err


def test_the_two_halves_do_what_run_does(cli: Cli, lonely: Path, tmp_path: Path) -> None:
    assert cli("run", lonely, "--case", tmp_path / "whole").code == 0
    assert cli("ingest", lonely, "--case", tmp_path / "halves").code == 0
    assert cli("analyse", "--case", tmp_path / "halves").code == 0
    runs = [(tmp_path / name / "current").read_text() for name in ("whole", "halves")]
    assert runs[0] == runs[1]


def test_a_load_ends_with_what_it_added_and_what_the_case_holds(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("signups.csv").write_text("account_id,created_at\na,2026-01-01\nb,2026-01-01\nc,never\n")
    Path("signups-2.csv").write_text("account_id,created_at\nb,2026-01-01\nd,20260102T00Z\n")
    assert cli("ingest", "signups.csv").err == (
        "Loaded sign-ups 2\n"
        "! 1 row quarantined -> case/quarantine/signups.csv\n"
        "! 2 times without an offset taken as UTC (sign-ups)\n"
    )
    assert cli("ingest", "signups-2.csv").err.startswith(
        "1 row of signups merged into equal ones\nAdded sign-ups 1\nLoaded sign-ups 3\n"
    )
    assert cli("ingest", "signups-2.csv").err.startswith(
        "signups-2.csv is already in the case: not loaded again\n"
        "Added no new rows\nLoaded sign-ups 3\n"
    )


def test_a_first_load_that_is_refused_leaves_no_case(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "signups.csv").write_text("account_id\na\n")
    ran = cli("ingest", tmp_path / "signups.csv", "--case", tmp_path / "case")
    assert ran.code == 1
    assert not (tmp_path / "case").exists()


def test_a_load_that_is_refused_leaves_a_case_that_was_there(
    cli: Cli, lonely: Path, tmp_path: Path
) -> None:
    cli("ingest", lonely, "--case", tmp_path / "case")
    before = (tmp_path / "case" / "case.json").read_bytes()
    (tmp_path / "ips.csv").write_text("account_id\na\n")
    assert cli("ingest", tmp_path / "ips.csv", "--case", tmp_path / "case").code == 1
    assert (tmp_path / "case" / "case.json").read_bytes() == before


def test_loading_again_says_so_and_adds_nothing(cli: Cli, lonely: Path, tmp_path: Path) -> None:
    cli("ingest", lonely, "--case", tmp_path / "case")
    before = (tmp_path / "case" / "case.json").read_text()
    ran = cli("ingest", lonely, "--case", tmp_path / "case")
    assert ran.err.startswith("signups.csv is already in the case: not loaded again\n")
    assert (tmp_path / "case" / "case.json").read_text() == before


def test_wrong_settings_change_nothing(cli: Cli, lonely: Path, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("[columns.signup]\naccount_id = 'user'\n")
    ran = cli("run", lonely, "--settings", tmp_path / "s.toml", "--case", tmp_path / "case")
    assert ran.code == 2
    assert (
        f"{tmp_path / 's.toml'}: columns.signup: no such table; did you mean 'signups'?" in ran.err
    )
    assert not (tmp_path / "case").exists()


def test_analyse_without_data_says_what_to_do(cli: Cli, tmp_path: Path) -> None:
    Case.create(tmp_path / "case")
    ran = cli("analyse", "--case", tmp_path / "case")
    assert ran.code == 1
    assert "load some: forensics ingest SOURCES" in ran.err
