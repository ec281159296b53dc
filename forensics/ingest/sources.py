"""Which files to load, in which format each is, and which table it holds."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensics.case.settings import IngestSettings, Settings
from forensics.case.tables import TABLES
from forensics.errors import InputError, nearest
from forensics.ingest.checked import shown_name
from forensics.ingest.columns import ColumnMap, map_columns, matches
from forensics.ingest.read_csv import CsvFile
from forensics.ingest.read_json import JsonFile
from forensics.ingest.read_parquet import ParquetFile
from forensics.ingest.reading import ByteStream, Reader

_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq")
_IGNORE = "ignore"
#: Known operators would, loaded as labels, tell the analysis what it is to find.
_TRUTH = "truth"
_LEFT_OUT = {
    _IGNORE: "is left out by the settings",
    _TRUTH: "holds known operators, for forensics evaluate",
}


@dataclass(frozen=True)
class SourceFile:
    """One file to load. `name` is what rows remember: its path inside the folder that was given."""

    path: Path
    name: str
    table: str
    reader: Reader
    columns: ColumnMap
    max_value_bytes: int


@dataclass(frozen=True)
class FoundFiles:
    """The files to load, and what a person should know about how they were chosen."""

    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]


def find_sources(sources: Sequence[Path], settings: Settings) -> FoundFiles:
    """Find the data files in folders and single files, and open each.

    Returns:
        The files, by table (in the order of `TABLES`) and name.

    Raises:
        InputError: a source does not exist or can't be read, a folder holds no data file, or a
            file's format, table or columns can't be told.
    """
    files, notes = [], []
    for name, path in _named(sources):
        table = _named_table(name, settings)
        if table in _LEFT_OUT:
            notes.append(f"{name} {_LEFT_OUT[table]}: not loaded")
            continue
        if table is None:
            reader = open_reader(path, name, settings.ingest)
            table = _table_by_columns(name, reader, settings)
            notes.append(f"{name} was read as {table}, by its columns")
        columns, longest = settings.columns.get(table, {}), settings.ingest.max_value_bytes
        files.append(open_source(path, name, table, columns, settings.ingest, longest))
    order = list(TABLES)
    files.sort(key=lambda file: (order.index(file.table), file.name))
    return FoundFiles(tuple(files), tuple(notes))


def open_source(
    path: Path,
    name: str,
    table: str,
    columns: dict[str, str],
    limits: IngestSettings,
    max_value_bytes: int,
) -> SourceFile:
    """Open a file whose table is known; `columns` gives its names of our columns.

    Raises:
        InputError: it can't be read, or lacks a required column.
    """
    reader = open_reader(path, name, limits)
    mapped = map_columns(TABLES[table], reader.columns, columns, name)
    return SourceFile(path, name, table, reader, mapped, max_value_bytes)


def open_reader(path: Path, name: str, limits: IngestSettings) -> Reader:
    """Open a file as what its first bytes say it is, whatever its name."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        gzipped = head.startswith(b"\x1f\x8b")
        if gzipped:
            stream = ByteStream(path, name, gzipped=True, expansion=limits.max_expansion)
            head = stream.read(4096)
            stream.close()
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}", file=name) from None
    if head.startswith(b"PAR1") and not gzipped:
        return ParquetFile(path, name, limits)
    expected = "UTF-8 text (CSV or JSON Lines, also gzipped) or Parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("this is UTF-16 text", file=name, expected=expected)
    if b"\0" in head or head.startswith(b"PAR1"):
        raise InputError("the format is not known", file=name, expected=expected)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        raise InputError(
            "this is a JSON array", file=name, expected="JSON Lines: one object per line"
        )
    if start.startswith(b"{"):
        return JsonFile(path, name, limits, gzipped=gzipped)
    return CsvFile(path, name, limits, gzipped=gzipped)


def _named(sources: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return all data files, each with a name of its own."""
    found: dict[Path, str] = {}
    for source in sources:
        if source.is_dir():
            inside = {path: path.relative_to(source).as_posix() for path in _data_files(source)}
            if not inside:
                raise InputError(
                    "the folder holds no data files",
                    file=str(source),
                    expected=f"files named after tables ({', '.join(TABLES)}), such as signups.csv",
                )
            found |= inside
        elif source.is_file():
            found[source] = source.name
        else:
            problem = "is not a file or folder" if source.exists() else "no such file or folder"
            raise InputError(problem, file=str(source))
    return [(name, path) for path, name in _unique(found).items()]


def _unique(found: dict[Path, str]) -> dict[Path, str]:
    """Let names that are the same grow by the folders above, until all differ; each file once."""
    # No resolve(): a link is called by its own name.
    names = {Path(os.path.abspath(path)): name for path, name in found.items()}  # noqa: PTH100
    while clashes := {name for name, n in Counter(names.values()).items() if n > 1}:
        names |= {p: _longer(p, name) for p, name in names.items() if name in clashes}
    return names


def _longer(path: Path, name: str) -> str:
    """Return the end of a path that is one folder longer than `name`."""
    return "/".join(path.parts[1:][-1 - len(name.split("/")) :])


def _data_files(folder: Path) -> Iterator[Path]:
    """Give the data files in a folder and those below it, by name; cases are left out."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", file=str(folder)) from None
    for entry in entries:
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            if not (entry / "case.json").exists():
                yield from _data_files(entry)
        elif _stem(entry.name) != entry.name or entry.name in TABLES:
            yield entry


def _stem(name: str) -> str:
    """Return a file's name without the suffixes of data files."""
    bare = name[:-3] if name.lower().endswith(".gz") else name
    for suffix in _SUFFIXES:
        if bare.lower().endswith(suffix):
            return bare[: -len(suffix)]
    return bare


def _named_table(name: str, settings: Settings) -> str | None:
    """Tell the table by the settings' `files`, or by the name of the file or of its folders."""
    parts = name.split("/")
    for part in (_stem(parts[-1]), parts[-1], name):
        if part in settings.files:
            return settings.files[part]
    for part in (_stem(parts[-1]), *reversed(parts[:-1])):
        for table in (*TABLES, _TRUTH):
            if re.match(rf"{table}(?:$|[-_. ]|\d)", part.lower()):
                return table
    return None


def _table_by_columns(name: str, reader: Reader, settings: Settings) -> str:
    scores = {
        table.name: matches(table, reader.columns, settings.columns.get(table.name, {}))
        for table in TABLES.values()
    }
    best = [table for table, score in scores.items() if score == max(scores.values()) > 0]
    if len(best) == 1:
        return best[0]
    stem = _stem(name.split("/")[-1])
    raise InputError(
        f"no table is called '{stem}'{nearest(stem, TABLES)}",
        file=name,
        found=f"columns {', '.join(shown_name(c)[1:-1] for c in reader.columns)}",
        expected=f"a name that begins with one of {', '.join(TABLES)}; or, in the settings, "
        f'[files] {stem} = "TABLE" (or "{_IGNORE}")',
    )
