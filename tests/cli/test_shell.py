"""`forensics query shell`: from a pipe, and typed on a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from forensics.case.store import Case
from forensics.cli.shell import Shell, entries
from forensics.cli.shell_prompt import CypherCompleter, history, typed
from forensics.graph.results import QueryResult
from tests.conftest import COMMAND, Ran, fits

Pipe = Callable[..., Ran]
ACTIVE = "MATCH (a:Account) WHERE a.status = 'active' RETURN count(*) AS n"
#: Takes far longer than anybody waits for it.
ENDLESS = (
    "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y WITH x, y WHERE x * y = 7 "
    "RETURN count(*) AS n"
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "account-forensics" / "query_history"


@pytest.fixture
def pipe(small_case: Case, cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Give a text to `query shell` as standard input."""

    def run(text: str, *options: str) -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return cli("query", "shell", "--case", small_case.root, *options)

    return run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("RETURN 1", ["RETURN 1"]),
        ("RETURN 1;\nRETURN\n2;\n", ["RETURN 1", "RETURN\n2"]),
        (":queries\n:help\nRETURN 1;", [":queries", ":help", "RETURN 1"]),
        (":run clusters; RETURN 1;", [":run clusters", "RETURN 1"]),
        (":run x k='a;b'\n;;", [":run x k='a;b'"]),
        ("RETURN ';' AS a, \"x;\" AS b; // c; d\n /* ; */ :exit\n", None),
        ("RETURN `a;b` /* ; */ ;RETURN 2 // end;", ["RETURN `a;b` /* ; */ ", "RETURN 2 // end;"]),
        ("// only a comment\n", []),
        ("RETURN 'open; RETURN 2;", ["RETURN 'open; RETURN 2;"]),
    ],
)
def test_semicolons_end_statements_and_lines_end_commands(
    text: str, expected: list[str] | None
) -> None:
    wanted = expected if expected is not None else ["RETURN ';' AS a, \"x;\" AS b", ":exit"]
    assert list(entries(text.splitlines(keepends=True))) == wanted


def test_a_pipe_gets_one_result_after_the_other(pipe: Pipe) -> None:
    ran = pipe(f"{ACTIVE};\n:run clusters min_coordination=0.9; {ACTIVE}", "--format", "csv")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert (lines[:2], lines[-2:]) == (["n", "18"], ["n", "18"])
    assert lines[2].startswith("cluster_id,verdict,accounts,")
    assert ran.err == ""


def test_a_pipe_stops_at_the_first_error(pipe: Pipe) -> None:
    ran = pipe(f"{ACTIVE}; MATCH (a RETURN a; {ACTIVE};", "--format", "csv")
    assert (ran.code, ran.out) == (1, "n\n18\n")
    assert "the engine rejects the query" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":rum clusters", "no command ':rum'; did you mean ':run'?; see :help"),
        (":run", "which one? :run NAME k=v …; :queries shows them all"),
        (":run clusterz", "no query 'clusterz'; did you mean 'clusters'?"),
        (":run clusters 0.5", "0.5: expected NAME=VALUE"),
        (":run clusters k='x", "No closing quotation"),
        ("MATCH (a:Account) RETURN $who AS w;", "no value for $who; set it by :param who=VALUE"),
        ("MATCH (a) LOAD FROM 'x' RETURN 1;", "LOAD is refused"),
        ("RETURN 'open;", "has a ' that is never closed"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(pipe: Pipe, text: str, message: str) -> None:
    ran = pipe(text)
    assert (ran.code, ran.out) == (1, "")
    assert message in " ".join(ran.err.split())


def test_a_query_that_writes_is_told_where_it_could(pipe: Pipe) -> None:
    ran = pipe("MATCH (a:Account) SET a.plan = 'x';")
    assert ran.code == 1
    assert "SET would change the graph, which is read-only" in ran.err
    assert "(forensics graph push)" in ran.err
    assert "--engine neo4j --write" in ran.err


def test_the_graph_of_a_case_is_never_opened_to_write(pipe: Pipe) -> None:
    ran = pipe(f"{ACTIVE};", "--write")
    assert (ran.code, ran.out) == (2, "")
    assert "the graph of a case is always read-only" in ran.err


def test_parameters_are_set_and_shown(pipe: Pipe) -> None:
    text = (
        ":param id=solo-1 least=3 plans='[\"pro\"]'\n:param\n"
        "MATCH (a:Account) WHERE a.account_id = $id AND a.plan IN $plans RETURN a.requests AS n;"
    )
    ran = pipe(text)
    assert ran.code == 0
    shown = [line.split() for line in ran.out.splitlines()]
    assert shown[:3] == [["id", "'solo-1'"], ["least", "3"], ["plans", "['pro']"]]
    assert shown[3] == ["n"]


def test_the_schema_and_the_queries_can_be_looked_up(pipe: Pipe) -> None:
    ran = pipe(":schema\n:queries\n:help\n:exit\nnever reached;")
    assert ran.code == 0
    assert "(:Account)-[:PAID_WITH]->(:PaymentInstrument)" in ran.out
    assert re.search(r"\(:Account\) +account_id, created_at", ran.out)
    assert "cluster_frontier" in ran.out
    assert ":param k=v" in ran.err
    assert fits(ran.out)


def test_a_result_too_wide_for_a_table_stands_row_by_row(pipe: Pipe) -> None:
    columns = ", ".join(f"'value number {n}' AS column_{n}" for n in range(12))
    ran = pipe(f"RETURN {columns};")
    assert [line.strip().split(maxsplit=1) for line in ran.out.splitlines()] == [
        ["row", "1"],
        *([f"column_{n}", f"value number {n}"] for n in range(12)),
    ]


def test_rows_are_limited_and_counted(pipe: Pipe) -> None:
    ran = pipe("UNWIND range(1, 9) AS n RETURN n;", "--limit", "2", "--format", "csv")
    assert ran.out == "n\n1\n2\n"
    assert "2 of 9 rows; --limit says how many" in ran.err
    assert "No rows." in pipe("MATCH (a:Account) WHERE a.plan = 'none' RETURN a;").err


def typed_in(keys: str) -> list[str]:
    """Return what the prompt gives for keys that are pressed."""
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        keyboard.send_text(keys)
        return list(typed(["tier"]))


CTRL_C, CTRL_D, ENTER, TAB = "\x03", "\x04", "\r", "\t"


def test_enter_goes_on_until_a_semicolon() -> None:
    keys = f"RETURN{ENTER}1{ENTER}AS n;{ENTER}:help{ENTER}{ENTER}{CTRL_D}"
    assert typed_in(keys) == ["RETURN\n1\nAS n;", ":help", ""]


def test_ctrl_c_drops_what_was_typed() -> None:
    assert typed_in(f"MATCH (a {CTRL_C}RETURN 1;{ENTER}{CTRL_D}") == ["RETURN 1;"]


def test_history_lasts_and_is_for_nobody_else(state: Path) -> None:
    assert typed_in(f"RETURN 1;{ENTER}{CTRL_D}") == ["RETURN 1;"]
    assert list(history().load_history_strings()) == ["RETURN 1;"]
    assert state.stat().st_mode & 0o777 == 0o600
    state.chmod(0o644)
    assert typed_in(CTRL_D) == []
    assert state.stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_it_history_lasts_as_long_as_the_shell(state: Path) -> None:
    state.parent.parent.write_text("a file, no folder")
    assert isinstance(history(), InMemoryHistory)
    assert typed_in(f"RETURN 1;{ENTER}{CTRL_D}") == ["RETURN 1;"]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("MATCH (a:Acc", ["Account"]),
        ("MATCH (a:Account|Dev", ["Device"]),
        ("MATCH (a)-[l:LIN", ["LINKED_TO"]),
        ("MATCH (a)-[:USED_IP|U", ["USED_DEVICE", "USED_IP"]),
        ("MATCH (a) WHERE a.account", ["account_id", "accounts"]),
        ("MATCH (a:Account {acc", ["account_id", "accounts"]),
        ("MATCH (a) WHERE a.ti", ["tier", "timing_bits"]),
        ("mat", ["MATCH"]),
        ("", []),
        (":s", [":schema"]),
        (":run cluster_w", ["cluster_weak_links"]),
        (":run cluster_frontier m", ["min_probability="]),
        (":run cluster_frontier cluster_id=C-a m", ["min_probability="]),
        (":run nothing m", []),
    ],
)
def test_completion_offers_what_can_stand_there(text: str, offered: list[str]) -> None:
    found = CypherCompleter(["account_id", "tier"]).get_completions(
        Document(text), CompleteEvent(completion_requested=True)
    )
    assert [f"{c.text}" for c in found] == offered


