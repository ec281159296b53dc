"""What others chose is shown as it is, and can't drive the terminal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.text import Text

from forensics.cli import output
from forensics.cli.logs import Lines
from forensics.cli.output import emit, err, indented, out, say, table_of
from forensics.cli.progress import Bars
from tests.conftest import Ran

Cli = Callable[..., Ran]

ADDRESS = "2001:db8:a:b::7"  # ":a:" and ":b:" are emoji codes


@pytest.mark.parametrize(
    "show",
    [
        lambda: emit([{"ip": ADDRESS}], "table", ["ip"]),
        lambda: indented(table_of([{"ip": ADDRESS}], ["ip"])),
        lambda: out.print(f"[bold]{ADDRESS}[/]"),
        lambda: say(ADDRESS),
    ],
)
def test_no_part_of_an_address_becomes_an_emoji(
    show: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    show()
    printed = capsys.readouterr()
    assert ADDRESS in printed.out + printed.err


def test_an_address_goes_to_the_log_as_it_is(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(err, "quiet", True)
    with caplog.at_level(logging.INFO):
        say(f"[bold]{ADDRESS}[/]")
    assert caplog.messages == [ADDRESS]


def test_names_of_files_and_columns_cannot_drive_the_terminal(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "signups.csv").write_text("account_id,created_at\na,2026-01-01\n")
    hostile = tmp_path / "data" / "ips-\x1b[2J.csv"
    hostile.write_text("account_id,ip,at,\x1b[31mred\u202e\na,192.0.2.1,2026-01-02,x\n")
    ran = cli("run", tmp_path / "data", "--case", tmp_path / "case")
    assert ran.code == 0
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err
    assert "ips-\\u001b[2J.csv: columns not used: \\u001b[31mred\\u202e" in " ".join(
        ran.err.split()
    )


def test_whatever_a_screen_prints_is_spelt(capsys: pytest.CaptureFixture[str]) -> None:
    out.print(Text("acme\x1b[2J\u202egpj\nnext"))
    assert capsys.readouterr().out == "acme\\u001b[2J\\u202egpj\nnext\n"


def test_a_bar_shows_the_name_of_a_file_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(output.err, "_force_terminal", True)
    monkeypatch.setattr(output.err, "is_interactive", True)
    monkeypatch.setattr(output.err, "width", 80)
    with Bars().step("Reading [red]:smile:\x1b[2J.csv", 1):
        pass
    assert "Reading [red]:smile:\\u001b[2J.csv" in capsys.readouterr().err


def test_a_line_of_the_log_cannot_drive_the_terminal() -> None:
    record = logging.LogRecord("n", logging.INFO, "", 1, "%s: 1 row", ("ips\x1b[2J.csv",), None)
    assert Lines("%(message)s").format(record) == "ips\\u001b[2J.csv: 1 row"
