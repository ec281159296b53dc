"""The stored rows behind a piece of evidence: which file, which digest, which record.

A reason of a link rests on an account's use of one shared value (`key`), or, where its key is
null, on everything that the account shows in a comparison: all its cards, all its prompts. So does
a member's fit, and also on the uses of the same value by the other members.
"""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.database import connect, view_run
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.case.tables import TABLES, TEXT, TIME, WHOLE

#: What `source_rows` takes: one row per account and piece of evidence.
USES = pa.schema({"account_id": TEXT, "comparison": TEXT, "key": TEXT})

#: What it gives, in this order of rows: account_id, comparison, key (null first), table, file, row.
ROWS = pa.schema(
    {
        **dict.fromkeys((*USES.names, "table", "file", "sha256"), TEXT),
        "row": WHOLE,
        "first_seen": TIME,
        "last_seen": TIME,
    }
)

ROWS_AT_ONCE = 200_000

# Table, comparison, key, first and last time of each sort of stored row; the account's own.
_SPAN = ("first_seen", "last_seen")
_SIGNUP = ("created_at", "created_at")
_SENT = ('"at"', '"at"')
#: As `link/accounts.py` reads it: what follows the first @.
_DOMAIN = "nullif(regexp_extract(email, '@(.+)$', 1), '')"
_STORED = (
    ("payments", "'instrument'", "'payment:' || instrument_id", *_SPAN),
    ("payments", "'card_range'", "'bin:' || bin", *_SPAN),
    ("ips", "'address'", "'ip:' || ip", *_SPAN),
    ("signups", "'address'", "'ip:' || signup_ip", *_SIGNUP),
    ("devices", "'device'", "'device:' || device_id", *_SPAN),
    ("signups", "'device'", "'device:' || device_id", *_SIGNUP),
    ("signups", "'email'", "'email:' || email", *_SIGNUP),
    ("signups", "'email_domain'", f"'email_domain:' || {_DOMAIN}", *_SIGNUP),
    ("signups", "'phone'", "'phone:' || phone", *_SIGNUP),
    ("identifiers", "kind", "kind || ':' || value", *_SPAN),
    ("signups", "'signup_gap'", "''", *_SIGNUP),
    ("prompts", "'synchrony'", "''", *_SENT),
    ("ips", "'synchrony'", "CASE WHEN first_seen = last_seen THEN '' END", *_SPAN),
    ("prompts", "'profile'", "''", *_SENT),
)

#: Which members have the values that their cluster's fits name, and, where a fit names none because
#: the member has others, the member.
_FITTING = """
WITH named AS (
    SELECT DISTINCT cluster_id, comparison, key FROM run_fits
    WHERE list_contains($ids, cluster_id) AND comparison <> 'prior'
),
wanted AS (SELECT account_id, cluster_id FROM run_members SEMI JOIN named USING (cluster_id)),
used AS (
    SELECT account_id, key FROM run_uses
    UNION ALL
    SELECT account_id, 'prefix:' || prefix FROM run_uses JOIN run_identifiers USING (key)
    UNION ALL
    SELECT account_id, 'bin:' || bin FROM payments
)
SELECT account_id, comparison, key
FROM used JOIN wanted USING (account_id) JOIN named USING (cluster_id, key)
UNION
SELECT account_id, comparison, key FROM run_fits
WHERE list_contains($ids, cluster_id) AND comparison <> 'prior' AND key IS NULL
"""

