"""How far the graph on a server is the graph of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forensics.case.run import Run
from forensics.graph.content import marker_of, nodes, relationships
from forensics.graph.schema import MARKER
from forensics.graph.server import ServerGraph
from forensics.graph.statements import Statements, node_statements, relationship_statements


@dataclass(frozen=True)
class Count:
    """One label or relationship type: rows in the run, and what pushes wrote on the server."""

    element: str  # node or relationship
    name: str
    run: int
    server: int


@dataclass(frozen=True)
class Comparison:
    """`pushed_run` is the run that the server shows, None where no push was completed."""

    pushed_run: str | None
    counts: tuple[Count, ...]
    fits: bool


def compare(run: Run, graph: ServerGraph) -> Comparison:
    """Compare the graph on a server with that of a run.

    It fits where the last push was completed, was of this run, and nothing was lost since.

    Raises:
        ServerError: the server can't be reached any more.
    """
    marker = graph.marker()
    counts = tuple(
        Count(element, name, size, graph.query(statements.count).rows[0]["n"])
        for element, name, statements, size in _tables(run)
    )
    fits = marker == marker_of(run) and all(c.run == c.server for c in counts)
    return Comparison(marker.run_id if marker else None, counts, fits)


def _tables(run: Run) -> Iterator[tuple[str, str, Statements, int]]:
    for node, rows in nodes(run):
        if node is not MARKER:
            yield "node", node.label, node_statements(node), len(rows)
    for relationship, rows in relationships(run):
        statements = relationship_statements(relationship)
        yield "relationship", relationship.type, statements, len(rows)
