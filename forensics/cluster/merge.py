"""Merge: clusters become accounts, and their shared values are tested against chance.

What holds a large campaign together is often weaker than any one pair shows. So clusters are
compared like accounts: by kind of evidence, the rare values that two of them share are counted
against the Poisson mean that their numbers of values would give if values fell at random
(a configuration model). One shared value joins two clusters only if it is a card or a device that
most accounts of both use: one lent card never does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.stats import poisson

from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints
from forensics.ordered import distinct

CAP_BITS = 12.0  # of one kind, when one value alone is shared
MARGIN_BITS = 8.0
ROUNDS = 5
MOST = 0.6
MIN_VALUES = 3  # that two clusters share, of two kinds at least
MAX_OPERATORS = 1.6  # a value that is seen to have more operators joins no clusters
MAX_OF_OWN = 10.0  # unless hardly anybody but such clusters uses it
#: Of so many accounts and more, a line or a template that one alone uses is his own: an employee
#: whose line at home is a campaign's proxy too does not make his company part of it.
LARGE = 8


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
    codes = label[holds.account] * max(len(holds.kind), 1) + holds.value
    codes, members = np.unique(codes, return_counts=True)
    uses = np.stack(np.divmod(codes, max(len(holds.kind), 1)))
    owners = np.bincount(uses[1], minlength=len(holds.kind))
    fit = ((holds.operators <= MAX_OPERATORS) & (owners > 1))[uses[1]]
    fit &= (members > 1) | holds.personal[uses[1]] | (sizes[uses[0]] < LARGE)
    left, right, bits, kinds, count = _compare(uses, owners, fit, holds.kind, groups)
    big = np.maximum(sizes[left], sizes[right]) > 1
    needed = np.log2(max(len(left), 1)) + MARGIN_BITS
    joined = big & (bits >= needed) & (kinds >= 2) & (count >= MIN_VALUES)
    ends = np.concatenate(
        [np.stack([left[joined], right[joined]]), _in_common(uses, members, sizes, holds)], axis=1
    )
    return renumber(components(ends[0], ends[1], groups)[label])


def _in_common(uses: Ints, members: Ints, sizes: Ints, holds: Holds) -> Ints:
    """Return pairs of groups, shape (2, n), most of whose accounts use one card or device.

    One that seems to have more operators will do if hardly anybody but such groups uses it: the
    staff of a company on one card need not share anything else.
    """
    most = holds.personal[uses[1]] & (sizes[uses[0]] > 1)
    most &= members >= MOST * sizes[uses[0]]
    users = np.bincount(uses[1], weights=members, minlength=len(holds.kind))
    theirs = np.bincount(uses[1][most], weights=members[most], minlength=len(holds.kind))
    own = (holds.operators <= MAX_OF_OWN) & (2 * theirs >= users)
    fit = own | (holds.operators <= MAX_OPERATORS)
    most &= fit[uses[1]]
    group, value = uses[0][most], uses[1][most]
    order = np.argsort(value, kind="stable")
    group, value = group[order], value[order]
    same = value[1:] == value[:-1]
    pairs: Ints = np.stack([group[:-1][same], group[1:][same]])
    return pairs


def _compare(
    uses: Ints, owners: Ints, fit: npt.NDArray[np.bool_], kind: Ints, groups: int
) -> tuple[Ints, Ints, np.ndarray, Ints, Ints]:
    """Return the pairs of groups that share a value by a fit use; bits, kinds, values in common.

    Chance is drawn from all uses of a kind; only `fit` uses count as shared.
    """
    codes, bits, counts = [np.empty(0, dtype=np.int64)], [np.empty(0)], [np.empty(0)]
    for number in np.unique(kind):
        every = uses[:, kind[uses[1]] == number]
        mine = uses[:, fit & (kind[uses[1]] == number)]
        if mine.shape[1] == 0:
            continue
        shape = (groups, len(kind))
        matrix = csr_array((np.ones(mine.shape[1]), (mine[0], mine[1])), shape=shape)
        both = coo_array(matrix @ matrix.T)
        a, b = (c.astype(np.int64) for c in both.coords)
        a, b, count = a[a < b], b[a < b], both.data[a < b]
        degree = np.bincount(every[0], minlength=groups)
        used = owners[distinct(mine[1])]
        density = float((used * (used - 1.0)).sum()) / float(every.shape[1]) ** 2
        tail = poisson.logsf(count - 1, np.maximum(degree[a] * degree[b] * density, 1e-6))
        codes.append(a * groups + b)
        counts.append(count)
        bits.append(np.minimum(-tail / np.log(2), CAP_BITS * count))
    pairs, inverse = np.unique(np.concatenate(codes), return_inverse=True)
    total = np.bincount(inverse, weights=np.concatenate(bits), minlength=len(pairs))
    kinds = np.bincount(inverse, minlength=len(pairs))
    values = np.bincount(inverse, weights=np.concatenate(counts), minlength=len(pairs))
    return pairs // groups, pairs % groups, total, kinds.astype(np.int64), values.astype(np.int64)
