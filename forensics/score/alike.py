"""Group evidence: are the accounts of a cluster more alike in their cards than as many others?

Accounts that each have a card of their own share no card, and so no pair of them shows anything.
But an operator buys cards where they are to be had: one card issue, one kind of card. So the cards
of a cluster, each counted once however many accounts use it, are held against those of all accounts
of the same country: a class of a small country has the cards of its one bank, like others there.
What is said per cluster is the mean over cards of log2(share among the cluster's other cards /
share in the country), in bits: a leave-one-out estimate of how far the cluster's distribution lies
from what is usual (Kullback and Leibler 1951).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

#: Cards of which a feature is known, from which its estimate counts at all, and in full.
FEW, ENOUGH = 2, 8
#: Cards of a country's accounts up to which the whole platform's say more on what is usual there.
FEW_OF_COUNTRY = 15

_ALIKE = """
WITH
cards AS (
    SELECT cluster, instrument_id, any_value(issue) AS issue, any_value(sort) AS sort,
           any_value(country) AS country
    FROM (
        SELECT coalesce(m.cluster, -1 - a.account) AS cluster, p.instrument_id,
               coalesce(p.bin || '/', '') || coalesce(p.issuer_country, '') AS issue,
               coalesce(p.kind, '') AS sort, coalesce(a.country, '') AS country
        FROM paid p JOIN accounts a USING (account_id) LEFT JOIN members m USING (account)
        ORDER BY ALL
    )
    GROUP BY ALL
),
features AS (
    SELECT cluster, country, 'issue' AS feature, issue AS value FROM cards WHERE issue <> ''
    UNION ALL SELECT cluster, country, 'sort', sort FROM cards WHERE sort <> ''
),
platform AS (
    SELECT feature, value, count(*) / sum(count(*)) OVER (PARTITION BY feature) AS share
    FROM features GROUP BY feature, value
),
countries AS (
    SELECT feature, country, value, count(*) AS n,
           sum(count(*)) OVER (PARTITION BY feature, country) AS every
    FROM features GROUP BY feature, country, value
),
expected AS (
    SELECT feature, country, value, (n + $usual * share) / (every + $usual) AS share
    FROM countries JOIN platform USING (feature, value)
),
inside AS (
    SELECT cluster, feature, value, country,
           count(*) OVER (PARTITION BY cluster, feature, value) AS n,
           count(*) OVER (PARTITION BY cluster, feature) AS every
    FROM features WHERE cluster >= 0
)
SELECT cluster, max(bits * greatest(least((cards - $few) / ($enough - $few), 1), 0)) AS bits
FROM (
    SELECT cluster, feature, count(*) AS cards,
           avg(log2((n - 1 + share) / every / share)) AS bits
    FROM inside JOIN expected USING (feature, value, country) GROUP BY ALL
)
GROUP BY cluster ORDER BY cluster
"""


def cards_alike(database: duckdb.DuckDBPyConnection, clusters: int) -> np.ndarray:
    """Return per cluster how alike its cards are, in bits, 0 or more; 0 with too few cards.

    `database` has `paid`, the payments by what is somebody's own, and the tables `accounts` and
    `members` (cluster, account).
    """
    params = {"few": FEW, "enough": ENOUGH, "usual": FEW_OF_COUNTRY}
    found: pa.Table = database.sql(_ALIKE, params=params).to_arrow_table()
    bits = np.zeros(clusters)
    bits[found["cluster"].to_numpy()] = np.maximum(found["bits"].to_numpy(), 0)
    return bits
