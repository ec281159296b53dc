"""Takes an account's rows out of a case again: tables, quarantine, labels, runs and graphs.

The scores of a run stay as they were found; the next analysis knows nothing of the account. Each
step is whole or not done at all, and the tables come last, so after a crash the same again ends it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forensics.case.files import remove, sha256_file, stream_parquet, sync_file
from forensics.case.labels import read_labels, write_labels
from forensics.case.lock import file_lock
from forensics.case.manifest import Manifest, Part, Source
from forensics.case.prune import prune_run
from forensics.case.store import Case, Writer
from forensics.case.tables import TABLES
from forensics.errors import CaseError
from forensics.ingest.quarantine import quarantine_csv, quarantine_path, read_quarantine
from forensics.ingest.stage import ROW_GROUP, open_part
from forensics.progress import QUIET, Progress

log = logging.getLogger(__name__)


def forget(case: Case, account_id: str, *, progress: Progress = QUIET) -> dict[str, int]:
    """Remove every row of an account from a case; return how many went, by where they were.

    Raises:
        CaseLocked: another process writes to the case.
    """
    removed: dict[str, int] = {}
    with case.writing("forget") as writer:
        labels = read_labels(case)
        kept = [label for label in labels if label.account_id != account_id]
        if len(kept) < len(labels):
            write_labels(case, kept)
            removed["labels added"] = len(labels) - len(kept)
        runs = sorted(case.root.glob("runs/[!.]*"))
        if any(_is_in(folder / "accounts.parquet", account_id) for folder in runs):
            _remove_graphs(case.root)
        with progress.step("Forgetting in runs", len(runs), "runs") as step:
            for folder in runs:
                removed["runs"] = removed.get("runs", 0) + _prune(writer, folder, account_id)
                step.advance()
        with progress.step("Forgetting in tables"):
            removed |= _forget_in_tables(writer, account_id)
        writer.clean()  # the old parts hold the account
    return {name: rows for name, rows in removed.items() if rows}


def _prune(writer: Writer, folder: Path, account_id: str) -> int:
    try:
        return prune_run(writer, folder, account_id)
    except CaseError as error:
        if folder.name == writer.case.current:
            raise
        log.warning("an earlier run that can't be read is removed: %s", error)
        remove(folder)
        return 0


def _forget_in_tables(writer: Writer, account_id: str) -> dict[str, int]:
    manifest, files = writer.case.manifest, {}
    removed: dict[str, int] = {}
    gone: dict[str, int] = {}
    tables, quarantined = dict(manifest.tables), dict(manifest.quarantined)
    for name, parts in manifest.tables.items():
        if "account_id" in TABLES[name].columns:
            pruned = [_prune_part(writer.root, name, part, account_id, gone) for part in parts]
            tables[name] = tuple(part for part in pruned if part.rows)
            removed[name] = manifest.rows(name) - sum(part.rows for part in tables[name])
    for name in quarantined:
        rows = read_quarantine(writer.root, name)
        kept = rows.filter(pc.invert(pc.match_substring(rows["reason"], f"'{account_id}'")))
        if kept.num_rows < rows.num_rows:
            files[quarantine_path(name)], quarantined[name] = quarantine_csv([kept])
            removed["quarantine"] = removed.get("quarantine", 0) + rows.num_rows - kept.num_rows
    if any(removed.values()):
        _remove_graphs(writer.root)  # a reader may have built one meanwhile
        after = replace(manifest, tables=tables, quarantined=quarantined)
        writer.publish_tables(_recounted(after, gone), files)
    return removed


def _prune_part(root: Path, table: str, part: Part, account_id: str, gone: dict[str, int]) -> Part:
    """Write a part without the account, if it has any row of it, and count those by source."""
    path = root / "tables" / part.file
    mine = _rows_of(path, account_id, "source_sha256")
    if not mine.num_rows:
        return part
    for count in pc.value_counts(mine["source_sha256"]).to_pylist():
        gone[count["values"]] = gone.get(count["values"], 0) + count["counts"]
    new = root / "tables" / f".new-{part.file}"
    with stream_parquet(path) as old, open_part(new, old.schema_arrow) as writer:
        for batch in old.iter_batches(ROW_GROUP):
            rows = pa.Table.from_batches([batch])
            writer.write_table(rows.filter(pc.not_equal(rows["account_id"], account_id)))
    new.chmod(0o600)
    sync_file(new)
    name = f"{table}-{sha256_file(new)[:12]}.parquet"
    new.replace(new.with_name(name))
    return Part(name, part.rows - mine.num_rows)


def _rows_of(path: Path, account_id: str, column: str) -> pa.Table:
    return pq.read_table(path, columns=[column], filters=[("account_id", "=", account_id)])


def _is_in(path: Path, account_id: str) -> bool:
    return path.exists() and bool(_rows_of(path, account_id, "account_id").num_rows)


def _recounted(manifest: Manifest, gone: dict[str, int]) -> Manifest:
    """Return the manifest with the rows stored of each source as they now are."""

    def counted(source: Source) -> Source:
        return replace(source, stored=source.stored - gone.get(source.sha256, 0))

    sources = tuple(counted(source) for source in manifest.sources)
    return replace(manifest, sources=sources, forgotten=manifest.forgotten + 1)


def _remove_graphs(root: Path) -> None:
    """Throw the derived graphs away, when nobody is building one."""
    with file_lock(root / "graph" / ".lock"):
        for path in {*root.glob("graph/*.lbug*"), *root.glob("graph/.build-*")}:
            path.unlink()
