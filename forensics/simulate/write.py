"""Tables as files, the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a CSV file; times as ISO 8601 with Z, absent values as empty fields."""
    for i, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            at = pc.strftime(
                table.column(i).cast(pa.timestamp("s", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ"
            )
            table = table.set_column(i, column.name, at)
    # No value needs quotes: writing fails if one ever does.
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        pa_csv.write_csv(table, file, options)


def write_parquet(chunks: Iterable[pa.Table], schema: pa.Schema, path: Path) -> int:
    """Write a Parquet file one chunk (a row group) at a time; returns the number of rows."""
    rows = 0
    # Embeddings repeat too seldom for a dictionary.
    repeating = [name for name in schema.names if name != "embedding"]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating) as file:
        for chunk in chunks:
            file.write_table(chunk)
            rows += chunk.num_rows
    return rows
