"""SQL over the stored tables, and over those of a run: one DuckDB view per table."""

from __future__ import annotations

import duckdb

from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import CaseError


def connect(case: Case) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection with a view for each input table of the case, times in UTC.

    The view of a table that was never loaded is empty.
    """
    connection = _in_memory()
    for name, table in TABLES.items():
        paths = [str(path) for path in case.parts(name)]
        if paths:
            relation = connection.read_parquet(paths)
        else:
            relation = connection.from_arrow(table.schema(case.manifest.dimension).empty_table())
        relation.create_view(name)
    return connection


def connect_run(run: Run) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection with a view for each table of a run, times in UTC.

    Raises:
        CaseError: a file of the run is missing, damaged, or of another version.
    """
    connection = _in_memory()
    view_run(connection, run)
    return connection


def view_run(connection: duckdb.DuckDBPyConnection, run: Run, prefix: str = "") -> None:
    """Make a view for each table of a run, its name behind the prefix.

    Raises:
        CaseError: a file of the run is missing, damaged, or of another version.
    """
    for name, schema in SCHEMAS.items():
        path = run.folder / f"{name}.parquet"
        try:
            table = connection.read_parquet(str(path))
            table.create_view(f"{prefix}{name}")
        except duckdb.Error:
            raise CaseError(f"{path} is missing or damaged: run forensics analyse again") from None
        if table.columns != schema.names:
            raise CaseError(f"{path} is of another version: run forensics analyse again")


def _in_memory() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
