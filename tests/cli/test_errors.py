"""What goes wrong is said in one sentence, with the exit code that scripts rely on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli import status
from tests.conftest import Ran

Cli = Callable[..., Ran]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clusters"], "no command 'clusters'; did you mean 'cluster'?"),
        (["cluster", "list", "--format", "xml"], "'xml' is not one of"),
        (["cluster", "show"], "Missing argument 'ID'"),
        (["label", "add", "x", "--verdict", "guilty"], "'guilty' is not one of"),
        (["run", "--settings", "absent.toml", "x"], "'absent.toml' does not exist"),
        (["run"], "Missing argument 'SOURCES...'"),
    ],
)
def test_wrong_usage_exits_2(cli: Cli, arguments: list[str], message: str) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_no_case_says_how_to_make_one(cli: Cli, tmp_path: Path) -> None:
    ran = cli("cluster", "list", "--case", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: {tmp_path} holds no case; make one with: forensics run SOURCES --case {tmp_path}\n"
    )


def test_a_case_not_analysed_yet_says_so(cli: Cli, tmp_path: Path) -> None:
    Case.create(tmp_path / "case")
    ran = cli("cluster", "list", "--case", tmp_path / "case")
    assert ran.code == 1
    assert "has not been analysed; do: forensics analyse" in ran.err


def test_a_case_of_a_newer_version_is_left_alone(cli: Cli, small_case: Case) -> None:
    path = small_case.root / "case.json"
    newer = json.dumps({**json.loads(path.read_text()), "format": 99})
    path.write_text(newer)
    ran = cli("status", "--case", small_case.root)
    assert ran.code == 1
    assert "has case format 99; this version reads up to 1" in ran.err
    assert path.read_text() == newer


def test_a_damaged_run_says_how_to_mend_it(cli: Cli, small_case: Case) -> None:
    (small_case.root / "runs" / "r-0002" / "links.parquet").write_bytes(b"PAR1")
    ran = cli("cluster", "list", "--case", small_case.root)
    assert ran.code == 1
    assert "links.parquet is missing or damaged: run forensics analyse again" in ran.err


def test_a_run_of_another_version_is_told(cli: Cli, small_case: Case) -> None:
    path = Run.current(small_case).folder / "clusters.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["hold_devices"]), path)
    ran = cli("cluster", "list", "--case", small_case.root)
    assert ran.code == 1
    assert "clusters.parquet is of another version: run forensics analyse again" in ran.err


def test_an_unexpected_error_shows_no_traceback(
    cli: Cli, small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(case: Case) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(status, "_facts", fail)
    ran = cli("status", "--case", small_case.root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: unexpected error (ZeroDivisionError: by zero)")
    assert "Traceback" not in ran.err


def test_a_file_that_cannot_be_read_is_named(cli: Cli, small_case: Case) -> None:
    (small_case.root / "case.json").unlink()
    (small_case.root / "case.json").mkdir()
    ran = cli("status", "--case", small_case.root)
    assert ran.code == 1
    assert ran.err == f"Error: {small_case.root}: {os.strerror(21)}\n"


def test_the_case_comes_from_the_environment_too(
    cli: Cli, small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORENSICS_CASE", str(small_case.root))
    assert cli("cluster", "members", "C-home", "--format", "json").code == 0


def test_hostile_text_stays_inert_on_the_terminal(cli: Cli, small_case: Case) -> None:
    reason = "\x1b[2J[bold]x\u202egpj"
    cli(
        "label",
        "add",
        "C-home",
        "--verdict",
        "abusive",
        "--reason",
        reason,
        "--case",
        small_case.root,
    )
    ran = cli("cluster", "show", "C-home", "--case", small_case.root)
    assert "\\u001b[2J[bold]x\\u202egpj" in ran.out
