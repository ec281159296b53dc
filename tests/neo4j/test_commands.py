"""`forensics graph` and `query run --engine neo4j`, as a person uses them."""

from __future__ import annotations

import io
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer, main_thread
from typing import Any

import neo4j
import pytest

from forensics.case.store import Case
from forensics.graph.address import Address
from forensics.graph.server import ServerGraph, connect

Cli = Callable[..., Any]


@pytest.fixture
def case(small_case: Case, empty: Address, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(small_case.root.parent)  # so that ./case is the case
    monkeypatch.setenv("NEO4J_URI", empty.uri)
    monkeypatch.setenv("NEO4J_USERNAME", empty.user)
    monkeypatch.setenv("NEO4J_PASSWORD", empty.password)
    return small_case.root


@pytest.mark.usefixtures("case")
def test_push_then_status_then_the_same_rows(cli: Cli, empty: Address) -> None:
    assert "shows no run, or a push was interrupted" in " ".join(cli("graph", "status").err.split())
    pushed = cli("graph", "push")
    assert pushed.code == 0
    assert "219 created, 0 changed, 0 removed, 0 unchanged" in " ".join(pushed.err.split())
    status = cli("graph", "status", "--format", "json")
    rows = {row["name"]: row for row in json.loads(status.out)}
    assert rows["Account"] == {
        "element": "node",
        "name": "Account",
        "run": 20,
        "server": 20,
        "state": "same",
    }
    assert "shows run r-0002, the last one" in " ".join(status.err.split())
    pair = ["pair_shared", "-p", "account_a=north-1", "-p", "account_b=north-2"]
    for query in (["clusters"], pair, ["identifiers_public", "-p", "limit=2"]):
        found = cli("query", "run", *query, "--engine", "neo4j", "--format", "json")
        embedded = cli("query", "run", *query, "--format", "json")
        assert (found.out, found.err) == (embedded.out, embedded.err)
    assert empty.password not in pushed.err + pushed.out + status.err + status.out


def test_a_stale_server_is_told(cli: Cli, case: Path) -> None:
    cli("graph", "push")
    (case / "runs" / "r-0002").rename(case / "runs" / "r-0003")
    (case / "current").write_text("r-0003\n")
    told = cli("query", "run", "clusters", "--engine", "neo4j", "--format", "csv")
    assert told.out.count("\n") == 5
    assert "does not show the last run; do: forensics graph push" in " ".join(told.err.split())
    assert "is stale: it shows run r-0002" in " ".join(cli("graph", "status").err.split())


@pytest.mark.usefixtures("case")
def test_a_push_that_is_stopped_says_how_it_is_completed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("forensics.graph.push._Push._write", stop)
        stopped = cli("graph", "push")
    assert (stopped.code, stopped.out) == (1, "")
    assert "stopped; what was written stays, and the next push completes it" in " ".join(
        stopped.err.split()
    )
    assert cli("graph", "push").code == 0


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    ("options", "environment", "code", "message"),
    [
        (["--uri", "bolt://127.0.0.1:1"], {}, 1, "no Neo4j answers at bolt://127.0.0.1:1"),
        (["--uri", "neo4j+s://127.0.0.1:1"], {}, 1, "no Neo4j answers at neo4j+s://127.0.0.1:1"),
        (["--uri", "bolt+s://127.0.0.1:1"], {}, 1, "no Neo4j answers at bolt+s://127.0.0.1:1"),
        (["--uri", "htp://127.0.0.1"], {}, 2, "'htp://127.0.0.1' is no Neo4j URI"),
        (["--uri", "bolt://a:secret@127.0.0.1"], {}, 2, "the Neo4j URI holds credentials"),
        ([], {"NEO4J_PASSWORD": "secret"}, 1, "user 'neo4j' or its password is refused"),
        (["--user", "nobody"], {}, 1, "user 'nobody' or its password is refused"),
        (["--database", "nowhere"], {}, 1, "there is no database 'nowhere'; set --database"),
        ([], {"NEO4J_URI": ""}, 2, "no Neo4j server is named"),
        ([], {"NEO4J_PASSWORD": None}, 2, "no Neo4j password; set NEO4J_PASSWORD"),
    ],
)
@pytest.mark.parametrize("command", ["push", "status"])
def test_what_goes_wrong_is_said_in_one_line(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    options: list[str],
    environment: dict[str, str | None],
    code: int,
    message: str,
) -> None:
    for name, value in environment.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    ran = cli("graph", command, *options)
    assert (ran.code, ran.out) == (code, "")
    assert message in " ".join(ran.err.split())
    assert "secret" not in ran.err


@pytest.mark.usefixtures("case")
def test_the_shell_reads_and_writes_only_when_asked(
    cli: Cli, driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shell(text: str, *options: str) -> Any:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return cli("query", "shell", "--engine", "neo4j", "--format", "csv", *options)

    cli("graph", "push")
    note = "MATCH (a:Account {account_id: 'solo-1'}) SET a.note = 'seen'; "
    back = "MATCH (a:Account) WHERE a.note = 'seen' RETURN a.account_id AS id;"
    refused = shell(note)
    assert refused.code == 1
    assert "To write here all the same, start the shell with --write" in refused.err
    assert shell(back).out == "id\n"
    written = shell(note + back, "--write")
    assert (written.code, written.out) == (0, "id\nsolo-1\n")
    assert "Done." in written.err
    outside = shell("LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row;", "--write")
    assert outside.code == 1
    assert "LOAD is refused" in outside.err
    schema = shell(":schema")
    assert ":LINKED_TO" in schema.out
    assert cli("graph", "push").err.split().count("changed,") == 1


def test_ctrl_c_stops_a_query_on_the_server(empty: Address, driver: neo4j.Driver) -> None:
    endless = "UNWIND range(1, 1000000) AS x UNWIND range(1, 1000000) AS y RETURN sum(x * y) AS n"
    running = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'range(1, 1000000)'"
    with connect(empty) as connection:
        graph = ServerGraph(connection, empty)
        Timer(1, signal.pthread_kill, [main_thread().ident, signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            graph.query(endless)
        assert graph.query("RETURN 1 AS n").rows == [{"n": 1}]
    for _ in range(100):
        records = driver.execute_query(running, database_=empty.database).records
        if len(records) == 1:  # the one that asks
            return
        time.sleep(0.1)
    raise AssertionError(records)
