"""Both engines, one case: every query that ships gives the same rows, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import QueryError
from forensics.graph.address import Address
from forensics.graph.library import find_query
from forensics.graph.push import push
from forensics.graph.results import Graph
from forensics.graph.server import ServerGraph, connect
from tests.graph.test_guard import REFUSED
from tests.graph.test_queries import ROWS


@pytest.fixture(scope="module")
def pushed(server: Address, made_case: Path) -> Iterator[ServerGraph]:
    push(Run.current(Case.open(made_case / "case")), server)
    with connect(server) as driver:
        yield ServerGraph(driver, server)


@pytest.mark.parametrize(("name", "given", "rows"), ROWS)
def test_the_same_rows_on_both(
    graph: Graph,
    pushed: ServerGraph,
    name: str,
    given: dict[str, str],
    rows: list[tuple[Any, ...]],
) -> None:
    query = find_query(name)
    values = query.values(given)
    found = pushed.query(query.text, values)
    assert found == graph.query(query.text, values)
    assert [tuple(row.values()) for row in found.rows] == rows


@pytest.mark.parametrize(
    "pattern",
    [
        "(x:Account)",
        "(x:Cluster)",
        "(x:PaymentInstrument)",
        "(x:IpAddress)",
        "(x:Device)",
        "(x:Identifier)",
        "(x:PromptTemplate)",
        "(x:ForensicsCase)",
        "()-[x:PAID_WITH]->()",
        "()-[x:USED_IP]->()",
        "()-[x:USED_DEVICE]->()",
        "()-[x:SENT]->()",
        "()-[x:HAS]->()",
        "()-[x:LINKED_TO]->()",
        "()-[x:MEMBER_OF]->()",
        "()-[x:CAME_FROM]->()",
    ],
)
def test_the_same_nodes_and_relationships_on_both(
    graph: Graph, pushed: ServerGraph, pattern: str
) -> None:
    def all_of(engine: Graph) -> list[dict[str, Any]]:
        rows = engine.query(f"MATCH {pattern} RETURN x").rows
        return sorted((row["x"] for row in rows), key=lambda x: sorted(map(str, x.items())))

    found = all_of(pushed)
    if "ForensicsCase" in pattern:
        found = [{k: v for k, v in node.items() if k != "columns"} for node in found]
    assert found == all_of(graph)
    assert found


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_reaches_outside_is_refused_before_the_server_sees_it(
    pushed: ServerGraph, text: str
) -> None:
    with pytest.raises(QueryError, match="is refused"):
        pushed.query(text)


def test_a_query_that_writes_is_refused_by_the_guard_and_by_the_server(
    pushed: ServerGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "MATCH (a:Account) SET a.plan = 'x'"
    with pytest.raises(QueryError, match="SET would change the graph"):
        pushed.query(text)
    monkeypatch.setattr("forensics.graph.server.check_readonly", lambda text: None)
    with pytest.raises(QueryError, match="read access mode"):
        pushed.query(text)


def test_a_wrong_query_is_one_clear_sentence(pushed: ServerGraph) -> None:
    with pytest.raises(QueryError, match=r"^the engine rejects the query: .+$"):
        pushed.query("MATCH (a:Account RETURN a")


def test_values_of_the_server_come_plain(pushed: ServerGraph) -> None:
    (row,) = pushed.query(
        "MATCH p = (a:Account)-[m:MEMBER_OF]->(c:Cluster) WHERE a.account_id = 'home-1' "
        "RETURN p, m, {x: [1, null]} AS map, date('2026-01-05') AS day, "
        "duration('PT1H') AS span, datetime('2026-01-05T08:00:00Z') AS at"
    ).rows
    assert row["m"] == {"_label": "MEMBER_OF", "membership": 1.0, "bridge": False}
    assert [node["_label"] for node in row["p"]["nodes"]] == ["Account", "Cluster"]
    assert row["p"]["relationships"] == [row["m"]]
    assert row["map"] == {"x": [1, None]}
    assert (row["day"], row["span"]) == ("2026-01-05", "PT1H")
    assert row["at"] == "2026-01-05T08:00:00.000000000+00:00"
