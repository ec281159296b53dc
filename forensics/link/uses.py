"""Uses: which account uses which shared value, as one sparse matrix per comparison.

A *comparison* asks whether two accounts share a value of one sort (the instrument, the address,
the device, ...). Everything that accounts can share becomes one, templates of prompts included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from forensics.link.placeholders import placeholders

Ints = npt.NDArray[np.int64]
#: Stands for no time, in microseconds.
_LATEST = np.iinfo(np.int64).max

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
    GROUP BY ALL ORDER BY comparison, key, account, role
"""


@dataclass(frozen=True)
class Comparison:
    """The uses of one sort of value.

    `account` and `value` (each of length uses) are distinct pairs, ordered by both; `value`
    counts into `keys`. `first_s` and `last_s` are the span of the use in epoch seconds, 0 where it
    is unknown; both are empty where times don't count.
    """

    name: str
    keys: pa.Array
    account: Ints
    value: Ints
    first_s: Ints
    last_s: Ints
    size: int  # accounts on the platform
    public: npt.NDArray[np.bool_] | None = None  # values known to be shared by strangers
    unknown: npt.NDArray[np.bool_] | None = None  # placeholders, where they aren't told by form
    carrier: str | None = None  # the comparison of what whoever share a value share as well

    def take(self, rows: npt.NDArray[np.integer | np.bool_]) -> Comparison:
        """Return some of the uses."""
        first_s, last_s = (
            times[rows] if len(times) else times for times in (self.first_s, self.last_s)
        )
        account, value = self.account[rows], self.value[rows]
        return replace(self, account=account, value=value, first_s=first_s, last_s=last_s)

    @property
    def kind(self) -> str:
        """The evidence kind whose bits this comparison adds to."""
        return KIND_OF.get(self.name, "identifier")

    @cached_property
    def placeholder(self) -> npt.NDArray[np.bool_]:
        """Per value: whether it stands where the real one was not known."""
        return placeholders(self.name, self.keys) if self.unknown is None else self.unknown

    @cached_property
    def counts(self) -> Ints:
        """Accounts per value."""
        return np.bincount(self.value, minlength=len(self.keys)).astype(np.int64)

    @cached_property
    def codes(self) -> Ints:
        """One number for each use, in their order."""
        return self.account.astype(np.int64) * len(self.keys) + self.value

    def find(self, account: Ints, value: Ints) -> Ints:
        """Return the use of each account and value, -1 where there is none."""
        wanted = account * len(self.keys) + value
        at = np.searchsorted(self.codes, wanted)
        found: Ints = np.where(self.codes.take(at, mode="clip") == wanted, at, -1)
        return found

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
    return database.sql(_USES).to_arrow_table()


def comparisons_of(uses: pa.Table, size: int) -> dict[str, Comparison]:
    """Split a table of uses into one `Comparison` each, by name."""
    return {
        name: _comparison(name, uses.filter(pc.equal(uses["comparison"], name)), size)
        for name in sorted(pc.unique(uses["comparison"]).to_pylist())
    }


def moments_of(name: str, uses: pa.Table, size: int) -> Comparison | None:
    """Return distinct uses (account, key) without times as a comparison, None where there are none.

    There is one for nearly every prompt, so indices have 32 bits here.
    """
    keys = pc.unique(uses["key"])
    keys = keys.take(pc.sort_indices(keys))
    if len(keys) == 0:
        return None
    codes = uses["account"].to_numpy().astype(np.int64) * len(keys)
    codes += pc.index_in(uses["key"], keys).to_numpy()
    codes.sort()
    account, value = ((codes // len(keys)).astype(np.int32), (codes % len(keys)).astype(np.int32))
    nothing = np.empty(0, dtype=np.int64)
    return Comparison(name, keys, account, value, nothing, nothing, size)


def _comparison(name: str, uses: pa.Table, size: int) -> Comparison:
    """Return the uses of one name, one row for each account and value."""
    encoded = uses["key"].combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    place = np.empty(len(order), dtype=np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    pair = uses["account"].to_numpy().astype(np.int64) * len(order)
    pair += place[encoded.indices.to_numpy()]
    by_pair = np.argsort(pair, kind="stable")
    pair, starts = np.unique(pair[by_pair], return_index=True)
    return Comparison(
        name,
        encoded.dictionary.take(order),
        pair // max(len(order), 1),
        pair % max(len(order), 1),
        _seconds(uses["first_seen"], by_pair, starts, np.minimum, _LATEST),
        _seconds(uses["last_seen"], by_pair, starts, np.maximum, -_LATEST),
        size,
    )


def _seconds(
    times: pa.ChunkedArray, order: Ints, starts: Ints, extreme: np.ufunc, nothing: int
) -> Ints:
    """Return the first (or last) time of each group in epoch seconds, 0 where it has none."""
    micros = pc.fill_null(times.cast(pa.int64()), nothing).to_numpy()[order]
    found = extreme.reduceat(micros, starts) if len(starts) else micros
    seconds: Ints = np.rint(np.where(found == nothing, 0, found) / 1e6).astype(np.int64)
    return seconds
