"""Pushing: writes what differs, removes what is gone, completes what was interrupted, and leaves
alone what others wrote.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import neo4j
import pyarrow as pa
import pytest

from forensics.case.files import canonical_json, write_parquet
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.errors import ServerError
from forensics.graph import push as push_module
from forensics.graph.address import Address
from forensics.graph.compare import Comparison, compare
from forensics.graph.push import PushSummary, push
from forensics.graph.server import ServerGraph, connect
from forensics.graph.store import open_graph

Rows = list[dict[str, Any]]
ALL = 219  # nodes and relationships of the small case, without the marker
HOSTILE = "x'}) DETACH DELETE n //\u202e\\'\"`${a}\\u0027"


def change(run: Run, name: str, edit: Callable[[Rows], Rows]) -> None:
    """Rewrite one table of a run, as another analysis would have."""
    rows = edit(run.read(name).to_pylist())
    write_parquet(pa.Table.from_pylist(rows, SCHEMAS[name]), run.folder / f"{name}.parquet")
    info = {**run.info, "seed": run.info["seed"] + 1}
    (run.folder / "run.json").write_bytes(canonical_json(info))
    vars(run).pop("info")


def fits(run: Run, address: Address) -> bool:
    return compared(run, address).fits


def compared(run: Run, address: Address) -> Comparison:
    with connect(address) as driver:
        return compare(run, ServerGraph(driver, address))


def ask(driver: neo4j.Driver, address: Address, query: str) -> Rows:
    return [r.data() for r in driver.execute_query(query, database_=address.database).records]


def test_a_second_push_writes_nothing(small_case: Case, empty: Address) -> None:
    run = Run.current(small_case)
    assert not fits(run, empty)
    assert push(run, empty) == PushSummary(created=ALL)
    assert fits(run, empty)
    assert push(run, empty) == PushSummary(unchanged=ALL)


def test_only_what_changed_is_written_and_what_is_gone_is_removed(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    run = Run.current(small_case)
    push(run, empty)
    change(
        run,
        "accounts",
        lambda rows: [{**r, "plan": "free"} for r in rows if r["account_id"] != "solo-5"],
    )
    change(run, "uses", lambda rows: [r for r in rows if r["account_id"] != "solo-5"])
    change(run, "identifiers", lambda rows: [r for r in rows if r["value"] != "198.51.100.99"])
    change(run, "links", lambda rows: [{**rows[0], "match_weight": 1.0}, *rows[2:]])
    assert not fits(run, empty)
    changed = 19 + 1  # every account that is left, and a link
    removed = 1 + 1 + 1 + 1  # an account, its address, its use of it, and a link
    assert push(run, empty) == PushSummary(0, changed, removed, ALL - changed - removed)
    assert fits(run, empty)
    found = ask(driver, empty, "MATCH (a:Account) RETURN DISTINCT a.plan AS plan, count(*) AS n")
    assert found == [{"plan": "free", "n": 19}]
    found = ask(
        driver,
        empty,
        "MATCH (:Account {account_id: 'acme-1'})-[l:LINKED_TO]->(b) "
        "RETURN b.account_id AS b, l.match_weight AS w ORDER BY b",
    )
    assert found == [{"b": "acme-2", "w": 1.0}, {"b": "acme-4", "w": 9.025}]


@pytest.mark.parametrize("after", [0, 5, 13])
def test_an_interrupted_push_is_completed_by_the_next(
    small_case: Case, empty: Address, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    run = Run.current(small_case)
    change(run, "accounts", lambda rows: [{**r, "plan": None} for r in rows])
    push(run, empty)
    change(run, "accounts", lambda rows: [{**r, "plan": "pro"} for r in rows])
    change(run, "links", lambda rows: rows[:-5])
    write = push_module._run
    calls = iter(range(after + 1))

    def stop_after(transaction: Any, statements: Sequence[str], parameters: dict[str, Any]) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        write(transaction, statements, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(push_module, "BATCH", 2)
        patch.setattr(push_module, "_run", stop_after)
        with pytest.raises(KeyboardInterrupt):
            push(run, empty)
    assert compared(run, empty).pushed_run is None
    push(run, empty)
    assert fits(run, empty)
    with connect(empty) as driver, open_graph(small_case) as embedded:
        query = (
            "MATCH (a:Account)-[l:LINKED_TO]->(b:Account) RETURN a, l, b "
            "ORDER BY a.account_id, b.account_id"
        )
        assert ServerGraph(driver, empty).query(query) == embedded.query(query)


def test_what_others_wrote_is_left_alone(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    run = Run.current(small_case)
    theirs = (
        "CREATE (:Account {account_id: 'theirs', plan: 'x'})-[:KNOWS {n: 1}]->(:Person {name: 'p'})"
    )
    ask(driver, empty, theirs)
    push(run, empty)
    ask(
        driver,
        empty,
        "MATCH (p:Person), (a:Account) WHERE a.account_id IN ['solo-4', 'solo-5'] "
        "SET a.note = 'mine' CREATE (p)-[:ASKS_ABOUT]->(a)",
    )
    change(
        run,
        "accounts",
        lambda rows: [{**r, "plan": "free"} for r in rows if r["account_id"] != "solo-5"],
    )
    change(run, "uses", lambda rows: [r for r in rows if r["account_id"] != "solo-5"])
    push(run, empty)
    assert fits(run, empty)
    assert ask(
        driver,
        empty,
        "MATCH (a:Account {account_id: 'theirs'})-[k:KNOWS]->(p:Person) "
        "RETURN a.plan AS plan, k.n AS n, p.name AS name",
    ) == [{"plan": "x", "n": 1, "name": "p"}]
    asked = "MATCH (:Person)-[:ASKS_ABOUT]->(a) RETURN labels(a) AS labels, properties(a) AS p"
    one, other = sorted(ask(driver, empty, asked), key=lambda row: len(row["labels"]))
    assert one == {"labels": [], "p": {"note": "mine"}}
    assert (other["labels"], other["p"]["plan"], other["p"]["note"]) == (
        ["Account"],
        "free",
        "mine",
    )


def test_a_key_that_others_use_stops_the_push(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    ask(driver, empty, "CREATE (:Account {account_id: 'north-1', plan: 'theirs'})")
    with pytest.raises(ServerError, match="data of its own under our keys"):
        push(Run.current(small_case), empty)
    (row,) = ask(
        driver, empty, "MATCH (a:Account {account_id: 'north-1'}) RETURN properties(a) AS p"
    )
    assert row["p"] == {"account_id": "north-1", "plan": "theirs"}


def test_columns_of_the_input_come_and_go(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    run = Run.current(small_case)
    extra = {"team`) DETACH DELETE (n": HOSTILE, "channel": HOSTILE}
    change(
        run,
        "accounts",
        lambda rows: [{**r, "extra": json.dumps(extra), "organisation": HOSTILE} for r in rows],
    )
    push(run, empty)
    query = "MATCH (a:Account) RETURN a ORDER BY a.account_id"
    with connect(empty) as connection, open_graph(small_case) as embedded:
        found = ServerGraph(connection, empty).query(query)
        assert found == embedded.query(query)
        same = "MATCH (a:Account) WHERE a.organisation = $value RETURN count(*) AS n"
        for engine in (embedded, ServerGraph(connection, empty)):
            assert engine.query(same, {"value": HOSTILE}).rows == [{"n": 20}]
    assert found.rows[0]["a"]["team___DETACH_DELETE__n"] == HOSTILE
    change(run, "accounts", lambda rows: [{**r, "extra": None} for r in rows])
    push(run, empty)
    (row,) = ask(driver, empty, "MATCH (a:Account {account_id: 'acme-1'}) RETURN keys(a) AS keys")
    assert {"channel", "team___DETACH_DELETE__n"}.isdisjoint(row["keys"])


def test_a_row_written_twice_is_mended(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    run = Run.current(small_case)
    push(run, empty)
    ask(
        driver,
        empty,
        "MATCH (a)-[l:LINKED_TO]->(b) WITH a, l, b LIMIT 1 "
        "CREATE (a)-[k:LINKED_TO]->(b) SET k = properties(l)",
    )
    assert not fits(run, empty)
    assert push(run, empty) == PushSummary(changed=1, unchanged=ALL - 1)
    assert fits(run, empty)


def test_another_run_takes_the_place_of_the_one_before(small_case: Case, empty: Address) -> None:
    push(Run.current(small_case), empty)
    runs = small_case.root / "runs"
    shutil.copytree(runs / "r-0002", runs / "r-0003")
    other = Run("r-0003", runs / "r-0003")
    assert compared(other, empty).pushed_run == "r-0002"
    clusters = other.count("clusters") + 2  # they name their run, as two lines of descent do
    assert push(other, empty).changed == clusters
    assert fits(other, empty)
    assert compared(other, empty).pushed_run == "r-0003"
