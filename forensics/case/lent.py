"""The cards and devices by which bridges hold to other clusters."""

from __future__ import annotations

import duckdb
import pyarrow as pa

#: As `forensics.cluster.members.bridges` finds them: two clusters use the value, and at most half
#: of the bridge's own.
_LENT = """
WITH held AS (
    SELECT m.cluster_id, key, count(DISTINCT account_id) AS bridges
    FROM {0}members m JOIN {0}uses USING (account_id) JOIN {0}identifiers USING (key)
    WHERE bridge AND list_contains($ids, m.cluster_id) AND class IN ('PaymentInstrument', 'Device')
    GROUP BY ALL
),
used AS (
    SELECT key, cluster_id, count(DISTINCT account_id) AS users
    FROM {0}uses JOIN {0}members USING (account_id)
    WHERE key IN (SELECT key FROM held) GROUP BY ALL
)
SELECT held.cluster_id, there.cluster_id AS other_cluster, key, held.bridges::BIGINT AS bridges,
       there.users::BIGINT AS others
FROM held JOIN used here USING (key, cluster_id) JOIN used there USING (key)
     JOIN {0}clusters c ON c.cluster_id = held.cluster_id
WHERE there.cluster_id <> held.cluster_id AND 2 * here.users <= c.accounts
ORDER BY held.cluster_id, held.bridges DESC, others DESC, other_cluster, key
"""


def lent_values(
    database: duckdb.DuckDBPyConnection, cluster_ids: list[str], prefix: str = ""
) -> pa.Table:
    """Return the cards and devices that bridges of some clusters have in common with others.

    Columns: cluster_id, other_cluster, key, bridges (how many of the one have it), others (accounts
    of the other that have it). `database` has the run's tables, their names with `prefix`.
    """
    query = _LENT.format(prefix)
    return database.sql(query, params={"ids": cluster_ids}).to_arrow_table()
