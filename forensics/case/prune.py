"""A finished run without one account: its rows go, and what counts accounts is counted again.

Scores stay as they were found. The run keeps its id; `run.json` tells how many were taken out.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import (
    canonical_json,
    replace_folder,
    sync_folder,
    write_atomic,
    write_parquet,
)
from forensics.case.run import KINDS, SCHEMAS, Run
from forensics.case.store import Writer

#: The columns that name accounts.
_NAMING = {
    "accounts": ("account_id",),
    "uses": ("account_id",),
    "links": ("account_a", "account_b"),
    "reasons": ("account_a", "account_b"),
    "members": ("account_id",),
    "fits": ("account_id",),
    "let_go": ("account_id",),
    "assignments": ("account_id",),
}
#: Tables about clusters; of one that no longer holds two accounts nothing stays.
_OF_CLUSTERS = ("evidence", "signals", "likeness", "explanations", "fits", "let_go")

_CLUSTERS = """
    SELECT c.* REPLACE (
        m.accounts AS accounts, m.active AS active, m.suspended AS suspended,
        m.deleted AS deleted, m.without_status AS without_status,
        m.bridges AS bridges, m.first_seen AS first_seen, m.last_seen AS last_seen,
        coalesce(l.links, 0) AS links, coalesce(f.fitting, 0) AS fitting)
    FROM clusters c JOIN (
        SELECT cluster_id, count(*) AS accounts, count(*) FILTER (bridge) AS bridges,
               count(*) FILTER (status IS DISTINCT FROM 'suspended'
                                AND status IS DISTINCT FROM 'deleted') AS active,
               count(*) FILTER (status = 'suspended') AS suspended,
               count(*) FILTER (status = 'deleted') AS deleted,
               count(*) FILTER (status IS NULL) AS without_status,
               min(first_seen) AS first_seen, max(last_seen) AS last_seen
        FROM members JOIN accounts USING (account_id) GROUP BY cluster_id
    ) m USING (cluster_id)
    LEFT JOIN (SELECT cluster_id, count(*) AS links FROM links GROUP BY 1) l USING (cluster_id)
    LEFT JOIN (SELECT cluster_id, count(DISTINCT account_id) AS fitting FROM fits GROUP BY 1) f
        USING (cluster_id)
    WHERE m.accounts > 1 ORDER BY rank
"""
_IDENTIFIERS = """
    SELECT i.* REPLACE (u.accounts AS accounts, least(operators, u.accounts) AS operators)
    FROM identifiers i
    JOIN (SELECT key, count(DISTINCT account_id) AS accounts FROM uses GROUP BY key) u USING (key)
    ORDER BY key
"""
#: What the account had, networks and ranges of cards as well. `was` are the tables from before.
_MARKS = """
    WITH had AS (SELECT key FROM was_uses WHERE account_id = $gone),
    marks AS (
        SELECT key FROM had
        UNION
        SELECT unnest(['prefix:' || prefix, 'bin:' || bin])
        FROM had JOIN was_identifiers USING (key)
    )
"""
#: It counts less for the others, and weighs no more than its counts give (`cluster/profile.py`). Of
#: the members with as few in common (`cluster/unlike.py`) it is taken for none: who they are is not
#: kept.
_FITS = f"""
    {_MARKS}, counted AS (
        SELECT * EXCLUDE (shared, inside) REPLACE (
            members - inside::INT AS members,
            CASE WHEN users IS NOT NULL
                THEN least(users - (shared AND inside)::INT, members - inside::INT) END AS users,
            others - (shared AND NOT inside)::INT AS others)
        FROM (SELECT *, coalesce(key IN (FROM marks), false) AS shared, cluster_id IN (
                  SELECT cluster_id FROM was_members WHERE account_id = $gone) AS inside FROM fits)
    ),
    every AS (SELECT count(*) AS accounts FROM accounts)
    SELECT c.* EXCLUDE p REPLACE (round(CASE
        WHEN comparison = 'prior' THEN log2(members / accounts)
        WHEN users IS NULL THEN bits
        WHEN key IS NULL THEN log2(-exp(1) * p * ln(p))
        ELSE least(bits, log2(users / (members + 1) / ((others + 0.5) / accounts))) END, 3) AS bits)
    FROM (SELECT *, least((1 + users) / (1 + members), exp(-1)) AS p FROM counted) c, every
    WHERE members > 0 AND (key IS NULL OR users > 0)
    ORDER BY cluster_id, account_id, bits
