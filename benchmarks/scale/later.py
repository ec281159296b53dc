"""A platform's files cut in two: what there was before, and what came with the last day."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

#: Tables that grow with what accounts do, by the form in which the simulator writes them.
GROWING = ("signups.csv", "payments.csv", "devices.csv", "ips.parquet", "prompts.parquet")


def cut(platform: Path, before: Path, later: Path, share: float) -> None:
    """Put the last `share` of the rows of each growing table into `later`, all else in `before`.

    The files of `later` have names of their own: loading them adds to the case.
    """
    for folder in (before, later):
        folder.mkdir(parents=True)
    for path in sorted(p for p in platform.iterdir() if p.is_file()):
        new = later / f"{path.stem}-later{path.suffix}"
        if path.name not in GROWING:
            (before / path.name).symlink_to(path)
        elif path.suffix == ".csv":
            _cut_csv(path, before / path.name, new, share)
        else:
            _cut_parquet(path, before / path.name, new, share)


def _cut_csv(path: Path, old: Path, new: Path, share: float) -> None:
    with path.open("rb") as file:
        rows = sum(1 for _ in file) - 1
        file.seek(0)
        header, kept = file.readline(), rows - round(rows * share)
        with old.open("wb") as first, new.open("wb") as last:
            first.write(header)
            last.write(header)
            for number, line in enumerate(file):
                (first if number < kept else last).write(line)


def _cut_parquet(path: Path, old: Path, new: Path, share: float) -> None:
    with pq.ParquetFile(path) as file:
        rows, schema = file.metadata.num_rows, file.schema_arrow
        left = rows - round(rows * share)
        with _writer(old, schema) as first, _writer(new, schema) as last:
            for batch in file.iter_batches():
                table = pa.Table.from_batches([batch])
                kept = table.slice(0, left)
                first.write_table(kept)
                last.write_table(table.slice(len(kept)))
                left -= len(kept)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=texts)
