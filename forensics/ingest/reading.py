"""What every reader of a source file gives: batches of raw columns, with record numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forensics.errors import InputError

#: Bytes of a source file that are read at a time.
BLOCK = 16 << 20
#: What a file may unpack to however small it is, by unit.
SMALL = {"bytes": 64 << 20, "rows": 1 << 20}

FAULTS = pa.schema({"row": pa.int64(), "reason": pa.string()})
NO_FAULTS = FAULTS.empty_table()


@dataclass(frozen=True)
class Batch:
    """Some rows of a source file.

    `rows` are their 1-based record numbers, `columns` their values by the file's own column names,
    `unread` the rows among them that can't be split into columns at all (as `FAULTS`). `by_line`
    tells that a row is a line but for quoted line breaks, so that a quote left open joins rows.
    """

    rows: npt.NDArray[np.int64]
    columns: dict[str, pa.Array]
    unread: pa.Table
    by_line: bool = False


class Reader(Protocol):
    """An opened source file."""

    #: The file's own column names, without empty ones; in JSON, more may turn up further down.
    columns: tuple[str, ...]
    #: Units of work, for progress: `done` of `total`.
    total: float
    done: float
    unit: str

    def batches(self, wants: Callable[[str], bool]) -> Iterator[Batch]:
        """Read the rows, in order: the columns that `wants` asks for."""
        ...


class OneWay:
    """A stream that is read from begin to end, as pyarrow asks for it."""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def writable(self) -> bool:
        """Say that it can't be written."""
        return False

    def seekable(self) -> bool:
        """Say that it can't be rewound."""
        return False


class ByteStream(OneWay):
    """A source file as a stream of bytes, unpacked if it is gzipped; knows how far it has come.

    A file that unpacks to more than `expansion` times its size is refused.
    """

    def __init__(self, path: Path, name: str, *, gzipped: bool, expansion: int) -> None:
        self.name = name
        self.gzipped, self.expansion = gzipped, expansion
        self.unpacked = 0
        self.size = path.stat().st_size
        self.quotes = 0
        self._file = path.open("rb")
        self._stream = pa.CompressedInputStream(self._file, "gzip") if gzipped else self._file
        self.closed = False

    def read(self, size: int = BLOCK) -> bytes:
        """Return the next `size` bytes, fewer at the end.

        Raises:
            InputError: the gzip file is truncated or damaged, or unpacks to too much.
        """
        try:
            data: bytes = self._stream.read(size)
        except OSError as error:
            if not self.gzipped or error.errno:
                raise
            raise InputError(
                "this gzip file is truncated or damaged: fetch it again", file=self.name
            ) from None
        self.unpacked += len(data)
        check_expansion(self.name, self.size, self.unpacked, self.expansion, "bytes")
        self.quotes += data.count(b'"')
        return data

    def tell(self) -> int:
        """Return how many bytes of the file itself have been read."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self._file.close()


def check_expansion(name: str, size: int, unpacked: int, expansion: int, unit: str) -> None:
    """Refuse a file that holds far more than its size lets expect.

    Raises:
        InputError: it is over `expansion` times its size, and over what is small anyway.
    """
    if unpacked > max(expansion * size, SMALL[unit]):
        raise InputError(
            f"{size:,} bytes unpack to {unpacked:,} {unit} or more, as in a decompression bomb",
            file=name,
            expected=f"at most {expansion} times as many; [ingest] max_expansion sets it",
        )


def check_columns(name: str, columns: int, most: int) -> None:
    """Refuse a file of more columns than `most`.

    Raises:
        InputError: it has more.
    """
    if columns > most:
        raise InputError(
            "too many columns",
            file=name,
            found=f"{columns:,}",
            expected=f"at most {most:,}; [ingest] max_columns sets it",
        )


def faults(rows: npt.NDArray[np.int64], reason: str) -> pa.Table:
    """Return the same reason for each of the rows."""
    return pa.table([pa.array(rows, pa.int64()), pa.array([reason] * len(rows))], schema=FAULTS)
