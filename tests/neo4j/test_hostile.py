"""Injection: values that would be query text, were they ever pasted into it, are only values."""

from __future__ import annotations

from typing import Any

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.graph.address import Address
from forensics.graph.library import find_query
from forensics.graph.push import PushSummary, push
from forensics.graph.server import ServerGraph, connect
from forensics.graph.store import open_graph
from tests.graph.test_queries import ROWS
from tests.neo4j.test_push import ALL, HOSTILE, change, fits

#: What of each table becomes hostile.
TEXT = {
    "accounts": ("account_id", "country"),
    "identifiers": ("key", "value", "kind"),
    "uses": ("account_id", "key"),
    "links": ("account_a", "account_b"),
    "clusters": ("cluster_id", "explanation"),
    "members": ("account_id", "cluster_id"),
    "lineage": ("cluster_id", "from_cluster"),
}
IDS = ("account_id", "account_a", "account_b", "cluster_id", "key")


def hostile(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {**row, **{name: row[name] + HOSTILE for name in names if row.get(name)}}


def test_hostile_values_and_parameters_give_the_same_rows_on_both(
    small_case: Case, empty: Address
) -> None:
    run = Run.current(small_case)
    for table, names in TEXT.items():
        change(run, table, lambda rows, names=names: [hostile(row, names) for row in rows])
    push(run, empty)
    assert fits(run, empty)
    with connect(empty) as driver, open_graph(small_case) as embedded:
        for name, given, rows in ROWS:
            query = find_query(name)
            values = query.values(hostile(given, IDS))
            found = ServerGraph(driver, empty).query(query.text, values)
            assert found == embedded.query(query.text, values)
            assert len(found.rows) == len(rows)
    assert push(run, empty) == PushSummary(unchanged=ALL)
