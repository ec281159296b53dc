"""New prompts beside the stored ones: of rows with one prompt_id, one is stored.

Prompts are too many to be sorted and written anew with each load, so each file becomes a part of
its own, less the rows whose prompt_id a row that comes before it has. Which row that is follows
from the rows and the names of their files alone, not from which was loaded first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from forensics.case.files import stream_parquet
from forensics.case.tables import TABLES
from forensics.ingest.merge import RANK
from forensics.ingest.stage import open_part

_GONE = pa.schema(
    {
        "id": pa.string(),
        "source_row": pa.int64(),
        "part": pa.string(),
        "place": pa.int64(),
        "kept": pa.int64(),
        "same": pa.bool_(),
    }
)
#: A repeated id has a new row, so stored ids matter only where a new row has them too.
_REPEATED = """
    CREATE OR REPLACE TEMP TABLE repeated AS
    WITH fresh AS (SELECT prompt_id, count(*) AS n FROM read_parquet($new) GROUP BY prompt_id)
    SELECT prompt_id FROM fresh WHERE n > 1
    UNION
    SELECT prompt_id FROM {stored} SEMI JOIN fresh USING (prompt_id)
"""
_RIVALS = """
    WITH rivals AS (
        SELECT {columns}, {{{struct}}} AS content, source_sha256, source_row, filename AS part,
               rank * {rank} + source_row AS place
        FROM read_parquet($parts, filename = true)
        JOIN ranks ON source_sha256 = sha256
        SEMI JOIN repeated USING (prompt_id)
    )
    SELECT prompt_id AS id, source_row, part, place, first_value(place) OVER w AS kept,
           content IS NOT DISTINCT FROM first_value(content) OVER w AS same
    FROM rivals
    WINDOW w AS (PARTITION BY prompt_id ORDER BY {order}, place)
    QUALIFY row_number() OVER w > 1
    ORDER BY place
"""


def repeated_prompts(
    database: duckdb.DuckDBPyConnection,
    stored: Sequence[Path],
    new: Sequence[Path],
    ranked: Sequence[str],
) -> pa.Table:
    """Find the rows whose prompt_id another row has, one of each id left out: it stays.

    That is the first in canonical order, then by file (`ranked`: the digests of all files) and
    row. Returns one row for each that has to go: id, source_row, part (the path of the file that
    it lies in), place, `kept` (the place of the row that stays) and whether the two are the `same`
    in all columns.
    """
    paths = {"stored": [str(part) for part in stored], "new": [str(part) for part in new]}
    if stored:
        query = _REPEATED.format(stored="read_parquet($stored)")
        database.execute(query, paths)
    else:
        query = _REPEATED.format(stored="(SELECT prompt_id FROM fresh LIMIT 0)")
        database.execute(query, {"new": paths["new"]})
    database.register("ranks", pa.table({"sha256": ranked, "rank": range(len(ranked))}))
    if not database.sql("SELECT count(*) FROM repeated").fetchall()[0][0]:
        return _GONE.empty_table()
    columns = [f'"{f.name}"' for f in TABLES["prompts"].stored]
    query = _RIVALS.format(
        columns=", ".join(columns),
        struct=", ".join(f"{name}: {name}" for name in columns),
        order=", ".join(f"{name} NULLS FIRST" for name in columns),
        rank=RANK,
    )
    return database.sql(query, params={"parts": paths["stored"] + paths["new"]}).to_arrow_table()


def without_rows(part: Path, rows: pa.ChunkedArray, target: Path) -> None:
    """Write a part to `target` without the given source rows."""
    gone = rows.to_numpy()
    with stream_parquet(part) as file, open_part(target, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            keep = ~np.isin(batch.column("source_row").to_numpy(), gone)
            writer.write_table(pa.Table.from_batches([batch]).filter(pa.array(keep)))
