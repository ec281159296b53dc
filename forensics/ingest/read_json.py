"""JSON Lines: one object per line; blank lines are no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from forensics.case.settings import IngestSettings
from forensics.errors import InputError
from forensics.ingest.reading import BLOCK, NO_FAULTS, Batch, ByteStream, check_columns, faults

_LONGEST_LINE = 64 << 20

_OBJECTS = """
    SELECT coalesce(json_valid(line)
                    AND json_type(CASE WHEN json_valid(line) THEN line END) = 'OBJECT', false) AS ok
    FROM lines
"""
_KEYS = "SELECT DISTINCT unnest(json_keys(line)) AS key FROM lines ORDER BY key"
_VALUES = "SELECT {found} FROM (SELECT json_extract_string(line, $paths) AS found FROM lines)"


class JsonFile:
    """A file of JSON objects, one per line (a `Reader`). All values come as text.

    `columns` are the keys of the file's first block.
    """

    unit = "MB"

    def __init__(self, path: Path, name: str, limits: IngestSettings, *, gzipped: bool) -> None:
        self.path, self.name, self.gzipped, self.limits = path, name, gzipped, limits
        self.total, self.done = path.stat().st_size / 1e6, 0.0
        self.columns: tuple[str, ...] = ()
        first = next(self.batches(lambda _: True), None)
        if first is None:
            raise InputError("the file is empty", file=name)
        self.columns = tuple(first.columns)

    def batches(self, wants: Callable[[str], bool]) -> Iterator[Batch]:
        """Read the rows, in order: the keys that `wants` asks for and a block of the file has."""
        expansion = self.limits.max_expansion
        stream = ByteStream(self.path, self.name, gzipped=self.gzipped, expansion=expansion)
        try:
            with duckdb.connect() as database:
                next_row = 1
                for lines in _blocks(stream):
                    batch = _batch(database, lines, next_row, wants, self._check)
                    next_row += len(lines)
                    self.done = stream.tell() / 1e6
                    yield batch
        finally:
            stream.close()

    def _check(self, keys: int) -> None:
        check_columns(self.name, keys, self.limits.max_columns)


def _batch(
    database: duckdb.DuckDBPyConnection,
    lines: list[bytes],
    first: int,
    wants: Callable[[str], bool],
    check: Callable[[int], None],
) -> Batch:
    rows = np.arange(first, first + len(lines), dtype=np.int64)
    text, unread = _text(lines), NO_FAULTS
    objects = _query(database, text, _OBJECTS)["ok"].combine_chunks()
    good = objects.to_numpy(zero_copy_only=False)
    if not good.all():
        unread = faults(rows[~good], "not a JSON object in UTF-8")
        text, rows = text.filter(objects), rows[good]
    keys = [key for key in _query(database, text, _KEYS)["key"].to_pylist() if key and wants(key)]
    check(len(keys))
    found = ", ".join(f"found[{place + 1}]" for place in range(len(keys))) or "NULL"
    paths = [_pointer(key) for key in keys]
    values = _query(database, text, _VALUES.format(found=found), paths=paths)
    columns = {key: values.column(place).combine_chunks() for place, key in enumerate(keys)}
    return Batch(rows, columns, unread)


def _query(
    database: duckdb.DuckDBPyConnection, lines: pa.Array, query: str, **parameters: list[str]
) -> pa.Table:
    database.register("lines", pa.table({"line": lines}))
    return database.sql(query, params=parameters).to_arrow_table()


def _blocks(stream: ByteStream) -> Iterator[list[bytes]]:
    """Give the lines of a file that are not blank, a block of the file at a time."""
    rest = b""
    first = True
    while data := stream.read(BLOCK):
        block, cut, rest = (rest + data).rpartition(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise InputError(
                f"a line is longer than {_LONGEST_LINE >> 20} MiB",
                file=stream.name,
                expected="JSON Lines: one object per line",
            )
        if cut:
            yield from _lines(block, first=first)
            first = False
    yield from _lines(rest, first=first)


def _lines(block: bytes, *, first: bool) -> Iterator[list[bytes]]:
    if first:
        block = block.removeprefix(b"\xef\xbb\xbf")
    if lines := [line for line in block.split(b"\n") if line and not line.isspace()]:
        yield lines


def _text(lines: list[bytes]) -> pa.Array:
    raw = pa.array(lines, pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_decoded(line) for line in lines], pa.string())


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _pointer(key: str) -> str:
    """Return the JSON pointer (RFC 6901) to a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
