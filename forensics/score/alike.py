"""Group evidence: are the accounts of a cluster more alike in their cards than as many others?

Accounts that each have a card of their own share no card, and so no pair of them shows anything.
But an operator buys cards where they are to be had: one card issue, one kind of card. So the cards
of a cluster, each counted once however many accounts use it, are held against all cards of the
platform. What is said per cluster is the mean over cards of log2(share among the cluster's other
cards / share on the platform), in bits: a leave-one-out estimate of how far the cluster's
distribution lies from the platform's (Kullback and Leibler 1951).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

#: Cards from which the estimate counts at all, and in full.
FEW, ENOUGH = 3, 15

_ALIKE = """
WITH
cards AS (
    SELECT cluster, instrument_id, any_value(issue) AS issue, any_value(sort) AS sort
    FROM (
        SELECT coalesce(m.cluster, -1 - a.account) AS cluster, p.instrument_id,
               coalesce(p.bin || '/', '') || coalesce(p.issuer_country, '') AS issue,
               coalesce(p.kind, '') AS sort
        FROM payments p JOIN accounts a USING (account_id) LEFT JOIN members m USING (account)
        ORDER BY ALL
    )
    GROUP BY ALL
),
features AS (
    SELECT cluster, 'issue' AS feature, issue AS value FROM cards WHERE issue <> ''
    UNION ALL SELECT cluster, 'sort', sort FROM cards WHERE sort <> ''
),
platform AS (
    SELECT feature, value, count(*) / sum(count(*)) OVER (PARTITION BY feature) AS share
    FROM features GROUP BY feature, value
),
inside AS (
    SELECT cluster, feature, value, count(*) AS n,
           sum(count(*)) OVER (PARTITION BY cluster, feature) AS every
    FROM features WHERE cluster >= 0 GROUP BY cluster, feature, value
)
SELECT cluster, max(bits) AS bits, max(every)::BIGINT AS cards
FROM (
    SELECT cluster, feature, any_value(every) AS every,
           sum(n * log2((n - 1 + share) / every / share)) / sum(n) AS bits
    FROM inside JOIN platform USING (feature, value) GROUP BY ALL
)
GROUP BY cluster ORDER BY cluster
"""


def cards_alike(database: duckdb.DuckDBPyConnection, clusters: int) -> np.ndarray:
    """Return per cluster how alike its cards are, in bits, 0 or more; 0 with too few cards.

    `database` has the tables `payments`, `accounts` and `members` (cluster, account).
    """
    found: pa.Table = database.sql(_ALIKE).to_arrow_table()
    cards = found["cards"].to_numpy()
    known = np.clip((cards - FEW) / (ENOUGH - FEW), 0, 1)
    bits = np.zeros(clusters)
    bits[found["cluster"].to_numpy()] = np.maximum(found["bits"].to_numpy(), 0) * known
    return bits
