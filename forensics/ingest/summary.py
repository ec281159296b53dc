"""What a load did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from forensics.case.manifest import Manifest, Source
from forensics.case.tables import TABLES
from forensics.ingest.known import Chosen
from forensics.ingest.quarantine import quarantine_path
from forensics.ingest.stage import Staged


@dataclass(frozen=True)
class TableLoad:
    """One table: rows read from its files; of those, rows that the table grew by, rows put into
    quarantine, rows merged into equal ones, and sign-ups that gave way to a newer status (or made
    a stored one do so). The four add up to the rows read.
    """

    table: str
    files: int
    rows: int
    stored: int
    quarantined: int
    merged: int
    outdated: int = 0


@dataclass(frozen=True)
class LoadSummary:
    """A whole load.

    `skipped` are files that were already in the case, `again` those that were read again because
    the settings now read them otherwise, `naive_times` counts times without an
    offset (taken as UTC), `ignored_columns` gives, by file, the columns that no table knows, and
    `notes` says all that a person should know, in sentences. Of these, `kept` is what the case
    remembers: what is in quarantine, taken as UTC, or not loaded.
    """

    tables: tuple[TableLoad, ...] = ()
    skipped: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    naive_times: int = 0
    ignored_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def summarise(
    before: Manifest,
    after: Manifest,
    staged: Sequence[Staged],
    outdated: Mapping[str, int],
    chosen: Chosen,
    notes: Iterable[str],
) -> LoadSummary:
    """Compare the case before and after a load of the files in `staged`.

    `outdated` counts, by table, the rows that gave way to a newer status.
    """
    loaded = {(new.source.table, new.sha256) for new in staged}
    new = [s for s in after.sources if (s.table, s.sha256) in loaded]
    old = [s for s in before.sources if (s.table, s.sha256) in loaded]
    tables = tuple(
        _table_load(
            table,
            before,
            after,
            [s for s in new if s.table == table],
            [s for s in old if s.table == table],
            outdated[table],
        )
        for table in TABLES
        if any(s.table == table for s in new)
    )
    naive = sum(source.naive_times for source in new)
    ignored = {s.file: s.ignored_columns for s in new if s.ignored_columns}
    told = (*notes, *_told(tables, new, chosen))
    kept = tuple(_kept(tables, naive, ignored))
    return LoadSummary(tables, chosen.skipped, chosen.again, naive, ignored, (*told, *kept), kept)


def _table_load(
    table: str,
    before: Manifest,
    after: Manifest,
    sources: Sequence[Source],
    replaced: Sequence[Source],
    outdated: int,
) -> TableLoad:
    rows = sum(source.rows for source in sources)
    stored = after.rows(table) - before.rows(table) + sum(s.stored for s in replaced)
    quarantined = _quarantined(after, table) - _quarantined(before, table)
    quarantined += sum(source.quarantined for source in replaced)
    merged = rows - stored - quarantined - outdated
    return TableLoad(table, len(sources), rows, stored, quarantined, merged, outdated)


def _quarantined(manifest: Manifest, table: str) -> int:
    return sum(source.quarantined for source in manifest.sources if source.table == table)


def _told(tables: Sequence[TableLoad], sources: Sequence[Source], chosen: Chosen) -> list[str]:
    notes = [f"{name} is already in the case: not loaded again" for name in chosen.skipped]
    notes += [f"{name} was loaded with other settings: read again" for name in chosen.again]
    notes += [
        f"{name} was loaded as {table} before, and that stays: only a new case is without it"
        for name, table in chosen.elsewhere
    ]
    notes += [f"{source.file} has no rows" for source in sources if not source.rows]
    notes += [
        f"{_count(load.merged, 'row')} of {load.table} merged into equal ones"
        for load in tables
        if load.merged
    ]
    notes += [
        f"{_count(load.outdated, 'row')} of {load.table} gave way to a newer status"
        for load in tables
        if load.outdated
    ]
    return notes


def _kept(
    tables: Sequence[TableLoad], naive: int, ignored: dict[str, tuple[str, ...]]
) -> list[str]:
    notes = [
        f"{_count(load.quarantined, 'row')} of {load.table} quarantined: "
        f"see {quarantine_path(load.table)}"
        for load in tables
        if load.quarantined
    ]
    if naive:
        notes.append(f"{_count(naive, 'time')} without an offset taken as UTC")
    for file, columns in ignored.items():
        notes.append(f"{file} has columns that no table knows, not loaded: {', '.join(columns)}")
    return notes


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
