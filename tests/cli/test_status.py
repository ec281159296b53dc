"""`forensics status`: what a case holds and what is stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forensics.case.store import Case
from tests.conftest import Ran, fits

Cli = Callable[..., Ran]


def status(cli: Cli, case: Path) -> dict[str, Any]:
    ran = cli("status", "--case", case, "--format", "json")
    assert ran.code == 0
    told: dict[str, Any] = json.loads(ran.out)
    return told


def test_json_has_the_rows_of_every_table(cli: Cli, small_case: Case) -> None:
    told = status(cli, small_case.root)
    assert {name: table["rows"] for name, table in told["tables"].items()} == {
        "signups": 19,
        "payments": 15,
        "ips": 20,
        "prompts": 35,
        "devices": 14,
        "identifiers": 3,
        "networks": 5,
        "labels": 3,
        "declared": 4,
        "references": 0,
        "events": 0,
    }
    assert told["run"]["run_id"] == "r-0002"
    assert told["runs"] == ["r-0002"]
    assert told["sources"][0]["file"] == "declared.csv"


def test_a_run_older_than_the_tables_or_settings_is_stale(cli: Cli, small_case: Case) -> None:
    graph = "the graph of the run is not built; the next query builds it"
    assert status(cli, small_case.root)["stale"] == [graph]
    path = small_case.root / "case.json"
    path.write_text(path.read_text().replace('"rows": 19', '"rows": 20'))
    (small_case.root / "settings.toml").write_text("seed = 2\n")
    assert status(cli, small_case.root)["stale"] == [
        "the tables have changed since the run",
        "the settings have changed since the run",
        graph,
    ]


def test_a_label_given_since_the_run_makes_it_stale(cli: Cli, small_case: Case) -> None:
    cli("label", "add", "solo-1", "--verdict", "abusive", "--case", small_case.root)
    assert status(cli, small_case.root)["stale"][0] == "the labels have changed since the run"


def test_a_file_that_takes_the_place_of_another_makes_the_run_stale(
    cli: Cli, tmp_path: Path
) -> None:
    """As many rows as before: of two sign-ups of one account the first in order is kept."""
    (tmp_path / "signups.csv").write_text("account_id,created_at\na,2026-01-02\nb,2026-01-01\n")
    (tmp_path / "signups-2.csv").write_text("account_id,created_at\na,2026-01-01\n")
    case = tmp_path / "case"
    assert cli("run", tmp_path / "signups.csv", "--case", case).code == 0
    assert status(cli, case)["stale"] == []
    assert cli("ingest", tmp_path / "signups-2.csv", "--max-bad", 1, "--case", case).code == 0
    told = status(cli, case)
    assert told["tables"]["signups"]["rows"] == 2
    assert told["stale"] == ["the tables have changed since the run"]
    assert cli("analyse", "--case", case).code == 0
    assert status(cli, case)["stale"] == []


def test_a_bundle_of_an_earlier_run_is_stale(cli: Cli, small_case: Case) -> None:
    for name, run_id in (("C-north", "r-0002"), ("C-gone", "r-0001")):
        data = small_case.root / "bundles" / name / "data"
        data.mkdir(parents=True)
        (data / "cluster.json").write_text(json.dumps({"run_id": run_id}))
    told = status(cli, small_case.root)
    assert told["bundles"] == ["C-gone", "C-north"]
    assert "1 bundle of earlier runs" in told["stale"]


def test_leftovers_are_named(cli: Cli, small_case: Case) -> None:
    (small_case.root / "runs" / ".new-r-0003").mkdir()
    assert status(cli, small_case.root)["leftovers"] == ["runs/.new-r-0003"]


def test_parts_that_a_load_has_replaced_are_not_left_over(cli: Cli, tmp_path: Path) -> None:
    """They stay until the next writer, for readers that hold them."""
    for n in (1, 2):
        (tmp_path / f"signups-{n}.csv").write_text(f"account_id,created_at\na{n},2026-01-02\n")
        cli("ingest", tmp_path / f"signups-{n}.csv", "--case", tmp_path / "case")
    tables = tmp_path / "case" / "tables"
    assert len(list(tables.iterdir())) == 2
    (tables / "signups-0123456789ab.parquet").touch()  # of a load that was killed
    told = status(cli, tmp_path / "case")
    assert told["leftovers"] == ["tables/signups-0123456789ab.parquet"]
    cli("ingest", tmp_path / "signups-2.csv", "--case", tmp_path / "case")
    assert len(list(tables.iterdir())) == 1


def test_the_screen_fits_and_names_the_tables(cli: Cli, small_case: Case) -> None:
    ran = cli("status", "--case", small_case.root)
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert fits(ran.out)
    assert "signups 19 0 1" in lines
    digest = small_case.settings.digest
    assert f"r-0002 2026-01-02 to 2026-01-30 UTC 2 findings settings {digest}" in lines


def test_an_empty_case_says_what_to_do(cli: Cli, tmp_path: Path) -> None:
    Case.create(tmp_path / "case")
    assert "none yet; load some: forensics ingest" in cli("status", "--case", tmp_path / "case").out