#: Which members have each of the values that two or more of their cluster use, and each of the
#: networks and ranges of cards that a link of it rests on.
_SHARED = """
WITH mine AS (
    SELECT cluster_id, account_id FROM run_members WHERE list_contains($ids, cluster_id)
),
used AS (SELECT DISTINCT cluster_id, account_id, key FROM run_uses JOIN mine USING (account_id)),
shared AS (SELECT cluster_id, key FROM used GROUP BY ALL HAVING count(*) > 1),
ranges AS (
    SELECT DISTINCT cluster_id, comparison, key
    FROM run_reasons JOIN run_links USING (account_a, account_b)
    WHERE list_contains($ids, cluster_id) AND bits > 0
      AND (starts_with(key, 'prefix:') OR starts_with(key, 'bin:'))
),
ranged AS (
    SELECT cluster_id, account_id, 'prefix:' || prefix AS key
    FROM used JOIN run_identifiers USING (key)
    UNION
    SELECT cluster_id, account_id, 'bin:' || bin FROM payments JOIN mine USING (account_id)
)
SELECT account_id, CASE split_part(key, ':', 1)
           WHEN 'ip' THEN 'address' WHEN 'payment' THEN 'instrument' ELSE split_part(key, ':', 1)
       END AS comparison, key
FROM used SEMI JOIN shared USING (cluster_id, key)
UNION
SELECT account_id, comparison, key FROM ranged JOIN ranges USING (cluster_id, key)
"""

_ROWS = """
WITH held AS MATERIALIZED ({held}),
stored AS (
    SELECT * FROM held
    UNION ALL  -- an address also stands for its network
    SELECT h.* REPLACE ('prefix' AS comparison, 'prefix:' || i.prefix AS key)
    FROM held h JOIN run_identifiers i ON i.key = h.key WHERE i.prefix IS NOT NULL
    UNION ALL
    SELECT account_id, 'template', a.key, 'prompts', source_sha256, source_row, p."at", p."at"
    FROM run_assignments a JOIN prompts p USING (account_id, source_sha256, source_row)
    SEMI JOIN wanted w ON w.account_id = a.account_id AND w.comparison = 'template'
),
found AS (
    SELECT w.*, s.* EXCLUDE (account_id, comparison, key)
    FROM wanted w JOIN stored s ON s.account_id = w.account_id AND s.key = w.key
    UNION
    SELECT w.*, s.* EXCLUDE (account_id, comparison, key)
    FROM wanted w JOIN stored s ON s.account_id = w.account_id AND s.comparison = w.comparison
    WHERE w.key IS NULL AND s.key IS NOT NULL
)
SELECT account_id, comparison, key, found."table", file, sha256, source_row AS "row",
       first_seen, last_seen
FROM found JOIN files ON sha256 = source_sha256 AND files."table" = found."table"
ORDER BY account_id, comparison, key NULLS FIRST, found."table", file, source_row
"""

_HELD = """
    SELECT account_id, {comparison} AS comparison, {key} AS key, '{table}' AS "table",
           source_sha256, source_row, {first} AS first_seen, {last} AS last_seen
    FROM {table} SEMI JOIN wanted USING (account_id)
"""


def uses_of(reasons: pa.Table) -> pa.Table:
    """Return the uses (`USES`) that a table of reasons rests on, those of both accounts, once."""
    sides = [
        reasons.select([side, "comparison", "key"]).rename_columns(USES.names)
        for side in ("account_a", "account_b")
    ]
    return pa.concat_tables(sides).group_by(USES.names).aggregate([]).cast(USES)


def uses_of_fits(database: duckdb.DuckDBPyConnection, cluster_ids: list[str]) -> pa.Table:
    """Return the uses (`USES`) that the fits of some clusters rest on, each once.

    They are those of every member that has a value by which another fits: it takes them all to see
    that so many have it. `database` is a connection of `open_rows`.
    """
    return database.sql(_FITTING, params={"ids": cluster_ids}).to_arrow_table().cast(USES)


def uses_of_shared(database: duckdb.DuckDBPyConnection, cluster_ids: list[str]) -> pa.Table:
    """Return the uses (`USES`) by members of each value that two or more of a cluster share.

    Whether a link between the two rests on it or not: who counts its rows has its members.
    `database` is a connection of `open_rows`.
    """
    return database.sql(_SHARED, params={"ids": cluster_ids}).to_arrow_table().cast(USES)


