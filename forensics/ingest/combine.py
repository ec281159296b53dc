"""What a table will be once new files have joined it: its parts, its sources, its quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import canonical_json, sha256_file
from forensics.case.manifest import Part, Source
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.ingest.checked import shown
from forensics.ingest.known import names_given
from forensics.ingest.merge import CONFLICTS, RANK, merge_rows, without_sources
from forensics.ingest.prompts import repeated_prompts, without_rows
from forensics.ingest.quarantine import SCHEMA, quarantined
from forensics.ingest.reading import FAULTS
from forensics.ingest.stage import Staged, check_share


@dataclass(frozen=True)
class TableChange:
    """A table after a load: all its parts, of which `files` are new (name to where it lies now),
    all its sources, and the rows that its quarantine gains. What it and its quarantine held of the
    files that were `read`, by SHA-256, is gone. `outdated` rows gave way to a newer status.
    """

    table: str
    read: frozenset[str]
    parts: tuple[Part, ...]
    files: dict[str, Path]
    sources: tuple[Source, ...]
    quarantine: pa.Table
    outdated: int


@dataclass(frozen=True)
class _Joined:
    """Rows of old and new files, joined: `stored` counts them by the SHA-256 of their file."""

    parts: tuple[Part, ...]
    files: dict[str, Path]
    stored: dict[str, int]
    conflicts: pa.Table
    outdated: int = 0


def combine(
    database: duckdb.DuckDBPyConnection,
    case: Case,
    staged: Sequence[Staged],
    dimension: int | None,
    max_bad: float,
) -> TableChange:
    """Join new files of one table with what the case has of it; the case itself stays as it is.

    Raises:
        InputError: too many rows of a file disagree with other rows of the same id.
    """
    table = staged[0].source.table
    read = frozenset(new.sha256 for new in staged)
    sources = [s for s in case.manifest.sources if s.table == table and s.sha256 not in read]
    held = _held(case, staged)
    sources += [_source(new) for new in staged]
    sources.sort(key=lambda source: (source.file, source.sha256))
    ranked = [source.sha256 for source in sources]
    if table == "prompts":
        joined = _append(database, case, held, staged, ranked)
    else:
        joined = _rewrite(database, held, staged, ranked, dimension)
    conflicts = _worded(joined.conflicts, sources, TABLES[table].required[0])
    faults = [conflicts]
    for new in staged:
        own = conflicts.filter(pc.equal(conflicts["sha256"], new.sha256)).select(FAULTS.names)
        check_share(new.source.name, new.rows, pa.concat_tables([new.faults, own]), max_bad)
        faults.append(quarantined(new.source.name, new.sha256, new.faults))
    return TableChange(
        table,
        read,
        joined.parts,
        joined.files,
        tuple(_counted(source, joined.stored, conflicts) for source in sources),
        pa.concat_tables(faults),
        joined.outdated,
    )


def _held(case: Case, staged: Sequence[Staged]) -> list[tuple[Part, Path]]:
    """Return the stored parts of a table, and where they lie, without rows of the new files."""
    table, read = staged[0].source.table, [new.sha256 for new in staged]
    held = list(zip(case.manifest.tables.get(table, ()), case.parts(table), strict=True))
    if not any(s.table == table and s.sha256 in read for s in case.manifest.sources):
        return held
    kept = []
    for part, path in held:
        shorter = staged[0].part.with_name(f"{part.file}.held")
        rows = without_sources(path, read, shorter)
        if rows:
            kept.append((part, path) if rows == part.rows else (Part(part.file, rows), shorter))
    return kept


def _rewrite(
    database: duckdb.DuckDBPyConnection,
    held: Sequence[tuple[Part, Path]],
    staged: Sequence[Staged],
    ranked: Sequence[str],
    dimension: int | None,
) -> _Joined:
    """Write all rows of the table anew, in canonical order, into one part."""
    table = staged[0].source.table
    whole = staged[0].part.with_name(f"{table}.parquet")
    parts = [*(path for _, path in held), *(new.part for new in staged)]
    merged = merge_rows(database, table, parts, ranked, whole, dimension)
    stored = {digest: merged.stored.get(digest, 0) for digest in ranked}
    if not merged.rows:
        return _Joined((), {}, stored, merged.conflicts)
    name = f"{table}-{sha256_file(whole)[:12]}.parquet"
    part = Part(name, merged.rows)
    return _Joined((part,), {name: whole}, stored, merged.conflicts, merged.outdated)


def _append(
    database: duckdb.DuckDBPyConnection,
    case: Case,
    held: Sequence[tuple[Part, Path]],
    staged: Sequence[Staged],
    ranked: Sequence[str],
) -> _Joined:
    """Put each new file beside the stored parts. Of prompts with one id only one stays; where it
    is the new one, the part that held the other is written again without it.
    """
    paths, new_paths = [path for _, path in held], [new.part for new in staged]
    gone = repeated_prompts(database, paths, new_paths, ranked)
    joined = _Joined((), {}, {}, gone.filter(pc.invert(gone["same"])).select(CONFLICTS.names))
    parts: list[Part] = []
    for part, path in held:
        rows = _rows_of(gone, path)
        if len(rows):
            shorter = staged[0].part.with_name(f"{part.file}.shorter")
            without_rows(path, rows, shorter)
            _place(joined, parts, [part.file, rows.to_pylist()], shorter, part.rows - len(rows))
        else:
            parts.append(part)
    # All that decides what the new parts hold.
    names = [part.file for part, _ in held]
    read = [[x.source.name, x.sha256, x.columns.theirs, x.source.max_value_bytes] for x in staged]
    for new in staged:
        rows, path = _rows_of(gone, new.part), new.part
        if len(rows):
            path = new.part.with_suffix(".shorter")
            without_rows(new.part, rows, path)
        _place(joined, parts, [new.sha256, names, read], path, new.good - len(rows))
    before = {s.sha256: s.stored for s in case.manifest.sources if s.table == "prompts"}
    before |= {new.sha256: new.good for new in staged}
    lost = pc.value_counts(pc.divide(gone["place"], RANK)).to_pylist()
    after = {ranked[count["values"]]: count["counts"] for count in lost}
    stored = {sha256: rows - after.get(sha256, 0) for sha256, rows in before.items()}
    return replace(joined, parts=tuple(parts), stored=stored)


def _rows_of(gone: pa.Table, part: Path) -> pa.ChunkedArray:
    """Return the source rows that have to go from one part."""
    return gone.filter(pc.equal(gone["part"], str(part)))["source_row"]


def _place(joined: _Joined, parts: list[Part], what: list[Any], path: Path, rows: int) -> None:
    """Add a part, named by what it is made of, unless nothing is left of it."""
    if rows:
        name = f"prompts-{hashlib.sha256(canonical_json(what)).hexdigest()[:12]}.parquet"
        joined.files[name] = path
        parts.append(Part(name, rows))


def _source(new: Staged) -> Source:
    ignored = () if new.source.table == "signups" else new.columns.unknown
    return Source(
        new.source.table,
        new.source.name,
        new.sha256,
        rows=new.rows,
        stored=0,
        quarantined=new.faults.num_rows,
        ignored_columns=ignored,
        naive_times=new.naive_times,
        columns=names_given(new.source),
        max_value_bytes=new.source.max_value_bytes,
    )


def _counted(source: Source, stored: dict[str, int], conflicts: pa.Table) -> Source:
    """Return a source with its rows as they are now counted."""
    lost = pc.sum(pc.equal(conflicts["sha256"], source.sha256)).as_py() or 0
    return replace(
        source,
        stored=stored.get(source.sha256, source.stored),
        quarantined=source.quarantined + lost,
    )


def _worded(conflicts: pa.Table, sources: Sequence[Source], column: str) -> pa.Table:
    """Return conflicts as rows of the quarantine that name both places."""
    files = pa.array([source.file for source in sources], pa.string())
    digests = pa.array([source.sha256 for source in sources], pa.string())
    ranks = pc.divide(conflicts["place"], RANK)
    kept_ranks = pc.divide(conflicts["kept"], RANK)
    kept_rows = pc.subtract(conflicts["kept"], pc.multiply(kept_ranks, RANK))
    kept_place = pc.binary_join_element_wise(
        files.take(kept_ranks), pc.cast(kept_rows, pa.string()), " row "
    )
    reason = pc.binary_join_element_wise(
        f"{column}: ", shown(conflicts["id"]), " disagrees with ", kept_place, ", which is kept", ""
    )
    row = pc.subtract(conflicts["place"], pc.multiply(ranks, RANK))
    return pa.table([files.take(ranks), row, reason, digests.take(ranks)], schema=SCHEMA)
