"""From what a user names on the command line to the rows of the case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from forensics.case.database import connect_run
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import UsageError, nearest

Database = duckdb.DuckDBPyConnection
Row = dict[str, Any]


def open_run(folder: Path) -> tuple[Case, Run, Database]:
    """Open a case, its published run, and the SQL views over that run.

    Raises:
        CaseError: there is no case, or nothing was analysed yet.
    """
    case = Case.open(folder)
    run = Run.current(case)
    return case, run, connect_run(run)


def rows(db: Database, sql: str, *values: Any) -> list[Row]:
    """Return the rows of a query."""
    found: list[Row] = db.sql(sql, params=list(values)).to_arrow_table().to_pylist()
    return found


def find_cluster(db: Database, cluster_id: str) -> Row:
    """Return the row of a cluster.

    Raises:
        UsageError: there is none; the message names the one whose id is most like it.
    """
    found = rows(db, "SELECT * FROM clusters WHERE cluster_id = ?", cluster_id)
    if not found:
        raise UsageError(f"no cluster '{cluster_id}'{_nearest(db, 'cluster', cluster_id)}")
    return found[0]


def find_account(db: Database, account_id: str) -> Row:
    """Return the row of an account.

    Raises:
        UsageError: there is none; the message names the one whose id is most like it.
    """
    found = rows(db, "SELECT * FROM accounts WHERE account_id = ?", account_id)
    if not found:
        raise UsageError(f"no account '{account_id}'{_nearest(db, 'account', account_id)}")
    return found[0]


def _nearest(db: Database, noun: str, wanted: str) -> str:
    alike = rows(
        db,
        f"SELECT {noun}_id AS id FROM {noun}s "
        "ORDER BY jaro_winkler_similarity(lower(id), lower(?)) DESC, id LIMIT 10",
        wanted,
    )
    return nearest(wanted, [row["id"] for row in alike])
