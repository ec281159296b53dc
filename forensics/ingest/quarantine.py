"""Rows that were not let in: one CSV file per table, with file, row and reason."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from forensics.errors import CaseError

SCHEMA = pa.schema(
    {"file": pa.string(), "row": pa.int64(), "reason": pa.string(), "sha256": pa.string()}
)


def quarantine_path(table: str) -> str:
    """Return where, inside the case, the quarantine of a table lies."""
    return f"quarantine/{table}.csv"


def quarantined(file: str, sha256: str, faults: pa.Table) -> pa.Table:
    """Return the bad rows of one file (`FAULTS`) as rows of the quarantine."""
    rows = faults.num_rows
    columns = [[file] * rows, faults["row"], faults["reason"], [sha256] * rows]
    return pa.table(columns, schema=SCHEMA)


def read_quarantine(root: Path, table: str) -> pa.Table:
    """Read the quarantine of a table of the case at `root`; none is an empty one.

    Raises:
        CaseError: the file is damaged.
    """
    path = root / quarantine_path(table)
    if not path.exists():
        return SCHEMA.empty_table()
    types = {field.name: field.type for field in SCHEMA}
    try:
        return pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=types, include_columns=SCHEMA.names, strings_can_be_null=False
            ),
        ).cast(SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        raise CaseError(f"{path} is damaged: restore it from a copy, or remove it") from None


def quarantine_csv(tables: Sequence[pa.Table]) -> tuple[bytes, int]:
    """Return rows of the quarantine as CSV, each once and in order, and how many they are."""
    rows = pa.concat_tables(tables).group_by(SCHEMA.names).aggregate([])
    rows = rows.sort_by([(name, "ascending") for name in ("file", "sha256", "row", "reason")])
    written = io.BytesIO()
    written.write((",".join(SCHEMA.names) + "\n").encode())
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    pacsv.write_csv(rows.select(SCHEMA.names), written, options)
    return written.getvalue(), rows.num_rows