"""
#: Reasons as they stand, with as many accounts per value as there still are.
_REASONS = f"""
    {_MARKS}
    SELECT r.* REPLACE (coalesce(
        i.accounts, r.accounts - coalesce(key IN (FROM marks), false)::INT) AS accounts)
    FROM (SELECT *, row_number() OVER () AS place FROM reasons) r
    LEFT JOIN identifiers i USING (key) ORDER BY place
"""


#: Links with each kind, and the mean bits of all links, or of the members that fit where no link
#: holds the most (`score/evidence.py`). What would be left without a kind is a score, and stays.
_EVIDENCE = f"""
    WITH linked AS (
        SELECT cluster_id, kind, count(*) FILTER (bits >= 2) AS links, avg(bits) AS bits
        FROM (UNPIVOT links ON {", ".join(f"{kind}_bits" for kind in KINDS)}
              INTO NAME kind VALUE bits) GROUP BY ALL
    ),
    kinds AS (SELECT DISTINCT comparison, kind FROM weights),
    fitted AS (
        SELECT f.cluster_id, sum(bits) AS bits,
               CASE comparison WHEN 'card_range' THEN 'payment' WHEN 'prefix' THEN 'ip'
                    ELSE coalesce(k.kind, 'identifier') END || '_bits' AS kind
        FROM fits f LEFT JOIN kinds k USING (comparison) WHERE comparison <> 'prior' GROUP BY ALL
    )
    SELECT e.* REPLACE (
        coalesce(l.links, 0) AS links,
        round(coalesce(CASE WHEN c.links = 0 OR 2 * c.fitting > c.accounts
                       THEN f.bits / c.fitting ELSE l.bits END, 0), 3) AS bits)
    FROM (SELECT *, row_number() OVER () AS place FROM evidence) e
    JOIN clusters c USING (cluster_id)
    LEFT JOIN linked l ON l.cluster_id = e.cluster_id AND l.kind = e.kind || '_bits'
    LEFT JOIN fitted f ON f.cluster_id = e.cluster_id AND f.kind = e.kind || '_bits'
    ORDER BY place
"""


def prune_run(writer: Writer, folder: Path, account_id: str) -> int:
    """Take an account out of a run, and return how many rows named it (0: nothing was changed)."""
    run = Run(folder.name, folder)
    tables = {name: run.read(name) for name in SCHEMAS}
    pruned = {
        name: _without(tables[name], columns, account_id) for name, columns in _NAMING.items()
    }
    gone: int = sum(tables[name].num_rows - kept.num_rows for name, kept in pruned.items())
    if not gone:
        return 0
    was = {f"was_{name}": tables[name] for name in ("uses", "identifiers", "members")}
    tables |= pruned
    tables["identifiers"] = _asked(tables, "identifiers", _IDENTIFIERS)
    tables["reasons"] = _asked(tables | was, "reasons", _REASONS, {"gone": account_id})
    tables["fits"] = _asked(tables | was, "fits", _FITS, {"gone": account_id})
    tables["clusters"] = _asked(tables, "clusters", _CLUSTERS)
    tables["evidence"] = _asked(tables, "evidence", _EVIDENCE)
    ids = tables["clusters"]["cluster_id"].combine_chunks()
    for name in (*_OF_CLUSTERS, "members"):
        tables[name] = tables[name].filter(pc.is_in(tables[name]["cluster_id"], ids))
    new = writer.run_folder(run.run_id)
    for name, table in tables.items():
        write_parquet(table, new / f"{name}.parquet")
    info = {**run.info, "forgotten": run.info.get("forgotten", 0) + 1}
    info["counts"] = {**info["counts"], "accounts": tables["accounts"].num_rows}
    write_atomic(new / "run.json", canonical_json(info))
    sync_folder(new)
    replace_folder(new, folder)
    return gone


def _without(table: pa.Table, columns: tuple[str, ...], account_id: str) -> pa.Table:
    for column in columns:
        table = table.filter(pc.not_equal(table[column], account_id))
    return table


def _asked(
    tables: dict[str, pa.Table], name: str, query: str, given: dict[str, str] | None = None
) -> pa.Table:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        for table, rows in tables.items():
            database.register(table, rows)
        found = database.sql(query, params=given).to_arrow_table()
        return found.select(SCHEMAS[name].names).cast(SCHEMAS[name])
