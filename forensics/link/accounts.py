"""The accounts of a case, in the order of their ids: sign-up, activity and what people declared."""

from __future__ import annotations

import duckdb
import pyarrow as pa

_ACCOUNTS = """
CREATE TABLE activity AS
    SELECT account_id, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
           CASE WHEN EXISTS (FROM ips) THEN sum(requests)::BIGINT END AS requests,
           CASE WHEN EXISTS (FROM prompts) THEN sum(prompts)::BIGINT END AS prompts
    FROM (
        SELECT account_id, created_at AS first_seen, created_at AS last_seen,
               0 AS requests, 0 AS prompts FROM signups
        UNION ALL
        SELECT account_id, first_seen, last_seen, coalesce(requests, 1), 0 FROM ips
        UNION ALL
        SELECT account_id, min("at"), max("at"), 0, count(*) FROM prompts GROUP BY account_id
        UNION ALL SELECT account_id, first_seen, last_seen, 0, 0 FROM payments
        UNION ALL SELECT account_id, first_seen, last_seen, 0, 0 FROM devices
        UNION ALL SELECT account_id, first_seen, last_seen, 0, 0 FROM identifiers
    )
    GROUP BY account_id;

-- One group for each account: of several the one with the most accounts. A group is of the kind
-- that most of its accounts are declared as.
CREATE TABLE declared_groups AS
    WITH
    sizes AS (SELECT group_id, count(DISTINCT account_id) AS accounts FROM declared GROUP BY ALL),
    kinds AS (
        SELECT group_id, arg_min(kind, (-accounts, kind)) AS kind
        FROM (
            SELECT group_id, kind, count(DISTINCT account_id) AS accounts
            FROM declared GROUP BY ALL
        )
        GROUP BY group_id
    )
    SELECT account_id, arg_min(group_id, (-accounts, group_id)) AS group_id,
           arg_min(k.kind, (-accounts, group_id)) AS kind
    FROM declared d JOIN sizes USING (group_id) JOIN kinds k USING (group_id)
    GROUP BY account_id;

CREATE TABLE accounts AS
    SELECT a.account_id, s.account_id IS NOT NULL AS has_signup, s.created_at, s.status,
           s.status_at, s.country, s.plan, s.organisation, s.name,
           coalesce(s.email_raw, s.email) AS email,  -- as given; values and domain are canonical
           nullif(regexp_extract(s.email, '@(.+)$', 1), '') AS email_domain, s.user_agent,
           d.group_id AS declared_group, d.kind AS declared_kind, NULL::VARCHAR AS label,
           a.requests, a.prompts, a.first_seen, a.last_seen, s.extra,
           (row_number() OVER (ORDER BY a.account_id) - 1)::INTEGER AS account
    FROM activity a
    LEFT JOIN signups s ON s.account_id = a.account_id
    LEFT JOIN declared_groups d ON d.account_id = a.account_id
    ORDER BY a.account_id;
"""
#: The time of each row of a table, the first if it is a range.
_DATED = {
    "payments": "first_seen",
    "ips": "first_seen",
    "prompts": '"at"',
    "devices": "first_seen",
    "identifiers": "first_seen",
}


def collect_accounts(database: duckdb.DuckDBPyConnection) -> pa.Table:
    """Make the table `accounts` in `database` and return it, one row per account.

    An account that no sign-up tells of has `has_signup` false. `requests` and `prompts` are null
    where the case has no table to count them in. `account` is its row number,
    the index that all arrays of this room use.
    """
    database.execute(_ACCOUNTS)
    return database.sql("SELECT * FROM accounts ORDER BY account").to_arrow_table()


def rows_before_signup(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return, by table, how many rows are dated before the sign-up of their account.

    Needs `accounts`; tables without such rows are left out.
    """
    counts = {
        table: database.sql(
            f"SELECT count(*) FROM {table} JOIN accounts USING (account_id) WHERE {at} < created_at"
        ).fetchall()[0][0]
        for table, at in _DATED.items()
    }
    return {table: count for table, count in counts.items() if count}
