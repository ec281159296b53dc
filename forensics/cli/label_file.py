"""People's verdicts from a file, read as source files are: ids stay text, times are UTC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.labels import Label
from forensics.case.settings import IngestSettings
from forensics.errors import InputError, UsageError
from forensics.ingest.checked import Checked
from forensics.ingest.reading import Batch
from forensics.ingest.sources import open_reader
from forensics.ingest.text import read_text
from forensics.ingest.times import times
from forensics.utc import utc_text

TEXTS = ("account_id", "cluster_id", "verdict", "operator", "reason", "by")


def read_label_file(path: Path, limits: IngestSettings) -> list[Label]:
    """Return the labels of a CSV, JSON Lines or Parquet file, in its order.

    Raises:
        InputError: the file or one of its rows can't be read; the first such row is named.
    """
    reader = open_reader(path, path.name, limits)
    labels: list[Label] = []
    for batch in reader.batches(lambda name: name in (*TEXTS, "at")):
        labels += _labels(batch, path.name, limits.max_value_bytes)
    return labels


def _labels(batch: Batch, file: str, max_bytes: int) -> list[Label]:
    columns = {
        name: read_text(batch.columns[name], max_bytes, Checked)
        for name in TEXTS
        if name in batch.columns
    }
    if "at" in batch.columns:
        columns["at"] = times(batch.columns["at"]).checked
    _refuse_faults(batch, columns, file)
    values = {name: column.values for name, column in columns.items()}
    if "at" in values:
        values["at"] = utc_text(values["at"])
    table = pa.table(values) if values else pa.table({"at": pa.nulls(len(batch.rows))})
    return [
        _label(row, file, number)
        for row, number in zip(table.to_pylist(), batch.rows.tolist(), strict=True)
    ]


def _refuse_faults(batch: Batch, columns: dict[str, Checked], file: str) -> None:
    """Name the first row that can't be read, if there is one."""
    unread = batch.unread.slice(0, 1).to_pylist()
    found = [InputError(row["reason"], file=file, row=row["row"]) for row in unread]
    for name, column in columns.items():
        if column.reasons is not None:
            first = pc.index(pc.is_valid(column.reasons), True).as_py()
            reason, row = column.reasons[first].as_py(), int(batch.rows[first])
            found.append(InputError(reason, file=file, row=row, column=name))
    if found:
        raise min(found, key=lambda fault: fault.row or 0)


def _label(row: dict[str, Any], file: str, number: int) -> Label:
    if not row.get("at"):
        raise InputError(
            "a label needs a time", file=file, row=number, column="at", expected="ISO 8601"
        )
    try:
        return Label(**{"verdict": "", **{k: v for k, v in row.items() if v is not None}})
    except UsageError as error:
        raise InputError(str(error), file=file, row=number) from None
