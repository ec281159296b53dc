"""What is said of each member: whether it is a bridge, and what its strongest link rests on."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forensics.cluster.holds import Holds
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints
from forensics.ordered import distinct

MIN_PROBABILITY = 0.5


def bridges(label: Ints, linkage: Linkage, holds: Holds) -> npt.NDArray[np.bool_]:
    """Return which accounts are bridges.

    A bridge is linked to an account of another cluster, or lends a card or device to
    one: two clusters use it, and at most half of its own.
    """
    found = np.zeros(len(label), dtype=bool)
    grouped = np.bincount(label)[label] > 1
    a, b = linkage.pairs.a, linkage.pairs.b
    across = (linkage.probabilities >= MIN_PROBABILITY) & (label[a] != label[b])
    across &= grouped[a] & grouped[b]
    found[a[across]] = True
    found[b[across]] = True
    return found | _lends(label, holds, grouped)


def _lends(label: Ints, holds: Holds, grouped: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which accounts use a card or device that two clusters use and few of their own do."""
    lends = np.zeros(len(label), dtype=bool)
    kept = grouped[holds.account] & holds.personal[holds.value]
    account, value = holds.account[kept], holds.value[kept]
    groups = int(label.max(initial=0)) + 1
    codes, inverse, users = np.unique(
        value * groups + label[account], return_inverse=True, return_counts=True
    )
    clusters = np.bincount(codes // groups, minlength=int(holds.value.max(initial=0)) + 1)
    few = 2 * users[inverse] <= np.bincount(label)[label[account]]
    lends[account[(clusters[value] > 1) & few]] = True
    return lends


def strongest_links(a: Ints, b: Ints, weight: np.ndarray, cluster: Ints) -> Ints:
    """Return the links that are the strongest of one of their ends inside its cluster.

    Links are in order of `a` and `b`; of equally strong ones the first counts. `cluster` is per
    account, -1 for none.
    """
    inside = np.flatnonzero((cluster[a] == cluster[b]) & (cluster[a] >= 0))
    end, link = np.concatenate([a[inside], b[inside]]), np.concatenate([inside, inside])
    order = np.lexsort((link, -weight[link], end))
    first = np.unique(end[order], return_index=True)[1]
    return distinct(link[order[first]])


def joined_by(account_ids: pa.ChunkedArray, links: pa.Table, reasons: pa.Table) -> pa.Array:
    """Return per account the key (or else the comparison) that weighs most in its best link."""
    database = duckdb.connect()
    for name, table in (("links", links), ("reasons", reasons)):
        database.register(name, table)
    database.register("ids", pa.table({"account_id": account_ids}))
    return (
        database.sql(
            """WITH ends AS (
                   SELECT account_a AS account_id, * FROM links WHERE cluster_id IS NOT NULL
                   UNION ALL
                   SELECT account_b, * FROM links WHERE cluster_id IS NOT NULL
               ), best AS (
                   SELECT account_id, account_a, account_b FROM ends
                   QUALIFY row_number() OVER (PARTITION BY account_id
                       ORDER BY match_weight DESC, account_a, account_b) = 1
               ), reason AS (
                   SELECT account_id, coalesce(key, comparison) AS reason
                   FROM best JOIN reasons USING (account_a, account_b)
                   QUALIFY row_number() OVER (PARTITION BY account_id
                       ORDER BY bits DESC, comparison) = 1
               )
               SELECT reason FROM ids LEFT JOIN reason USING (account_id) ORDER BY account_id"""
        )
        .to_arrow_table()["reason"]
        .combine_chunks()
    )
