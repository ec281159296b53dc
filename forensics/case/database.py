"""SQL over the stored tables: one DuckDB view per input table, empty where nothing was loaded."""

from __future__ import annotations

import duckdb

from forensics.case.store import Case
from forensics.case.tables import TABLES


def connect(case: Case) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection with a view for each input table of the case, times in UTC."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    for name, table in TABLES.items():
        paths = [str(path) for path in case.parts(name)]
        if paths:
            relation = connection.read_parquet(paths)  # type: ignore[arg-type]
        else:
            relation = connection.from_arrow(table.schema(case.manifest.dimension).empty_table())
        relation.create_view(name)
    return connection
