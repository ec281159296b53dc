"""What a table will be once new files have joined it: its parts, its sources, its quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import canonical_json, sha256_file
from forensics.case.store import Case, Part, Source
from forensics.case.tables import TABLES
from forensics.ingest.checked import shown
from forensics.ingest.merge import CONFLICTS, RANK, merge_rows
from forensics.ingest.prompts import drop_rows, repeated_prompts
from forensics.ingest.quarantine import SCHEMA, quarantined
from forensics.ingest.reading import FAULTS
from forensics.ingest.stage import Staged, check_share


@dataclass(frozen=True)
class TableChange:
    """A table after a load: all its parts, of which `files` are new (name to where it lies now),
    all its sources, and the rows that its quarantine gains.
    """

    table: str
    parts: tuple[Part, ...]
    files: dict[str, Path]
    sources: tuple[Source, ...]
    quarantine: pa.Table


@dataclass(frozen=True)
class _Joined:
    """Rows of old and new files, joined: `stored` counts them by the SHA-256 of their file."""

    parts: tuple[Part, ...]
    files: dict[str, Path]
    stored: dict[str, int]
    conflicts: pa.Table


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
    sources = [source for source in case.manifest.sources if source.table == table]
    sources += [_source(new) for new in staged]
    sources.sort(key=lambda source: (source.file, source.sha256))
    ranked = [source.sha256 for source in sources]
    if table == "prompts":
        joined = _append(database, case, staged, ranked)
    else:
        joined = _rewrite(database, case, staged, ranked, dimension)
    conflicts = _worded(joined.conflicts, sources, TABLES[table].required[0])
    faults = [conflicts]
    for new in staged:
        own = conflicts.filter(pc.equal(conflicts["sha256"], new.sha256)).select(FAULTS.names)
        check_share(new.source.name, new.rows, pa.concat_tables([new.faults, own]), max_bad)
        faults.append(quarantined(new.source.name, new.sha256, new.faults))
    return TableChange(
        table,
        joined.parts,
        joined.files,
        tuple(_counted(source, joined.stored, conflicts) for source in sources),
        pa.concat_tables(faults),
    )


def _rewrite(
    database: duckdb.DuckDBPyConnection,
    case: Case,
    staged: Sequence[Staged],
    ranked: Sequence[str],
    dimension: int | None,
) -> _Joined:
    """Write all rows of the table anew, in canonical order, into one part."""
    table = staged[0].source.table
    whole = staged[0].part.with_name(f"{table}.parquet")
    parts = [*case.parts(table), *(new.part for new in staged)]
    merged = merge_rows(database, table, parts, ranked, whole, dimension)
    stored = {digest: merged.stored.get(digest, 0) for digest in ranked}
    if not merged.rows:
        return _Joined((), {}, stored, merged.conflicts)
    name = f"{table}-{sha256_file(whole)[:12]}.parquet"
    return _Joined((Part(name, merged.rows),), {name: whole}, stored, merged.conflicts)


def _append(
    database: duckdb.DuckDBPyConnection, case: Case, staged: Sequence[Staged], ranked: Sequence[str]
) -> _Joined:
    """Put each new file beside the stored parts, without prompts that are there already."""
    parts = list(case.manifest.tables.get("prompts", ()))
    named = [part.file for part in parts]
    paths = [*case.parts("prompts"), *(new.part for new in staged)]
    gone = repeated_prompts(database, paths, ranked, {new.sha256 for new in staged})
    files, stored = {}, {}
    for new in staged:
        own = gone.filter(pc.equal(gone["source_sha256"], new.sha256))
        drop_rows(new.part, own["source_row"])
        stored[new.sha256] = rows = new.good - own.num_rows
        if rows:
            digest = hashlib.sha256(canonical_json([new.sha256, new.columns.theirs, named]))
            name = f"prompts-{digest.hexdigest()[:12]}.parquet"
            files[name] = new.part
            parts.append(Part(name, rows))
    conflicts = gone.filter(pc.invert(gone["same"])).select(CONFLICTS.names).cast(CONFLICTS)
    return _Joined(tuple(parts), files, stored, conflicts)


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
