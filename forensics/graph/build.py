"""Builds the embedded graph of one run: in bulk, under another name, renamed when it is whole.

The graph is derived and can be thrown away. Whoever needs it builds it, the writer of the case
or a reader; a lock of the `graph` folder lets one process build while others wait for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import ladybug
import pyarrow as pa

from forensics.case.files import sync_file, sync_folder, told_if_full
from forensics.case.lock import is_held
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import CaseError
from forensics.graph.content import nodes, relationships
from forensics.graph.schema import NodeTable, RelationshipTable, Type
from forensics.progress import QUIET, Progress, Step

#: Address space for one open graph; the engine's own default (8 TB) soon uses up a process.
MAX_BYTES = 2**38


def graph_path(case: Case, run: Run) -> Path:
    """Return where the graph of a run lies, whether or not it is there."""
    return case.root / "graph" / f"{run.run_id}.lbug"


def build_graph(case: Case, run: Run, *, progress: Progress = QUIET) -> Path:
    """Build the graph of a run, in place of any there was, and remove those of other runs.

    Raises:
        CaseError: the folder can't be written to, or the disk is full.
    """
    with build_lock(case):
        return build_locked(case, run, progress=progress)


@contextmanager
def build_lock(case: Case) -> Iterator[None]:
    """Wait until no other process builds a graph of this case, and keep others waiting.

    Raises:
        CaseError: the folder can't be written to.
    """
    folder = case.root / "graph"
    try:
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CaseError(f"{folder}: no graph of this run can be built: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def build_locked(case: Case, run: Run, *, progress: Progress = QUIET) -> Path:
    """Like `build_graph`, for whoever holds `build_lock`."""
    path = graph_path(case, run)
    unfinished = path.with_name(f".build-{path.name}")
    clean_locked(case)
    try:
        with told_if_full(case.root, "the run is complete, and the next query builds its graph"):
            _load(unfinished, run, progress)
            unfinished.chmod(0o600)
            sync_file(unfinished)
            unfinished.replace(path)
    finally:
        clean_locked(case)
    for old in set(path.parent.glob("*.lbug*")) - {path}:
        old.unlink()
    sync_folder(path.parent)
    return path


def leftovers(case: Case) -> list[Path]:
    """Return what an interrupted process left behind; nothing while one is building."""
    folder = case.root / "graph"
    return [] if is_held(folder / ".lock") else sorted(folder.glob(".build-*"))


def clean_locked(case: Case) -> None:
    """Remove unfinished files, for whoever holds `build_lock`: then nobody is building one."""
    for stray in (case.root / "graph").glob(".build-*"):
        stray.unlink()


def _load(path: Path, run: Run, progress: Progress) -> None:
    total = sum(run.count(name) for name in ("accounts", "identifiers", "uses", "links"))
    with (
        progress.step("graph", total=total, unit="rows") as step,
        closing(ladybug.Database(str(path), max_db_size=MAX_BYTES)) as database,
    ):
        step.rows(total, total)
        for node, rows in nodes(run):
            _copy(database, _create_node(node), node.label, rows, step)
            del rows  # before the next ones are read
        for relationship, rows in relationships(run):
            _copy(database, _create_relationship(relationship), relationship.type, rows, step)
            del rows


def _copy(database: ladybug.Database, create: str, name: str, rows: pa.Table, step: Step) -> None:
    """Create a table and fill it, on a connection of its own: one holds all that it was given."""
    with closing(ladybug.Connection(database)) as connection:
        connection.execute(create)
        if len(rows):
            connection.execute(f"COPY {name} FROM $rows", {"rows": rows})
    step.advance(len(rows))


def _create_node(table: NodeTable) -> str:
    columns = _columns(table.properties)
    return f"CREATE NODE TABLE {table.label}({columns}, PRIMARY KEY(`{table.key}`))"


def _create_relationship(table: RelationshipTable) -> str:
    columns = _columns(table.properties)
    return f"CREATE REL TABLE {table.type}(FROM {table.source} TO {table.target}, {columns})"


def _columns(properties: dict[str, Type]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in properties.items())
