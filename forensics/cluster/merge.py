"""Merge: clusters become accounts, and their shared values are tested against chance.

What holds a large campaign together is often weaker than any one pair shows. So clusters are
compared like accounts: by kind of evidence, the rare values that two of them share are counted
against the Poisson mean that their numbers of values would give if values fell at random
(a configuration model). One shared value never joins two clusters, however rare.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.stats import poisson

from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints

MAX_OWNERS = 5
CAP_BITS = 12.0  # of one kind, when one value alone is shared
MARGIN_BITS = 8.0
ROUNDS = 5


def merge_clusters(label: Ints, holds: Holds) -> Ints:
    """Return the groups after all merges, to a fixed point."""
    for _ in range(ROUNDS):
        merged = _merge_once(label, holds)
        if (merged == label).all():
            break
        label = merged
    return label


def _merge_once(label: Ints, holds: Holds) -> Ints:
    groups = int(label.max(initial=-1)) + 1
    sizes = np.bincount(label, minlength=groups)
    uses = np.unique(np.stack([label[holds.account], holds.value]), axis=1)
    owners = np.bincount(uses[1], minlength=len(holds.kind))
    fit = (owners[uses[1]] > 1) & (owners[uses[1]] <= MAX_OWNERS)
    uses = uses[:, fit]
    left, right, bits, count, kinds = _compare(uses, owners, holds.kind, groups)
    big = np.maximum(sizes[left], sizes[right]) > 1
    needed = np.log2(max(len(left), 1)) + MARGIN_BITS
    joined = big & (bits >= needed) & ((kinds >= 2) | (count >= 3))
    return renumber(components(left[joined], right[joined], groups)[label])


def _compare(
    uses: Ints, owners: Ints, kind: Ints, groups: int
) -> tuple[Ints, Ints, np.ndarray, Ints, Ints]:
    """Return, for each pair of groups that share a value, bits, values and kinds in common."""
    total: csr_array | None = None
    bits_all, count_all, kind_all = [], [], []
    for number in np.unique(kind):
        mine = uses[:, kind[uses[1]] == number]
        if mine.shape[1] == 0:
            continue
        ones = np.ones(mine.shape[1])
        matrix = csr_array((ones, (mine[0], mine[1])), shape=(groups, len(kind)))
        both = coo_array(matrix @ matrix.T)
        a, b = both.coords
        keep = a < b
        a, b, count = a[keep], b[keep], both.data[keep]
        degree = np.bincount(mine[0], minlength=groups)
        values = owners[np.unique(mine[1])]
        density = float((values * (values - 1.0)).sum()) / max(float(values.sum()) ** 2, 1)
        tail = poisson.logsf(count - 1, np.maximum(degree[a] * degree[b] * density, 1e-6))
        found = np.minimum(-tail / np.log(2), CAP_BITS * count)
        shape = (groups, groups)
        bits_all.append(coo_array((found, (a, b)), shape=shape))
        count_all.append(coo_array((count, (a, b)), shape=shape))
        kind_all.append(coo_array((np.ones(len(a)), (a, b)), shape=shape))
    if not bits_all:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0), nothing, nothing
    total = sum((m.tocsr() for m in bits_all[1:]), start=bits_all[0].tocsr())
    values_shared = sum((m.tocsr() for m in count_all[1:]), start=count_all[0].tocsr())
    kinds_shared = sum((m.tocsr() for m in kind_all[1:]), start=kind_all[0].tocsr())
    pairs = coo_array(kinds_shared)
    left, right = (c.astype(np.int64) for c in pairs.coords)
    return (
        left,
        right,
        np.asarray(total[left, right]).ravel(),
        np.asarray(values_shared[left, right]).ravel().astype(np.int64),
        pairs.data.astype(np.int64),
    )
