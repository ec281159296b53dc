"""The embedded graph: seconds to build it, beside a plain `COPY` of the same rows."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import ladybug
import pyarrow.parquet as pq

from forensics.case.run import Run
from forensics.graph import build
from forensics.graph.content import nodes, relationships
from forensics.progress import QUIET


def time_build(run: Run, path: Path) -> float:
    """Return the seconds from the files of a run to its graph."""
    started = time.perf_counter()
    build._load(path, run, QUIET)
    return time.perf_counter() - started


def time_plain_copy(run: Run, folder: Path) -> float:
    """Return the seconds of `COPY` from Parquet files that hold the rows as they are to be."""
    tables = []
    for node, rows in nodes(run):
        pq.write_table(rows, folder / f"{node.label}.parquet")
        tables.append((build._create_node(node), node.label, len(rows)))
    for relationship, rows in relationships(run):
        pq.write_table(rows, folder / f"{relationship.type}.parquet")
        tables.append((build._create_relationship(relationship), relationship.type, len(rows)))
    started = time.perf_counter()
    with (
        closing(
            ladybug.Database(str(folder / "plain.lbug"), max_db_size=build.MAX_BYTES)
        ) as database,
        closing(ladybug.Connection(database)) as connection,
    ):
        for create, name, size in tables:
            connection.execute(create)
            if size:
                connection.execute(f"COPY {name} FROM '{folder / name}.parquet'")
    return time.perf_counter() - started
