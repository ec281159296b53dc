"""Source files into the case: all of them, or nothing."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import is_full, sync_file
from forensics.case.manifest import Manifest
from forensics.case.settings import Settings, parse_settings
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import CaseError, InputError
from forensics.ingest.combine import TableChange, combine
from forensics.ingest.known import Digested, choose
from forensics.ingest.merge import connect
from forensics.ingest.quarantine import quarantine_csv, quarantine_path, read_quarantine
from forensics.ingest.sources import FoundFiles, SourceFile, find_sources
from forensics.ingest.stage import Staged, dimension_of, stage
from forensics.ingest.summary import LoadSummary, summarise
from forensics.progress import QUIET, Progress

log = logging.getLogger(__name__)

#: No file shrinks to less than this share of its size when it is stored.
_LEAST_STORED = 0.1


def load(
    case: Case,
    sources: Sequence[Path],
    *,
    settings: bytes | None = None,
    max_bad: float | None = None,
    progress: Progress = QUIET,
) -> LoadSummary:
    """Load folders and files into a case, under its writer lock.

    Args:
        case: where to; it shows the new state afterwards.
        sources: folders (with those below them) or single files; CSV, JSON Lines, Parquet.
        settings: a settings file (TOML) that the case is to keep from now on, byte for byte.
            Files that it reads otherwise than they were read are read again (see `choose`).
        max_bad: share of bad rows above which a file is refused, instead of the settings' own.
        progress: whoever shows progress.

    Raises:
        InputError: a source can't be loaded; the case is as it was before.
        UsageError: the settings are wrong.
        CaseError: the disk is full; CaseLocked: somebody else writes to the case.
    """
    return load_found(
        case,
        lambda now: find_sources(sources, now),
        settings=settings,
        max_bad=max_bad,
        progress=progress,
    )


def load_found(
    case: Case,
    find: Callable[[Settings], FoundFiles],
    *,
    settings: bytes | None = None,
    max_bad: float | None = None,
    progress: Progress = QUIET,
) -> LoadSummary:
    """Like `load`, of the files that `find` opens, given the settings."""
    with case.writing("ingest") as writer, _scratch(case.root) as scratch:
        now = case.settings if settings is None else parse_settings(settings, "settings")
        limits = now.ingest if max_bad is None else replace(now.ingest, max_bad=max_bad)
        found = find(now)
        _check_room(case.root, found.files)
        chosen = choose(case.root, case.manifest, found.files, progress)
        known = _dimension_left(case.manifest, chosen.fresh)
        dimension = _dimension(known, [file for file, _ in chosen.fresh], limits.max_dimension)
        staged = _stage(chosen.fresh, scratch, limits.max_bad, dimension, progress)
        changes = _combine(case, staged, scratch, dimension, limits.max_bad, progress)
        manifest, files = _after(case, changes, dimension)
        if settings is not None:
            files["settings.toml"] = settings
        before = case.manifest
        _place_parts(case.root, changes)
        writer.publish_tables(manifest, files)
    outdated = {change.table: change.outdated for change in changes}
    return summarise(before, manifest, staged, outdated, chosen, found.notes)


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """Give a folder for unfinished files; a damaged table becomes a clear error."""
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        yield folder
    except duckdb.Error as error:
        if is_full(error):
            raise
        if isinstance(error, duckdb.InvalidInputException | duckdb.IOException):
            raise CaseError(
                f"{root}: a stored table can't be read ({error}): restore the case from a copy"
            ) from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_room(root: Path, files: Sequence[SourceFile]) -> None:
    """Refuse to begin what the disk surely can't hold."""
    needed = _LEAST_STORED * sum(file.path.stat().st_size for file in files)
    free = shutil.disk_usage(root).free
    if needed > free:
        raise CaseError(
            f"the disk that holds {root} has {free / 1e6:,.0f} MB free, and these sources need "
            f"about {needed / 1e6:,.0f} MB: make room and load again"
        )


