"""Merge: clusters become accounts, and their shared values are tested against chance.

What holds a large campaign together is often weaker than any one pair shows. So clusters are
compared like accounts: by kind of evidence, the rare values that two of them share are counted
against the Poisson mean that their numbers of values would give if values fell at random
(a configuration model). One shared value joins two clusters only if it is a card or a device that
most accounts of both use: one lent card never does.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.stats import poisson

from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints

CAP_BITS = 12.0  # of one kind, when one value alone is shared
MARGIN_BITS = 8.0
ROUNDS = 5
MOST = 0.6
#: Groups that may use a value, or operators whatever the groups, for it to join any.
MAX_OWNERS = 5
MAX_OPERATORS = 3.0


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
    uses, members = np.unique(
        np.stack([label[holds.account], holds.value]), axis=1, return_counts=True
    )
    owners = np.bincount(uses[1], minlength=len(holds.kind))
    rare = (owners <= MAX_OWNERS) | (holds.operators <= MAX_OPERATORS)
    fit = (owners > 1)[uses[1]] & rare[uses[1]]
    uses, members = uses[:, fit], members[fit]
    left, right, bits, count, kinds = _compare(uses, owners, holds.kind, groups)
    big = np.maximum(sizes[left], sizes[right]) > 1
    needed = np.log2(max(len(left), 1)) + MARGIN_BITS
    joined = big & (bits >= needed) & ((kinds >= 2) | (count >= 3))
    ends = np.concatenate(
        [np.stack([left[joined], right[joined]]), _in_common(uses, members, sizes, holds)], axis=1
    )
    return renumber(components(ends[0], ends[1], groups)[label])


def _in_common(uses: Ints, members: Ints, sizes: Ints, holds: Holds) -> Ints:
    """Return pairs of groups, shape (2, n), most of whose accounts use one card or device."""
    most = np.isin(holds.kind[uses[1]], holds.personal) & (sizes[uses[0]] > 1)
    most &= members >= MOST * sizes[uses[0]]
    group, value = uses[0][most], uses[1][most]
    order = np.argsort(value, kind="stable")
    group, value = group[order], value[order]
    same = value[1:] == value[:-1]
    pairs: Ints = np.stack([group[:-1][same], group[1:][same]])
    return pairs


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
