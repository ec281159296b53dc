"""Part: what two rings borrow does not make them one.

Addresses are borrowed (a proxy's exit, a provider's line), and so is any value that is seen to have
more than one operator. Of an exit that may not be seen: one lent card makes its users look like one
operator's. Parts of a cluster that are each held together by values of their own are apart if they
have one borrowed value in common, or none; with two and more they stay together, since one operator
rents many exits. So a lent card, which `split` cuts, and a shared exit don't merge two rings, nor
does an exit that all of both use.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.cluster.merge import MAX_OPERATORS
from forensics.cluster.split import MIN_PART, split_bridged
from forensics.link.uses import Ints

MIN_BORROWED = 2  # values in common that keep two parts together


def part_borrowed(label: Ints, holds: Holds) -> Ints:
    """Return the groups after those are parted that only one borrowed value holds together."""
    borrowed = (holds.operators > MAX_OPERATORS) | holds.is_of("ip")
    own = ~borrowed[holds.value]
    piece = _pieces(split_bridged(label, holds.uses(own)), holds.uses(own))
    group = np.zeros(int(piece.max(initial=-1)) + 1, dtype=np.int64)
    group[piece] = label
    people = np.bincount(piece, minlength=len(group))
    parts = np.bincount(group[people >= MIN_PART], minlength=int(label.max(initial=-1)) + 1)
    asked = (parts > 1)[label]
    if not asked.any():
        return label
    a, b, common = _in_common(piece, group, holds.uses(~own & asked[holds.account]))
    ends = np.concatenate(
        [
            np.stack([a, b])[:, (common >= MIN_BORROWED) & (people[a] >= MIN_PART)],
            _homes(piece[asked], group, people, a, b, common),
        ],
        axis=1,
    )
    joined = components(ends[0], ends[1], len(group))[piece]
    return renumber(np.where(asked, joined + int(label.max()) + 1, label))


def _pieces(label: Ints, holds: Holds) -> Ints:
    """Number the accounts by what is connected within their group."""
    within = holds.among(label)
    nodes = within.size + int(within.value.max(initial=-1)) + 1
    return renumber(components(within.account, within.value + within.size, nodes)[: within.size])


def _in_common(piece: Ints, group: Ints, borrowed: Holds) -> tuple[Ints, Ints, Ints]:
    """Return pairs of pieces of one group, the second large, and the values they have in common."""
    shape = (len(group), len(borrowed.kind))
    uses = csr_array(
        (np.ones(len(borrowed.account)), (piece[borrowed.account], borrowed.value)), shape=shape
    )
    uses.sum_duplicates()
    uses.data[:] = 1
    both = coo_array(uses @ uses.T)
    a, b = (ends.astype(np.int64) for ends in both.coords)
    large = np.bincount(piece, minlength=len(group)) >= MIN_PART
    kept = (group[a] == group[b]) & (a != b) & large[b]
    return a[kept], b[kept], both.data[kept].astype(np.int64)


def _homes(asked: Ints, group: Ints, people: Ints, a: Ints, b: Ints, common: Ints) -> Ints:
    """Return each piece too small to stand alone, and the large one it goes with, shape (2, n).

    That is the one with which it has most in common, or else the largest.
    """
    pieces = np.unique(asked)
    small, large = pieces[people[pieces] < MIN_PART], pieces[people[pieces] >= MIN_PART]
    large = large[np.lexsort((large, -people[large], group[large]))]
    groups, first = np.unique(group[large], return_index=True)
    largest = large[first][np.searchsorted(groups, group[small])]
    mine = people[a] < MIN_PART
    a, b = np.concatenate([a[mine], small]), np.concatenate([b[mine], largest])
    common = np.concatenate([common[mine], np.zeros(len(small), dtype=np.int64)])
    order = np.lexsort((b, -people[b], -common, a))
    best = order[np.unique(a[order], return_index=True)[1]]
    homes: Ints = np.stack([a[best], b[best]])
    return homes
