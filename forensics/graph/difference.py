"""What a push has to do for one table: the rows of a run against what earlier pushes wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import duckdb
import neo4j
import pyarrow as pa

from forensics.graph.statements import TAG, Statements

#: Records turned into one Arrow table at a time; bounds what is held as Python objects.
CHUNK = 100_000


@dataclass(frozen=True)
class Difference:
    """Rows to create, rows to change, identities of rows to remove, and how many stay.

    The rows have all columns of the table and, last, `_tag`.
    """

    created: pa.Table
    changed: pa.Table
    removed: pa.Table
    unchanged: int


def difference(session: neo4j.Session, statements: Statements, rows: pa.Table) -> Difference:
    """Compare the rows of one table with what the database holds of it."""
    database = duckdb.connect()
    database.register("given", rows)
    tagged = database.sql(
        f"SELECT *, (md5_number_lower(to_json(given)::VARCHAR) >> 1)::BIGINT AS {TAG} FROM given"
    ).to_arrow_table()
    none = tagged.slice(0, 0)
    (written,) = session.run(statements.count).single(strict=True)
    if not written:
        return Difference(tagged, none, none.select(statements.identity), 0)
    names = [*statements.identity, TAG]
    database.register("given", tagged)
    database.register("found", _read(session, statements.read, none.select(names).schema))
    return _compare(database, statements.identity, len(rows))


def _compare(database: duckdb.DuckDBPyConnection, identity: Sequence[str], size: int) -> Difference:
    columns = ", ".join(f'"{name}"' for name in identity)
    # Found twice means that two pushes ran at once: such a row is removed and written anew.
    database.execute(
        f"CREATE TABLE known AS SELECT {columns}, CASE WHEN count(*) = 1 THEN min({TAG}) END "
        f"AS known_tag FROM found GROUP BY {columns}"
    )
    created = f"SELECT * FROM given ANTI JOIN known USING ({columns}) ORDER BY {columns}"
    changed = (
        f"SELECT given.* FROM given JOIN known USING ({columns}) "
        f"WHERE known_tag IS DISTINCT FROM given.{TAG} ORDER BY {columns}"
    )
    removed = f"SELECT {columns} FROM known ANTI JOIN given USING ({columns}) ORDER BY {columns}"
    new, other, gone = (database.sql(q).to_arrow_table() for q in (created, changed, removed))
    return Difference(new, other, gone, size - len(new) - len(other))


def _read(session: neo4j.Session, query: str, schema: pa.Schema) -> pa.Table:
    records = iter(session.run(query))
    chunks = iter(lambda: list(islice(records, CHUNK)), [])
    return pa.Table.from_batches(list(_batches(chunks, schema)), schema)


def _batches(chunks: Iterator[list[neo4j.Record]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for chunk in chunks:
        columns = zip(*chunk, strict=True)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
