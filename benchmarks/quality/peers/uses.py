"""What the peers are given: who uses which value, and when, from the tool's own case.

That is more than they would have alone: values in canonical form, and the tool's prompt templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.quality.tool import Analysed
from forensics.case.database import connect
from forensics.evaluate.truth import Truth

Ints = np.ndarray
#: Kinds of values that a peer may be given, from the surest on.
HARD = ("payment", "device")
PLACES = (*HARD, "ip")
CONTACTS = (*PLACES, "email", "phone")

_EVENTS = """
    SELECT account_id, 'payment:' || instrument_id AS key, epoch(first_seen) AS at FROM payments
    UNION ALL SELECT account_id, 'ip:' || ip, epoch(first_seen) FROM ips
    UNION ALL SELECT account_id, 'device:' || device_id, epoch(first_seen) FROM devices
    UNION ALL
    SELECT account_id, key, epoch("at") FROM prompts
    JOIN assigned USING (account_id, source_sha256, source_row)
"""


@dataclass(frozen=True)
class Uses:
    """Distinct uses: account `account[i]` uses value `value[i]`; `kind[v]` names the kind of v.

    Events are single times, in seconds since 1970, at which an account used a value. Accounts
    are numbered as in the truth.
    """

    analysed: Analysed
    accounts: pa.Array
    keys: pa.Array
    account: Ints
    value: Ints
    kind: np.ndarray
    event_account: Ints
    event_value: Ints
    event_s: np.ndarray

    @property
    def size(self) -> int:
        """Accounts on the platform."""
        return len(self.accounts)

    @cached_property
    def counts(self) -> Ints:
        """Accounts per value."""
        return np.bincount(self.value, minlength=len(self.keys))

    def matrix(self, kinds: Sequence[str] | None = None, cap: int | None = None) -> csr_array:
        """Return accounts by values, 1.0 per use.

        Values of one account, of other kinds (None: all), and of more than `cap` are left out.
        """
        fit = self.counts > 1
        if cap is not None:
            fit &= self.counts <= cap
        if kinds is not None:
            fit &= np.isin(self.kind, kinds)
        kept = fit[self.value]
        ones = np.ones(int(kept.sum()))
        shape = (self.size, len(self.keys))
        return csr_array((ones, (self.account[kept], self.value[kept])), shape=shape)


def read_uses(analysed: Analysed, truth: Truth) -> Uses:
    """Read what the peers are given from an analysed case."""
    uses = analysed.run.read("uses", ["account_id", "key"])
    uses = uses.filter(pc.invert(pc.starts_with(uses["key"], "email_domain:")))
    keys = pc.unique(uses["key"]).sort()
    pairs = np.unique(_codes(uses, truth, keys), axis=1)
    database = connect(analysed.case)
    database.register("assigned", analysed.run.read("assignments"))
    events = database.sql(_EVENTS).to_arrow_table()
    timed = _codes(events, truth, keys)
    kind = pc.list_element(pc.split_pattern(keys, ":", max_splits=1), 0)
    return Uses(
        analysed,
        truth.account_id,
        keys,
        pairs[0],
        pairs[1],
        np.array(kind.to_pylist()),
        timed[0],
        timed[1],
        events["at"].to_numpy().astype(float),
    )


def component_labels(a: Ints, b: Ints, size: int) -> Ints:
    """Return the connected component of each account, -1 for an account without an edge."""
    edges = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    _, label = connected_components(edges, directed=False)
    return without_singles(label)


def without_singles(label: Ints) -> Ints:
    """Return labels numbered from 0, with -1 for groups of one."""
    _, label, counts = np.unique(label, return_inverse=True, return_counts=True)
    grouped = counts > 1
    number = np.where(grouped, np.cumsum(grouped) - 1, -1)
    found: Ints = number[label]
    return found


def projection(matrix: csr_array) -> tuple[Ints, Ints, np.ndarray]:
    """Return account pairs (a < b) and the sum of the products of their rows."""
    both = coo_array(matrix @ matrix.T)
    a, b = both.coords
    upper = a < b
    return a[upper].astype(np.int64), b[upper].astype(np.int64), both.data[upper]


def _codes(table: pa.Table, truth: Truth, keys: pa.Array) -> Ints:
    account = pc.index_in(table["account_id"], truth.account_id)
    value = pc.index_in(table["key"], keys)
    return np.stack([account.to_numpy(), value.to_numpy()]).astype(np.int64)
