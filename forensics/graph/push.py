"""Pushes the graph of a run to Neo4j: what changed is written, what is gone is removed.

Every node and relationship that a push writes has a property `_tag`, a digest of its other
properties. A push reads the tags that are there, compares, and writes the difference, in batches
of one transaction each; so a second push writes nothing, and one that was interrupted is completed
by the next. What has no `_tag` is not ours: it is never changed or removed.

The marker node (`ForensicsCase`) names no run while a push is under way or was interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import neo4j
import pyarrow as pa
from neo4j.exceptions import ConstraintError, DatabaseError

from forensics.case.run import Run
from forensics.errors import ServerError
from forensics.graph.address import Address
from forensics.graph.content import marker_of, nodes, relationships
from forensics.graph.difference import difference
from forensics.graph.schema import MARKER
from forensics.graph.server import connect
from forensics.graph.statements import (
    MARK,
    MARKED,
    Statements,
    constraints,
    node_statements,
    relationship_statements,
)
from forensics.progress import QUIET, Progress, Step

#: Rows in one transaction: enough for speed, few enough for a server's default memory.
BATCH = 10_000
_OWN_DATABASE = (
    "the database has data of its own under our keys, which a push never touches: "
    "push into another one (--database)"
)


@dataclass(frozen=True)
class PushSummary:
    """How many nodes and relationships were created, changed, removed and left as they were."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __add__(self, other: PushSummary) -> PushSummary:
        return PushSummary(
            self.created + other.created,
            self.changed + other.changed,
            self.removed + other.removed,
            self.unchanged + other.unchanged,
        )


def push(run: Run, address: Address, *, progress: Progress = QUIET) -> PushSummary:
    """Make a Neo4j database show a run, beside whatever else it holds.

    Raises:
        ServerError: the server can't be reached or written to, or it holds a node with one of our
            keys that no push wrote.
    """
    total = sum(run.count(name) for name in ("accounts", "identifiers", "uses", "links", "members"))
    with (
        connect(address) as driver,
        driver.session(database=address.database, fetch_size=BATCH) as session,
        progress.step("push", total=total, unit="rows") as step,
    ):
        return _Push(session, step).carry_out(run)


class _Push:
    """One push under way."""

    def __init__(self, session: neo4j.Session, step: Step) -> None:
        self.session, self.step = session, step
        self.begun = False
        self.columns: set[str] = set()  # of Account, as far as pushes wrote them
        self.summary = PushSummary()

    def carry_out(self, run: Run) -> PushSummary:
        self._prepare()
        tables = [(table, rows) for table, rows in nodes(run) if table is not MARKER]
        columns = tables[0][0].properties.keys()
        dropped = self.columns - columns
        self.columns |= columns
        gone = []
        for table, rows in tables:
            statements = node_statements(table, sorted(dropped) if table.label == "Account" else ())
            gone.append((statements, self._write(statements, rows)))
        for relationship, rows in relationships(run):
            statements = relationship_statements(relationship)
            self._each(statements.remove, self._write(statements, rows))
        for statements, removed in gone:  # only now: relationships held them
            self._each(statements.remove, removed)
        self._mark({**vars(marker_of(run)), "columns": sorted(columns)})
        return self.summary

    def _prepare(self) -> None:
        """See to the constraints, and read which columns of the input earlier pushes wrote."""
        for statement in constraints():
            try:
                self.session.run(statement).consume()
            except DatabaseError as error:
                raise ServerError(f"{error.message}; {_OWN_DATABASE}") from None
        self.session.run("CALL db.awaitIndexes(600)").consume()
        marked = self.session.run(MARKED).single()
        names = marked["columns"] if marked else []
        self.columns = {name for name in names if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)}

    def _write(self, statements: Statements, rows: pa.Table) -> pa.Table:
        """Write what differs of one table; return the identities of what is gone."""
        found = difference(self.session, statements, rows)
        self.step.advance(found.unchanged)
        self._each(statements.update, found.changed)
        self._each(statements.create, found.created)
        self.summary += PushSummary(
            len(found.created), len(found.changed), len(found.removed), found.unchanged
        )
        return found.removed

    def _each(self, statements: Sequence[str], rows: pa.Table) -> None:
        """Run the statements on all rows, a batch to a transaction."""
        for batch in rows.to_batches(max_chunksize=BATCH):
            if not self.begun:
                self.begun = True
                self._mark({"run_id": None, "columns": sorted(self.columns)})
            columns = {f"p{at}": column.to_pylist() for at, column in enumerate(batch.columns)}
            try:
                self.session.execute_write(_run, statements, {"size": len(batch), **columns})
            except ConstraintError as error:
                raise ServerError(f"{error.message}; {_OWN_DATABASE}") from None
            self.step.advance(len(batch))

    def _mark(self, properties: dict[str, Any]) -> None:
        self.session.execute_write(_run, [MARK], {"properties": properties})


def _run(
    transaction: neo4j.ManagedTransaction, statements: Sequence[str], parameters: dict[str, Any]
) -> None:
    for statement in statements:
        transaction.run(statement, parameters).consume()
