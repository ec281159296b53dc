"""`forensics evaluate` on the case made by hand (tests/factory.py)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from forensics.case.store import Case
from forensics.cli.main import run_command
from tests.factory import ACME, HOME, NORTH, SOLO, SOUTH


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    rows = ["account_id,operator,verdict,kind"]
    for accounts, operator, verdict in (
        (NORTH, "north", "abusive"),
        (SOUTH, "south", "abusive"),
        (ACME, "acme", "legitimate"),
        (HOME, "home", "legitimate"),
    ):
        rows += [f"{a},{operator},{verdict},{operator}" for a in accounts]
    rows += [f"{a},{a},legitimate,alone" for a in SOLO]
    path = tmp_path / "truth.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_json_and_csv_tell_the_same(
    small_case: Case, truth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "--truth", str(truth), "--case", str(small_case.root), "--format"]
    assert run_command([*command, "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    values = {(f["measure"], f["group"]): f["value"] for f in figures}
    assert values["account_precision", ""] == 1.0
    assert values["account_recall", ""] == 1.0
    assert values["pair_f1", ""] == 1.0
    assert values["in_findings", "acme"] == 0.0
    assert run_command([*command, "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(r["measure"], r["group"]) for r in rows] == list(values)


def test_the_screen_fits_eighty_columns_and_says_what_is_left_out(
    small_case: Case, truth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = truth.read_text().splitlines()
    truth.write_text("\n".join(line for line in text if not line.startswith("north-2")) + "\n")
    assert run_command(["evaluate", "--truth", str(truth), "--case", str(small_case.root)]) == 0
    shown = capsys.readouterr()
    assert "abusive accounts that are in findings" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "does not tell of them: 1 account in clusters" in shown.err


def test_a_truth_that_does_not_exist_is_one_clear_line(
    small_case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["evaluate", "--truth", "none.csv", "--case", str(small_case.root)]) == 1
    assert capsys.readouterr().err == "Error: none.csv: no such file\n"
