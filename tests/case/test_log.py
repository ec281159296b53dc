"""The log of a case: what each step took."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.case.log import StepLog, read_log
from forensics.case.store import Case
from forensics.progress import QUIET
from tests.conftest import Ran


def test_a_step_is_logged_when_it_ends(tmp_path: Path) -> None:
    log = StepLog(tmp_path, "ingest", QUIET)
    with log.step("Reading ips.csv", 3, "MB") as step:
        step.advance(3)
        step.rows(10, 9)
        assert read_log(tmp_path) == []
    (line,) = read_log(tmp_path)
    assert list(line) == [
        "at", "command", "pid", "step", "outcome", "seconds", "peak_mb", "rows_in", "rows_out"
    ]  # fmt: skip
    told = [line[name] for name in ("command", "step", "outcome", "rows_in", "rows_out")]
    assert told == ["ingest", "Reading ips.csv", "done", 10, 9]
    assert line["seconds"] >= 0
    assert line["peak_mb"] > 0


@pytest.mark.parametrize(
    ("error", "outcome"), [(KeyboardInterrupt, "stopped"), (ValueError, "failed")]
)
def test_a_step_that_does_not_end_well_is_logged_as_such(
    tmp_path: Path, error: type[BaseException], outcome: str
) -> None:
    with pytest.raises(error), StepLog(tmp_path, "run", QUIET).step("Clustering"):
        raise error
    assert [line["outcome"] for line in read_log(tmp_path)] == [outcome]


def test_half_a_line_is_passed_over(tmp_path: Path) -> None:
    with StepLog(tmp_path, "run", QUIET).step("one"):
        pass
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"at": "2026')
    assert [line["step"] for line in read_log(tmp_path)] == ["one"]


def test_status_shows_the_steps(cli: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "signups.csv").write_text(
        "account_id,created_at\na,2026-01-01Z\nb,never\nc,2026-01-02Z\n"
    )
    case = tmp_path / "case"
    assert cli("ingest", tmp_path / "signups.csv", "--case", case).code == 0
    told = json.loads(cli("status", "--steps", "--case", case, "--format", "json").out)
    assert [(row["step"], row["rows_in"], row["rows_out"]) for row in told] == [
        ("Fingerprinting", None, None),
        ("Reading signups.csv", 3, 2),
        ("Merging signups", 2, 2),
    ]
    assert Case.open(case).manifest.rows("signups") == 2
    assert (case / "log.jsonl").stat().st_mode & 0o777 == 0o600
