"""Uses: which account uses which shared value, as one sparse matrix per comparison.

A *comparison* asks whether two accounts share a value of one sort (the instrument, the address,
the device, ...). Everything that accounts can share becomes one, templates of prompts included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]

#: Evidence kind (the `<kind>_bits` column of a link) of each comparison; others are "identifier".
KIND_OF = {
    "instrument": "payment",
    "address": "ip",
    "card_range": "payment",
    "prefix": "ip",
    "device": "device",
    "template": "prompt",
}

_USES = """
CREATE TABLE all_uses AS
    SELECT a.account, u.comparison, u.key, u.role, sum(u.uses)::BIGINT AS uses,
           min(u.first_seen) AS first_seen, max(u.last_seen) AS last_seen
    FROM (
        SELECT account_id, 'instrument' AS comparison, 'payment:' || instrument_id AS key,
               'use' AS role, count AS uses, first_seen, last_seen FROM payments
        UNION ALL
        SELECT account_id, 'address', 'ip:' || ip, 'use', coalesce(requests, 1),
               first_seen, last_seen FROM ips
        UNION ALL
        SELECT account_id, 'address', 'ip:' || signup_ip, 'signup', 1, created_at, created_at
        FROM signups WHERE signup_ip IS NOT NULL
        UNION ALL
        SELECT account_id, 'device', 'device:' || device_id, 'use', count, first_seen, last_seen
        FROM devices
        UNION ALL
        SELECT account_id, 'device', 'device:' || device_id, 'signup', 1, created_at, created_at
        FROM signups WHERE device_id IS NOT NULL
        UNION ALL
        SELECT account_id, 'email', 'email:' || email, 'signup', 1, created_at, created_at
        FROM signups WHERE email IS NOT NULL
        UNION ALL
        SELECT account_id, 'email_domain', 'email_domain:' || email_domain, 'signup', 1,
               created_at, created_at FROM accounts WHERE email_domain IS NOT NULL
        UNION ALL
        SELECT account_id, 'phone', 'phone:' || phone, 'signup', 1, created_at, created_at
        FROM signups WHERE phone IS NOT NULL
        UNION ALL
        SELECT account_id, CASE WHEN kind = 'payment' THEN 'instrument'
               WHEN kind = 'ip' THEN 'address'
               WHEN kind IN ('address', 'prefix', 'instrument', 'card_range', 'email_domain',
                             'template', 'family', 'minute', 'address_hour', 'signup_gap',
                             'synchrony') THEN 'user_' || kind ELSE kind END,
               kind || ':' || value, 'use', count, first_seen, last_seen
        FROM identifiers
    ) u JOIN accounts a USING (account_id)
    GROUP BY ALL;
"""


@dataclass(frozen=True)
class Comparison:
    """The uses of one sort of value.

    `account` and `value` (each of length uses) are distinct pairs, ordered by both; `value`
    counts into `keys`. `first_s` and `last_s` are the span of the use in epoch seconds.
    """

    name: str
    keys: pa.Array
    account: Ints
    value: Ints
    first_s: Ints
    last_s: Ints
    size: int  # accounts on the platform
    public: npt.NDArray[np.bool_] | None = None  # values known to be shared by strangers

    @property
    def kind(self) -> str:
        """The evidence kind whose bits this comparison adds to."""
        return KIND_OF.get(self.name, "identifier")

    @cached_property
    def counts(self) -> Ints:
        """Accounts per value."""
        return np.bincount(self.value, minlength=len(self.keys)).astype(np.int64)

    @cached_property
    def present(self) -> npt.NDArray[np.bool_]:
        """Per account: whether it has any value here; without one the comparison is missing."""
        has = np.zeros(self.size, dtype=bool)
        has[self.account] = True
        return has

    @cached_property
    def matrix(self) -> csr_array:
        """Accounts by values, 1.0 for each use."""
        ones = np.ones(len(self.account), dtype=np.float32)
        shape = (self.size, len(self.keys))
        return csr_array((ones, (self.account, self.value)), shape=shape)


def collect_uses(database: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return all uses but templates: account, comparison, key, role, uses, first and last time.

    Needs the table `accounts`. Ordered by comparison, key, account and role.
    """
    database.execute(_USES)
    return database.sql(
        "SELECT * FROM all_uses ORDER BY comparison, key, account, role"
    ).to_arrow_table()


def comparisons_of(uses: pa.Table, size: int) -> dict[str, Comparison]:
    """Split a table of uses into one `Comparison` each, by name."""
    database = duckdb.connect()
    database.register("uses", uses)
    found = {}
    names = database.sql("SELECT DISTINCT comparison FROM uses ORDER BY 1").fetchall()
    for (name,) in names:
        keys = database.sql(
            "SELECT DISTINCT key FROM uses WHERE comparison = ? ORDER BY 1", params=[name]
        ).to_arrow_table()
        database.register("keys", keys.append_column("value", pa.array(range(len(keys)))))
        rows = database.sql(
            """SELECT account, value, epoch(min(first_seen))::BIGINT AS first_s,
                      epoch(max(last_seen))::BIGINT AS last_s
               FROM uses JOIN keys USING (key) WHERE comparison = ?
               GROUP BY account, value ORDER BY account, value""",
            params=[name],
        ).to_arrow_table()
        columns = {c: rows[c].fill_null(0).to_numpy().astype(np.int64) for c in rows.column_names}
        found[name] = Comparison(name, keys["key"].combine_chunks(), size=size, **columns)
    return found