def _dimension_left(manifest: Manifest, fresh: Sequence[Digested]) -> int | None:
    """Return the dimension of the embeddings that the case goes on to hold."""
    read = {(file.table, digest) for file, digest in fresh}
    sources = [s for s in manifest.sources if "embedding" in TABLES[s.table].columns]
    held = {(source.table, source.sha256) for source in sources}
    return None if held <= read else manifest.dimension


def _dimension(known: int | None, files: Sequence[SourceFile], most: int) -> int | None:
    """Return the dimension of the case's embeddings; the first file that has any decides it.

    Raises:
        InputError: a file's embeddings have another, or more than `most` numbers.
    """
    decided_by = "the rest of the case"
    for file in files:
        found = dimension_of(file) if "embedding" in file.columns.theirs else None
        if found is not None and found > most:
            raise InputError(
                "embeddings of too many dimensions",
                file=file.name,
                column=file.columns.theirs["embedding"],
                found=f"{found:,} numbers each",
                expected=f"at most {most:,}; [ingest] max_dimension sets it",
            )
        if found is not None and known is not None and found != known:
            raise InputError(
                "embeddings of another dimension",
                file=file.name,
                column=file.columns.theirs["embedding"],
                found=f"{found:,} numbers each",
                expected=f"{known:,}, as in {decided_by}",
            )
        if known is None and found is not None:
            known, decided_by = found, file.name
    return known


def _stage(
    fresh: Sequence[Digested],
    scratch: Path,
    max_bad: float,
    dimension: int | None,
    progress: Progress,
) -> list[Staged]:
    staged = []
    for file, digest in fresh:
        reader = file.reader
        with progress.step(f"Reading {file.name}", reader.total, reader.unit) as step:
            part = scratch / f"{file.table}-{digest}.new"
            staged.append(stage(file, digest, part, max_bad, dimension, step))
            step.rows(staged[-1].rows, staged[-1].good)
        log.info("%s: %d rows, %d good", file.name, staged[-1].rows, staged[-1].good)
    return staged


def _combine(
    case: Case,
    staged: Sequence[Staged],
    scratch: Path,
    dimension: int | None,
    max_bad: float,
    progress: Progress,
) -> list[TableChange]:
    changes = []
    with connect(scratch) as database:
        for table, group in groupby(staged, key=lambda new: new.source.table):
            with progress.step(f"Merging {table}") as step:
                new = list(group)
                changes.append(combine(database, case, new, dimension, max_bad))
                rows = case.manifest.rows(table) + sum(file.good for file in new)
                step.rows(rows, sum(part.rows for part in changes[-1].parts))
    return changes


def _after(
    case: Case, changes: Sequence[TableChange], dimension: int | None
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest after the load, and the quarantine files that belong to it."""
    old = case.manifest
    tables, quarantined, files = dict(old.tables), dict(old.quarantined), {}
    changed = {change.table for change in changes}
    sources = [source for source in old.sources if source.table not in changed]
    for change in changes:
        sources += change.sources
        tables[change.table] = change.parts
        stored = read_quarantine(case.root, change.table)
        replaced = pc.is_in(stored["sha256"], pa.array(change.read, pa.string()))
        if change.quarantine.num_rows or pc.any(replaced).as_py():
            kept = stored.filter(pc.invert(replaced))
            data, rows = quarantine_csv([kept, change.quarantine])
            files[quarantine_path(change.table)] = data
            quarantined[change.table] = rows
    order = list(TABLES)
    sources.sort(key=lambda source: (order.index(source.table), source.file, source.sha256))
    return replace(
        old,
        tables=tables,
        sources=tuple(sources),
        dimension=dimension,
        quarantined=quarantined,
    ), files


def _place_parts(root: Path, changes: Sequence[TableChange]) -> None:
    """Move the new parts into `tables/`, where they count as soon as the manifest names them."""
    for change in changes:
        for name, path in change.files.items():
            path.chmod(0o600)
            sync_file(path)
            path.replace(root / "tables" / name)
