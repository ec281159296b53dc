"""New prompts beside the stored ones: a prompt that is already there is not stored again.

Prompts are too many to be sorted and written anew with each load, so each file becomes a part of
its own, less the rows whose prompt_id an earlier row has.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.tables import TABLES
from forensics.ingest.merge import RANK
from forensics.ingest.stage import open_part

_REPEATED = """
    CREATE OR REPLACE TEMP TABLE repeated AS
    SELECT prompt_id FROM read_parquet($parts) GROUP BY prompt_id HAVING count(*) > 1
"""
_RIVALS = """
    WITH rivals AS (
        SELECT {columns}, {{{struct}}} AS content, source_sha256, source_row, is_new,
               rank * {rank} + source_row AS place
        FROM read_parquet($parts)
        JOIN ranks ON source_sha256 = sha256
        SEMI JOIN repeated USING (prompt_id)
    )
    SELECT prompt_id AS id, source_sha256, source_row, place, first_value(place) OVER w AS kept,
           content IS NOT DISTINCT FROM first_value(content) OVER w AS same
    FROM rivals
    WINDOW w AS (PARTITION BY prompt_id ORDER BY is_new, {order}, place)
    QUALIFY row_number() OVER w > 1
    ORDER BY place
"""


def repeated_prompts(
    database: duckdb.DuckDBPyConnection, parts: Sequence[Path], ranked: Sequence[str], new: set[str]
) -> pa.Table:
    """Find the rows whose prompt_id another row has, one of each id left out: it stays.

    The stored row stays, else the first in canonical order; `new` are the digests of the files
    that are not stored yet, `ranked` those of all files. Returns one
    row for each that has to go: id, source_sha256, source_row, place, `kept` (the
    place of the row that stays) and whether the two are the `same` in all columns.
    """
    paths = [str(part) for part in parts]
    database.execute(_REPEATED, {"parts": paths})
    ranks = {"sha256": ranked, "rank": range(len(ranked)), "is_new": [d in new for d in ranked]}
    database.register("ranks", pa.table(ranks))
    columns = [f'"{f.name}"' for f in TABLES["prompts"].stored]
    query = _RIVALS.format(
        columns=", ".join(columns),
        struct=", ".join(f"{name}: {name}" for name in columns),
        order=", ".join(f"{name} NULLS FIRST" for name in columns),
        rank=RANK,
    )
    return database.sql(query, params={"parts": paths}).to_arrow_table()


def drop_rows(part: Path, rows: pa.ChunkedArray) -> None:
    """Write a part again without the given source rows."""
    if not len(rows):
        return
    shorter = part.with_suffix(".shorter")
    gone = rows.to_numpy()
    with pq.ParquetFile(part) as file, open_part(shorter, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            keep = ~np.isin(batch.column("source_row").to_numpy(), gone)
            writer.write_table(pa.Table.from_batches([batch]).filter(pa.array(keep)))
    shorter.replace(part)