def source_rows(case: Case, run: Run, uses: pa.Table) -> pa.Table:
    """Return the stored rows (`ROWS`) behind each of `uses` (`USES`).

    A key brings the rows in which the account uses that value ("bin:" and "prefix:" the rows of
    the cards and addresses in that range, "template:" the prompts assigned to it). A null key
    brings every row of the account in that comparison. Embeddings are not read.
    """
    return find_rows(open_rows(case, run), uses)


def open_rows(case: Case, run: Run) -> duckdb.DuckDBPyConnection:
    """Return a connection for `find_rows` and `digest_rows`.

    It has the input tables, `files`, and the run's tables as `run_<name>`.
    """
    database = connect(case)
    sources = case.manifest.sources
    columns = ("table", "file", "sha256")
    files = pa.table({name: [getattr(s, name) for s in sources] for name in columns})
    database.register("files", files.cast(pa.schema([(name, TEXT) for name in columns])))
    view_run(database, run, "run_")
    return database


def find_rows(database: duckdb.DuckDBPyConnection, uses: pa.Table) -> pa.Table:
    """Like `source_rows`, on a connection of `open_rows`."""
    if not uses.num_rows:
        return ROWS.empty_table()
    database.register("wanted", uses)
    held = " UNION ALL ".join(
        _HELD.format(table=table, comparison=comparison, key=key, first=first, last=last)
        for table, comparison, key, first, last in _STORED
    )
    return database.sql(_ROWS.format(held=held)).to_arrow_table().cast(ROWS)


def digest_rows(database: duckdb.DuckDBPyConnection, rows: pa.Table) -> pa.Array:
    """Return the SHA-256 (64 hexadecimal digits) of each of `rows`, a table with `ROWS`' columns.

    What is hashed is the row as the case stores it, without its embedding and its source: the
    canonical JSON (RFC 8785) of column and value, times as "2026-01-05T08:00:00.000000Z".
    `database` is a connection of `open_rows`.
    """
    digests = [pa.array([], TEXT)]
    for start in range(0, rows.num_rows, ROWS_AT_ONCE):
        digests.append(_digests(database, rows.slice(start, ROWS_AT_ONCE)))
    return pa.concat_arrays(digests)


def _digests(database: duckdb.DuckDBPyConnection, rows: pa.Table) -> pa.Array:
    place = pa.array(np.arange(rows.num_rows))
    wanted = rows.select(["table", "sha256", "row", "account_id"])
    database.register("wanted", wanted.append_column("place", place))
    texts = []
    for name in sorted(pc.unique(rows["table"]).to_pylist()):
        found = database.sql(f"""
            SELECT place, to_json({_struct(name)})::VARCHAR AS text
            FROM {name} t JOIN wanted w ON w.account_id = t.account_id AND "table" = '{name}'
                AND sha256 = source_sha256 AND "row" = source_row
        """).to_arrow_table()
        texts.append(found.set_column(1, "text", _canonical(found["text"].combine_chunks())))
    database.register("texts", pa.concat_tables(texts))
    hashed = database.sql("SELECT sha256(text) AS digest FROM texts ORDER BY place")
    return hashed.to_arrow_table()["digest"].combine_chunks()


def _struct(table: str) -> str:
    """A DuckDB struct of the stored columns, by name, as they are hashed."""
    values = {
        f.name: f"strftime(t.\"{f.name}\", '%Y-%m-%dT%H:%M:%S.%fZ')"
        if f.type == TIME
        else f't."{f.name}"'
        for f in TABLES[table].stored
        if f.name != "embedding"
    }
    return "{" + ", ".join(f"'{name}': {values[name]}" for name in sorted(values)) + "}"


def _canonical(texts: pa.Array) -> pa.Array:
    r"""DuckDB writes control characters as \u001F where RFC 8785 wants \u001f."""
    odd = pc.match_substring(texts, "\\u00")
    rewritten = [
        json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        for text in texts.filter(odd).to_pylist()
    ]
    return pc.replace_with_mask(texts, odd, pa.array(rewritten, TEXT))
