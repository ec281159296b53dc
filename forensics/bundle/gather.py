"""Finds the source files of a bundle again: by their SHA-256, wherever they lie in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from forensics.case.files import sha256_file
from forensics.case.settings import Settings
from forensics.case.tables import TABLES
from forensics.errors import BundleError
from forensics.ingest.sources import FoundFiles, open_source
from forensics.progress import QUIET, Progress


def gather(
    wanted: Sequence[dict[str, Any]], folder: Path, progress: Progress = QUIET
) -> dict[str, Path]:
    """Return where the source files of a bundle lie in a folder or below it, by SHA-256.

    `wanted` is what its provenance says of them; files that have their names are looked at first.

    Raises:
        BundleError: one is not there; the message names a file of that name which is another.
    """
    digests = {source["sha256"] for source in wanted}
    names = {_name(source) for source in wanted}
    found: dict[str, Path] = {}
    others: dict[Path, str] = {}
    with progress.step("Finding the sources", len(digests), "files") as step:
        for path in _files(folder, names):
            if len(found) == len(digests):
                break
            with suppress(OSError):
                digest = sha256_file(path)
                if digest not in digests:
                    others[path] = digest
                elif found.setdefault(digest, path) == path:
                    step.advance()
    for source in wanted:
        if source["sha256"] not in found:
            raise BundleError(_missing(source, folder, others))
    return found


def open_gathered(
    wanted: Sequence[dict[str, Any]], found: dict[str, Path], settings: Settings
) -> FoundFiles:
    """Open gathered files under the names, and by the columns, that the bundle says of each.

    Raises:
        BundleError: a table is not known.
        InputError: a file can't be read so.
    """
    files = []
    for source in wanted:
        table, columns = source["table"], source.get("columns")
        if table not in TABLES:
            raise BundleError(f"{source['file']}: this version knows no table '{table}'")
        if columns is None:  # the bundle is of a version that did not say
            columns = settings.columns.get(table, {})
        longest = source.get("max_value_bytes") or settings.ingest.max_value_bytes
        path = found[source["sha256"]]
        files.append(open_source(path, source["file"], table, columns, settings.ingest, longest))
    order = list(TABLES)
    files.sort(key=lambda file: (order.index(file.table), file.name))
    return FoundFiles(tuple(files), ())


def _files(folder: Path, names: set[str]) -> list[Path]:
    """Return all files in a folder and below it, those with one of the names first."""
    there = (Path(top) / name for top, _, files in os.walk(folder) for name in files)
    return sorted(
        (path for path in there if path.is_file()), key=lambda path: (path.name not in names, path)
    )


def _missing(source: dict[str, Any], folder: Path, others: dict[Path, str]) -> str:
    alike = [path for path in others if path.name == _name(source)]
    alike.sort(key=lambda path: path != folder / source["file"])
    if alike:
        return (
            f"{alike[0]} is another file than the bundle was made from: "
            f"SHA-256 {others[alike[0]]}, expected {source['sha256']}"
        )
    return (
        f"{source['file']} is not in {folder}: the bundle was made from it; "
        f"no file there has its SHA-256, {source['sha256']}"
    )


def _name(source: dict[str, Any]) -> str:
    return str(source["file"]).rpartition("/")[2]
