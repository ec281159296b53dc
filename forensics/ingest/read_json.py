"""JSON Lines: one object per line; blank lines are no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from forensics.errors import InputError
from forensics.ingest.reading import BLOCK, NO_FAULTS, Batch, ByteStream, faults

_OBJECTS = """
    SELECT coalesce(json_valid(line)
                    AND json_type(CASE WHEN json_valid(line) THEN line END) = 'OBJECT', false) AS ok
    FROM lines
"""
_KEYS = "SELECT DISTINCT unnest(json_keys(line)) AS key FROM lines ORDER BY key"


class JsonFile:
    """A file of JSON objects, one per line (a `Reader`). All values come as text."""

    unit = "MB"

    def __init__(self, path: Path, name: str, *, gzipped: bool) -> None:
        self.path, self.name, self.gzipped = path, name, gzipped
        self.total, self.done = path.stat().st_size / 1e6, 0.0
        self._database = duckdb.connect()
        self.columns = self._first_keys()

    def batches(self, wants: Callable[[str], bool]) -> Iterator[Batch]:
        """Read the rows, in order: the keys that `wants` asks for and a block of the file has."""
        stream = ByteStream(self.path, self.name, gzipped=self.gzipped)
        try:
            next_row = 1
            for lines in _blocks(stream):
                batch = self._batch(lines, next_row, wants)
                next_row += len(lines)
                self.done = stream.tell() / 1e6
                yield batch
        finally:
            stream.close()

    def _first_keys(self) -> tuple[str, ...]:
        stream = ByteStream(self.path, self.name, gzipped=self.gzipped)
        try:
            lines = next(_blocks(stream), None)
        finally:
            stream.close()
        if lines is None:
            raise InputError("the file is empty", file=self.name)
        if lines[0].lstrip().startswith(b"["):
            raise InputError(
                "this is a JSON array", file=self.name, expected="JSON Lines: one object per line"
            )
        text = _text(lines)
        return self._keys(text.filter(self._objects(text)))

    def _batch(self, lines: list[bytes], first: int, wants: Callable[[str], bool]) -> Batch:
        rows = np.arange(first, first + len(lines), dtype=np.int64)
        text = _text(lines)
        objects = self._objects(text)
        good = objects.to_numpy(zero_copy_only=False)
        unread = NO_FAULTS
        if not good.all():
            unread = faults(rows[~good], "not a JSON object in UTF-8")
            text, rows = text.filter(objects), rows[good]
        keys = self._keys(text)
        wanted = [key for key in keys if wants(key)]
        return Batch(rows, self._values(text, wanted), unread)

    def _objects(self, text: pa.Array) -> pa.Array:
        self._database.register("lines", pa.table({"line": text}))
        return self._database.sql(_OBJECTS).to_arrow_table()["ok"].combine_chunks()

    def _keys(self, text: pa.Array) -> tuple[str, ...]:
        self._database.register("lines", pa.table({"line": text}))
        return tuple(key for (key,) in self._database.sql(_KEYS).fetchall() if key)

    def _values(self, text: pa.Array, keys: list[str]) -> dict[str, pa.Array]:
        self._database.register("lines", pa.table({"line": text}))
        found = ", ".join(f"found[{i + 1}]" for i in range(len(keys))) or "NULL"
        values = self._database.sql(
            f"SELECT {found} FROM (SELECT json_extract_string(line, $paths) AS found FROM lines)",
            params={"paths": [_pointer(key) for key in keys]},
        ).to_arrow_table()
        return {key: values.column(i).combine_chunks() for i, key in enumerate(keys)}


def _blocks(stream: ByteStream) -> Iterator[list[bytes]]:
    """Give the lines of a file that are not blank, a block of the file at a time."""
    rest = b""
    first = True
    while data := stream.read(BLOCK):
        block, cut, rest = (rest + data).rpartition(b"\n")
        if not cut:
            continue
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
