"""One source file, read and checked, as a Parquet file that does not count yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forensics.case.tables import TABLES
from forensics.errors import InputError
from forensics.ingest.columns import ColumnMap
from forensics.ingest.embeddings import is_list, vectors
from forensics.ingest.reading import NO_FAULTS, Batch
from forensics.ingest.rows import BuiltRows, RowBuilder
from forensics.ingest.sources import SourceFile
from forensics.ingest.text import decoded
from forensics.parallel import in_order
from forensics.progress import Step

ROW_GROUP = 1 << 16


@dataclass
class Staged:
    """What reading a source file gave: its good rows in `part`, the bad ones in `faults`."""

    source: SourceFile
    sha256: str
    part: Path
    columns: ColumnMap
    rows: int = 0
    good: int = 0
    faults: pa.Table = field(default_factory=lambda: NO_FAULTS)
    naive_times: int = 0


def stage(
    source: SourceFile,
    sha256: str,
    part: Path,
    max_bad: float,
    dimension: int | None,
    step: Step,
) -> Staged:
    """Read a source file whole, a batch at a time, and write its good rows to `part`.

    Raises:
        InputError: the file can't be read, changed meanwhile, or has too many bad rows.
    """
    table = TABLES[source.table]
    builder = RowBuilder(table, source.columns, sha256, source.max_value_bytes, dimension)
    staged = Staged(source, sha256, part, source.columns)
    faults = [NO_FAULTS]
    before = source.path.stat()
    with open_part(part, table.schema(dimension)) as writer:
        for built in in_order(_build, _batches(source, builder, staged, step)):
            writer.write_table(built.rows, row_group_size=ROW_GROUP)
            faults.append(built.faults)
            staged.good += built.rows.num_rows
            staged.naive_times += built.naive_times
    after = source.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputError("the file changed while it was read: load it again", file=source.name)
    staged.faults = pa.concat_tables(faults).sort_by("row")
    check_share(source.name, staged.rows, staged.faults, max_bad)
    return staged


def _batches(
    source: SourceFile, builder: RowBuilder, staged: Staged, step: Step
) -> Iterator[tuple[RowBuilder, Batch]]:
    """Read the batches of a file, each with the builder that knows its columns."""
    done = 0.0
    for batch in source.reader.batches(source.columns.wants):
        builder = builder.seeing(batch.columns, source.name)
        staged.columns = builder.columns
        staged.rows += len(batch.rows) + batch.unread.num_rows
        yield builder, batch
        step.advance(source.reader.done - done)
        done = source.reader.done


def _build(task: tuple[RowBuilder, Batch]) -> BuiltRows:
    builder, batch = task
    return builder.build(batch)


def open_part(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a Parquet file for writing. Embeddings are neither compressed nor looked up in a
    dictionary: they are as good as random.
    """
    text = [f.name for f in schema if pa.types.is_string(f.type) and f.name != "prompt_id"]
    compression = {f.name: "none" if f.name == "embedding" else "zstd" for f in schema}
    return pq.ParquetWriter(path, schema, compression=compression, use_dictionary=text)


def check_share(name: str, rows: int, faults: pa.Table, max_bad: float) -> None:
    """Refuse a file of which more than the share `max_bad` is bad: the mapping may be wrong."""
    if faults.num_rows <= max_bad * rows:
        return
    problems = pc.replace_substring_regex(faults["reason"], "; found .*$", "")
    counts = pc.value_counts(problems).to_pylist()
    worst = max(counts, key=lambda count: (count["counts"], count["values"]))
    number = worst["counts"]
    row = pc.index(problems, worst["values"]).as_py()
    example = faults.slice(row, 1).to_pylist()[0]
    raise InputError(
        f"{faults.num_rows:,} of {rows:,} rows are bad, so most likely a column is mapped wrongly; "
        f"most common ({number:,} row{'s' * (number > 1)}): {example['reason']}",
        file=name,
        row=example["row"],
        expected=f"at most {max_bad:.0%} bad rows; --max-bad 1 loads the good rows all the same",
    )


def dimension_of(source: SourceFile) -> int | None:
    """Return how many numbers a file's embeddings have: the most frequent count in its first batch
    that has any, None where there is none.
    """
    column = source.columns.theirs["embedding"]
    for batch in source.reader.batches(lambda name: name == column):
        raw = batch.columns.get(column)
        if raw is None:
            continue
        found = vectors(raw if is_list(raw.type) else decoded(raw).values).usual_length()
        if found is not None:
            return found
    return None
