"""CSV: quoted values may hold line breaks, and a row is a record, not a line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from forensics.case.settings import IngestSettings
from forensics.errors import InputError
from forensics.ingest.reading import BLOCK, FAULTS, Batch, ByteStream, OneWay, check_columns

_SEPARATORS = ",;\t|"
_HEAD = 1 << 20


#: Stands for bytes that are not UTF-8 while pyarrow splits the rows: it can't tell of a row with
#: such bytes that it is odd. No text has this character.
_STAND_IN = "\U0010ffff"
codecs.register_error("forensics.stand_in", lambda error: (_STAND_IN, cast("Any", error).end))


class _Utf8Stream(OneWay):
    """A stream of bytes with stand-ins for those that are not UTF-8; `seen` tells of any."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream, self.seen, self.closed = stream, False, False
        self._decoder = codecs.getincrementaldecoder("utf-8")("forensics.stand_in")

    def read(self, size: int = BLOCK) -> bytes:
        data = self.stream.read(size)
        if data.isascii() and data and self._decoder.getstate() == (b"", 0):
            return data
        text = self._decoder.decode(data, final=not data)
        self.seen = self.seen or _STAND_IN in text
        if data and not text:  # a character is cut in two; nothing would mean the end
            return self.read(size)
        return text.encode()

    def close(self) -> None:
        self.closed = True


class CsvFile:
    """A CSV file whose first record names its columns (a `Reader`)."""

    unit = "MB"

    def __init__(self, path: Path, name: str, limits: IngestSettings, *, gzipped: bool) -> None:
        self.path, self.name, self.gzipped, self.limits = path, name, gzipped, limits
        self.total, self.done = path.stat().st_size / 1e6, 0.0
        with closing(self._stream()) as stream:
            head = stream.read(_HEAD)
        self.separator, self.header, self.bare = _header(head, name)
        self.columns = tuple(name for name in self.header if name)
        check_columns(name, len(self.header), limits.max_columns)

    def batches(self, wants: Callable[[str], bool]) -> Iterator[Batch]:
        """Read the rows, in order: the columns that `wants` asks for."""
        if self.bare:
            return
        stream = self._stream()
        text = _Utf8Stream(stream)
        skipped: dict[int, str] = {}
        next_row = 0  # record 0 is the header
        last: Batch | None = None
        try:
            for raw in self._raw_batches(text, wants, skipped):
                last = self._batch(_undone(raw) if text.seen else raw, next_row, skipped)
                next_row += raw.num_rows + last.unread.num_rows
                self.done = stream.tell() / 1e6
                yield last
        except pa.ArrowInvalid:
            raise self._unclosed(next_row) from None
        finally:
            stream.close()
        if stream.quotes % 2 and last is not None and _ends_in_line_break(last):
            raise self._unclosed(int(last.rows[-1]))
        if skipped:
            rows = np.array(sorted(skipped), np.int64)
            yield Batch(rows[:0], {}, _faults(rows, skipped))

    def _stream(self) -> ByteStream:
        expansion = self.limits.max_expansion
        return ByteStream(self.path, self.name, gzipped=self.gzipped, expansion=expansion)

    def _raw_batches(
        self, stream: _Utf8Stream, wants: Callable[[str], bool], skipped: dict[int, str]
    ) -> Iterator[pa.RecordBatch]:
        wanted = [f"f{i}" for i, name in enumerate(self.header) if name and wants(name)]

        def skip(row: pacsv.InvalidRow) -> str:
            found, expected = row.actual_columns, row.expected_columns
            skipped[row.number - 1] = f"{found} values where the header has {expected}"
            return "skip"

        # One thread, because only then pyarrow tells which row is invalid.
        yield from pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=BLOCK, autogenerate_column_names=True
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.separator, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.binary()),
                include_columns=wanted,
                strings_can_be_null=False,
            ),
        )

    def _batch(self, raw: pa.RecordBatch, first: int, skipped: dict[int, str]) -> Batch:
        """Number the rows, and take out of `skipped` those that fall among them."""
        rows, unread = _numbered(first, raw.num_rows, skipped)
        reasons = _faults(unread, skipped)
        for row in unread.tolist():
            del skipped[row]
        values = {self.header[int(n[1:])]: raw.column(n) for n in raw.schema.names}
        if first == 0:
            rows, values = rows[1:], {name: column[1:] for name, column in values.items()}
        return Batch(rows, values, reasons, by_line=True)

    def _unclosed(self, row: int) -> InputError:
        return InputError(
            "a quotation mark is opened here and never closed, or the record is longer than "
            f"{BLOCK >> 20} MiB: close it, or double it if it belongs to the value",
            file=self.name,
            row=max(row, 1),
        )


def _undone(raw: pa.RecordBatch) -> pa.RecordBatch:
    """Put bytes that are no UTF-8 back where stand-ins are."""
    columns = [pc.replace_substring(c, _STAND_IN.encode(), b"\xff") for c in raw.columns]
    return pa.RecordBatch.from_arrays(columns, schema=raw.schema)


def _header(head: bytes, name: str) -> tuple[str, list[str], bool]:
    """Return the separator, the column names, and whether nothing follows them."""
    text = head.decode("utf-8-sig", errors="replace")
    line = re.search(r"[^\r\n]*\S[^\r\n]*", text)
    if line is None:
        raise InputError("the file is empty", file=name)
    separator = max(_SEPARATORS, key=lambda sign: (line[0].count(sign), sign == ","))
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        first = next(record for record in records if record)
        bare = len(head) < _HEAD and not any(records)
    except csv.Error:
        raise InputError(
            "the first line is not a list of column names", file=name, expected="a CSV header"
        ) from None
    if any("\ufffd" in column for column in first):
        raise InputError(
            "the column names are not UTF-8 text", file=name, expected="a file saved as UTF-8"
        )
    return separator, [column.strip() for column in first], bare


def _numbered(
    first: int, count: int, skipped: dict[int, str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the numbers of `count` rows from `first` on, and those skipped between them."""
    gaps = np.array(sorted(skipped), np.int64)
    numbers = np.arange(first, first + count + len(gaps), dtype=np.int64)
    kept = numbers[~np.isin(numbers, gaps)][:count]
    return kept, gaps[gaps < kept[-1]] if count else gaps[:0]


def _faults(rows: npt.NDArray[np.int64], skipped: dict[int, str]) -> pa.Table:
    return pa.table([pa.array(rows), [skipped[row] for row in rows.tolist()]], schema=FAULTS)


def _ends_in_line_break(batch: Batch) -> bool:
    ends = [column[-1:] for column in batch.columns.values() if len(column)]
    return any(pc.any(pc.match_substring(end, "\n")).as_py() for end in ends)