class Stopped:
    """A graph whose queries are stopped by Ctrl-C, but for those that return 1."""

    def query(self, text: str, parameters: Any = None) -> QueryResult:
        if text == "RETURN 1":
            return QueryResult(("n",), [{"n": 1}])
        raise KeyboardInterrupt

    def account_properties(self) -> list[str]:
        return []

    def close(self) -> None: ...


def test_ctrl_c_stops_what_was_typed_and_not_the_shell(
    cli: Callable[..., Ran], capsys: pytest.CaptureFixture[str]
) -> None:
    Shell(Stopped(), "csv").run_typed(["RETURN 2; RETURN 1;", "RETURN 1;", ":exit", "RETURN 1;"])
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("n\n1\n", "\nstopped\n")


class Terminal:
    """The shell in a process of its own on a terminal (pty)."""

    def __init__(self, case: Path) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "query", "shell", "--case", case],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_own_terminal,
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        os.close(slave)
        self.seen = ""

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Wait until the screen shows a text behind what was waited for before."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 10_000).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(small_case: Case) -> Iterator[Terminal]:
    terminal = Terminal(small_case.root)
    yield terminal
    terminal.process.kill()
    terminal.process.wait()
    os.close(terminal.master)


def test_a_real_terminal_stops_a_query_by_ctrl_c_goes_on_and_completes_by_tab(
    terminal: Terminal,
) -> None:
    terminal.wait_for("cypher>")
    terminal.press(f"{ENDLESS};{ENTER}")
    time.sleep(1)
    terminal.press(CTRL_C)
    terminal.wait_for("stopped")
    terminal.wait_for("cypher>")
    terminal.press(f"RETURN 6 * 7 AS answer;{ENTER}")
    terminal.wait_for("1 rows, ")
    terminal.press(":que")
    terminal.wait_for(":queries")  # the menu
    terminal.press(f"{TAB}{ENTER}")
    terminal.wait_for("identifiers_public")
    terminal.press(f":exit{ENTER}")
    assert terminal.process.wait(30) == 0


def test_ctrl_c_ends_a_pipe(small_case: Case) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "query", "shell", "--case", small_case.root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(f"RETURN 1 AS n; {ENDLESS};".encode())
        process.stdin.close()
        assert process.stdout.readline().split() == [b"n"]
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 1
        assert b"stopped" in process.stderr.read()


def test_json_is_one_list_per_result(pipe: Pipe) -> None:
    ran = pipe("RETURN 1 AS n; RETURN [1, null] AS n;", "--format", "json")
    decoder, text, found = json.JSONDecoder(), ran.out.strip(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    assert found == [[{"n": 1}], [{"n": [1, None]}]]
