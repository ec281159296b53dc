"""Stored rows and new ones in one: duplicates merged, in an order that the content alone gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import stream_parquet
from forensics.case.tables import TABLES
from forensics.ingest.stage import ROW_GROUP, open_part

#: A row's place is its file's rank times this, plus its row: one number that says which is first.
RANK = 1 << 40

CONFLICTS = pa.schema({"place": pa.int64(), "kept": pa.int64(), "id": pa.string()})

#: What changes while the sign-up stays the same.
STATUS = ("status", "status_at")

#: The latest status first; where no time tells, accounts begin active, and may be gone in the end.
_LATEST = (
    "status IS NULL, status_at DESC NULLS LAST, "
    "list_position(['active', 'suspended', 'deleted'], status) DESC"
)


@dataclass
class Merged:
    """What a merge wrote: rows in all, rows by the SHA-256 of their source, how many sign-ups gave
    way to a newer status, and those that disagree with the one that was kept (as `CONFLICTS`).
    """

    rows: int = 0
    stored: dict[str, int] = field(default_factory=dict)
    outdated: int = 0
    conflicts: pa.Table = field(default_factory=CONFLICTS.empty_table)


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that spills to `scratch`."""
    database = duckdb.connect(config={"temp_directory": str(scratch)})
    database.execute("SET TimeZone = 'UTC'")
    database.execute("SET enable_progress_bar = false")
    return database


def merge_rows(
    database: duckdb.DuckDBPyConnection,
    table: str,
    parts: Sequence[Path],
    ranked: Sequence[str],
    target: Path,
    dimension: int | None,
) -> Merged:
    """Write the union of parts of one table to `target`, sorted by all content columns.

    Rows that are equal in all content columns become one, with the source that comes first in
    `ranked` (SHA-256 digests of all files) and then by row. Of sign-ups of one account the latest
    status stays: by `status_at`, where one without it is the earliest, and at equal times deleted
    outweighs suspended, and that active; a row without a status tells of none. If its status is all
    that another differs in, that one gave way to it; else they disagree. Of sign-ups that disagree
    and have one status, the first in canonical order stays.
    """
    schema = TABLES[table].schema(dimension)
    digests = pa.array(ranked, pa.string())
    database.register("ranks", pa.table({"sha256": digests, "rank": range(len(ranked))}))
    content = [f.name for f in TABLES[table].stored]
    query = _signups(content) if table == "signups" else _distinct(content)
    found = database.sql(
        f"{query} ORDER BY {_order(content)}", params={"parts": [str(part) for part in parts]}
    )
    merged, conflicts = Merged(), [CONFLICTS.empty_table()]
    with open_part(target, schema) as writer:
        for rows in _regrouped(found.to_arrow_reader(ROW_GROUP)):
            merged.outdated += pc.sum(rows["outdated"]).as_py()
            kept = pc.equal(rows["place"], rows["kept"])
            if not pc.all(kept).as_py():
                conflicts.append(rows.filter(pc.invert(kept)).select(CONFLICTS.names))
                rows = rows.filter(kept)
            writer.write_table(_stored(rows, digests, schema))
            merged.rows += rows.num_rows
            for count in pc.value_counts(_ranks(rows)).to_pylist():
                digest = ranked[count["values"]]
                merged.stored[digest] = merged.stored.get(digest, 0) + count["counts"]
    merged.conflicts = pa.concat_tables(conflicts)
    return merged


def without_sources(part: Path, digests: Sequence[str], target: Path) -> int:
    """Write a part to `target` without the rows of some files; return how many are left."""
    gone, left = pa.array(digests, pa.string()), 0
    with stream_parquet(part) as file, open_part(target, file.schema_arrow) as writer:
        for batch in file.iter_batches(ROW_GROUP):
            rows = pa.Table.from_batches([batch])
            rows = rows.filter(pc.invert(pc.is_in(rows["source_sha256"], gone)))
            writer.write_table(rows)
            left += rows.num_rows
    return left


def _distinct(content: Sequence[str]) -> str:
    """Select each row once, with its first place. What is kept of it is itself."""
    columns = _listed(content)
    return f"""
        SELECT {columns}, min(rank * {RANK} + source_row) AS place, place AS kept,
            {content[0]} AS id, 0 AS outdated
        FROM read_parquet($parts) JOIN ranks ON source_sha256 = sha256
        GROUP BY {columns}
    """


def _signups(content: Sequence[str]) -> str:
    """Select each sign-up once, with its latest status, and the place of the one that is kept of
    its account. `outdated` counts its earlier statuses.
    """
    same = [name for name in content if name not in STATUS]
    sign_up, account = f"PARTITION BY {_listed(same)}", f"PARTITION BY {content[0]}"
    return f"""
        SELECT * REPLACE (
            first_value(place) OVER ({account} ORDER BY {_LATEST}, {_order(same)}) AS kept
        ) FROM (
            SELECT * REPLACE (count(*) OVER ({sign_up}) - 1 AS outdated)
            FROM ({_distinct(content)})
            QUALIFY row_number() OVER ({sign_up} ORDER BY {_LATEST}) = 1
        )
    """


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _order(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}" NULLS FIRST' for name in columns)


def _regrouped(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Give tables of `ROW_GROUP` rows each but the last, however the database cuts its batches."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        while count >= ROW_GROUP:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP).combine_chunks()
            waiting = table.slice(ROW_GROUP).to_batches()
            count -= ROW_GROUP
    if count:
        yield pa.Table.from_batches(waiting).combine_chunks()


def _ranks(rows: pa.Table) -> pa.ChunkedArray:
    return pc.divide(rows["place"], RANK)


def _stored(rows: pa.Table, digests: pa.Array, schema: pa.Schema) -> pa.Table:
    ranks = _ranks(rows)
    source_row = pc.subtract(rows["place"], pc.multiply(ranks, RANK))
    content = [rows[f.name].cast(f.type) for f in schema if f.name in rows.schema.names]
    return pa.table([*content, digests.take(ranks), source_row], schema=schema)
