"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.files import stream_parquet
from forensics.case.settings import IngestSettings
from forensics.errors import InputError
from forensics.ingest.reading import NO_FAULTS, Batch, check_columns, check_expansion

_BATCH_BYTES = 16 << 20
_FEWEST_ROWS, _MOST_ROWS = 1 << 10, 1 << 16


class ParquetFile:
    """A Parquet file (a `Reader`)."""

    unit = "rows"

    def __init__(self, path: Path, name: str, limits: IngestSettings) -> None:
        self.path, self.name = path, name
        with self._opened() as file:
            metadata = file.metadata
            self.columns = tuple(name for name in file.schema_arrow.names if name)
        self.total, self.done = float(metadata.num_rows), 0.0
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        self._bytes = sum(group.total_byte_size for group in groups)
        sizes = [size for group in groups for size in (group.num_rows, group.total_byte_size)]
        if min(sizes, default=0) < 0 or metadata.num_rows != sum(
            group.num_rows for group in groups
        ):
            raise self._damaged()
        check_columns(name, len(self.columns), limits.max_columns)
        size = path.stat().st_size
        check_expansion(name, size, self._bytes, limits.max_expansion, "bytes")
        check_expansion(name, size, metadata.num_rows, limits.max_expansion, "rows")

    def batches(self, wants: Callable[[str], bool]) -> Iterator[Batch]:
        """Read the rows, in order: the columns that `wants` asks for."""
        wanted = [name for name in self.columns if wants(name)]
        next_row = 1
        with self._opened() as file:
            for raw in file.iter_batches(batch_size=self._batch_rows(), columns=wanted):
                rows = np.arange(next_row, next_row + raw.num_rows, dtype=np.int64)
                next_row += raw.num_rows
                self.done = float(next_row - 1)
                values = [_storage(column) for column in raw.columns]
                yield Batch(rows, dict(zip(raw.schema.names, values, strict=True)), NO_FAULTS)

    def _batch_rows(self) -> int:
        per_row = self._bytes / max(self.total, 1)
        return int(np.clip(_BATCH_BYTES / max(per_row, 1), _FEWEST_ROWS, _MOST_ROWS))

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            with stream_parquet(self.path) as file:
                yield file
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise self._damaged() from None

    def _damaged(self) -> InputError:
        problem = "this Parquet file is truncated or damaged: fetch it again"
        return InputError(problem, file=self.name)


def _storage(column: pa.Array) -> pa.Array:
    """Return what an extension type (a tensor, a UUID) is stored as."""
    return column.storage if isinstance(column, pa.ExtensionArray) else column
