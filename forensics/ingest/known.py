"""Which files are to be read: those that the case does not hold, and those that it read otherwise.

A file is known by its table and its SHA-256. Where the settings now give other names of its
columns than when it was loaded, or let longer values in, it is read again, and what it gives
replaces what it gave. So that the case then holds what one load would have given, every file of
that table which is given with it is read again as well; and of one that is not, no row may have
been merged into another or set aside for one: that row would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow.compute as pc

from forensics.case.files import sha256_file
from forensics.case.manifest import Manifest, Source
from forensics.case.tables import TABLES
from forensics.errors import InputError
from forensics.ingest.columns import map_columns
from forensics.ingest.quarantine import read_quarantine
from forensics.ingest.read_json import JsonFile
from forensics.ingest.sources import SourceFile
from forensics.progress import Progress

_OTHERWISE = "the settings read this file otherwise than when it was loaded; to read it again"

Digested = tuple[SourceFile, str]


@dataclass(frozen=True)
class Chosen:
    """The files to read, with their SHA-256; names of those left out, and of those read again.

    `elsewhere` are those to read, each with another table that holds it too, by earlier settings.
    """

    fresh: tuple[Digested, ...]
    skipped: tuple[str, ...]
    again: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...]


def choose(
    root: Path, manifest: Manifest, files: Sequence[SourceFile], progress: Progress
) -> Chosen:
    """Choose among files those that are to be read; `root` is the folder of the case.

    Raises:
        InputError: to read one again would lose rows of another, or bring back what was forgotten.
    """
    known = {(source.table, source.sha256): source for source in manifest.sources}
    given: dict[tuple[str, str], SourceFile] = {}
    skipped = []
    with progress.step("Fingerprinting", len(files), "files") as step:
        for file in files:
            if given.setdefault((file.table, sha256_file(file.path)), file) is not file:
                skipped.append(file)
            step.advance()
    changed = {
        file.table: file
        for key, file in given.items()
        if key in known and not _reads_alike(root, file, known[key])
    }
    for table, file in changed.items():
        kept = [s for key, s in known.items() if s.table == table and key not in given]
        _refuse_loss(root, manifest, file, kept)
    read = {k: file for k, file in given.items() if k not in known or file.table in changed}
    skipped += [file for key, file in given.items() if key not in read]
    return Chosen(
        tuple((file, digest) for (_, digest), file in read.items()),
        tuple(file.name for file in files if file in skipped),
        tuple(file.name for key, file in read.items() if key in known),
        tuple(
            (file.name, source.table)
            for (table, digest), file in read.items()
            for source in manifest.sources
            if (source.sha256, source.file) == (digest, file.name)
            and source.table != table
            and (source.table, digest) not in given
        ),
    )


def names_given(file: SourceFile) -> dict[str, str]:
    """Return the names of columns that the settings give for a file, where they are others."""
    return {ours: theirs for ours, theirs in file.columns.mapping.items() if ours != theirs}


def _reads_alike(root: Path, file: SourceFile, before: Source) -> bool:
    """Tell whether a file would be read as it was; where that was not recorded, it would."""
    if before.columns is None or before.max_value_bytes is None:
        return True
    longer = file.max_value_bytes > before.max_value_bytes
    if longer and before.sha256 in _quarantined_for(root, before.table, "longer than .* bytes$"):
        return False
    if before.columns == names_given(file):
        return True
    if isinstance(file.reader, JsonFile) and _has_more(file.reader):
        return False
    table, names = TABLES[file.table], file.reader.columns
    return map_columns(table, names, before.columns, file.name).theirs == file.columns.theirs


def _has_more(reader: JsonFile) -> bool:
    """Tell whether columns may turn up further down than the reader has looked."""
    return len(list(islice(reader.batches(lambda _: False), 2))) > 1


def _refuse_loss(root: Path, manifest: Manifest, file: SourceFile, kept: Sequence[Source]) -> None:
    if manifest.forgotten:
        raise InputError(
            f"{_OTHERWISE} would bring back what was forgotten since",
            file=file.name,
            found=f"{manifest.forgotten:,} forgotten",
            expected="a new case (--case DIR)",
        )
    set_aside = _quarantined_for(root, file.table, " disagrees with .*, which is kept$")
    lost = [s.file for s in kept if s.rows > s.stored + s.quarantined or s.sha256 in set_aside]
    if lost:
        raise InputError(
            f"{_OTHERWISE} without the others of {file.table} could lose rows of theirs",
            file=file.name,
            found=f"rows of {', '.join(lost)} that were merged or set aside",
            expected=f"{', '.join(lost)} to be given with it, or a new case (--case DIR)",
        )


def _quarantined_for(root: Path, table: str, reason: str) -> set[str]:
    """Return the digests of the files of which rows are in the quarantine for such a reason."""
    rows = read_quarantine(root, table)
    return set(rows.filter(pc.match_substring_regex(rows["reason"], reason))["sha256"].to_pylist())
