from __future__ import annotations

import json
from pathlib import Path

import pytest

from forensics.cli.main import run_command
from tests.simulate.tables import table


def test_json_gives_the_rows_of_every_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "platform"
    options = ["--accounts", "200", "--world", "tight_embeddings", "--format", "json"]
    assert run_command(["simulate", str(out), *options]) == 0
    rows = {r["table"]: r["rows"] for r in json.loads(capsys.readouterr().out)}
    assert set(rows) == {p.stem for p in out.iterdir() if p.is_file()}
    assert all(len(table(out, name)) == count for name, count in rows.items())


def test_an_unknown_world_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["simulate", str(tmp_path / "x"), "--world", "student"]) == 2
    assert "did you mean 'students'?" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
