"""What is left of a group of accounts when one value is taken away, for every value at once.

One walk in depth over accounts and values finds all cut vertices (Hopcroft and Tarjan 1973) and
counts, for each value, the parts that its removal would leave: linear in the number of uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from forensics.cluster.communities import components
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints
from forensics.ordered import distinct


@dataclass(frozen=True)
class Parts:
    """The parts that a value's removal leaves, one entry per value and part; two parts or more.

    `people` are the accounts of the part, `using` those of them that use the value. `of_use` is
    per use the entry of its value and of the part that its account is in, -1 where the value's
    removal leaves one part.
    """

    value: Ints
    people: Ints
    using: Ints
    of_use: Ints


def find_parts(holds: Holds) -> Parts:
    """Return the parts that every value's removal leaves of what it holds together."""
    accounts, values = holds.size, int(holds.value.max(initial=-1)) + 1
    seen, parent, low, below = _walk(holds, accounts + values)
    piece = components(holds.account, holds.value + accounts, accounts + values)
    people = np.bincount(piece[:accounts], minlength=int(piece.max()) + 1)
    node = holds.value + accounts
    child = _child_above(holds.account, node, seen, parent)
    # A child of the value from which nothing reaches past the value is a part; all else is one.
    cut_off = (child >= 0) & (low[child] >= seen[node])
    branch = np.where(cut_off, child, -1)
    codes, of_use, using = np.unique(
        holds.value * (accounts + 1) + branch + 1, return_inverse=True, return_counts=True
    )
    value, branch = codes // (accounts + 1), codes % (accounts + 1) - 1
    held = np.where(branch >= 0, below[branch], 0)
    apart = np.bincount(value, weights=held, minlength=values)
    held = np.where(branch >= 0, held, people[piece[value + accounts]] - apart[value]).astype(int)
    several = np.bincount(value, minlength=values)[value] > 1
    entry = np.where(several, np.cumsum(several) - 1, -1)
    return Parts(value[several], held[several], using[several].astype(np.int64), entry[of_use])


def _child_above(account: Ints, node: Ints, seen: Ints, parent: Ints) -> Ints:
    """Return per use the child of the value whose subtree the account is in, -1 if it is above."""
    below = seen[account] > seen[node]
    children = np.flatnonzero(parent >= 0)
    order = children[np.lexsort((seen[children], parent[children]))]
    width = len(seen) + 1
    place = np.searchsorted(
        parent[order] * width + seen[order], node * width + seen[account], side="right"
    )
    child: Ints = np.where(below, order[np.maximum(place - 1, 0)], -1)
    return child


def _walk(holds: Holds, nodes: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Walk in depth from every node that was not seen yet.

    Returns per node its place in the walk, its parent (-1 for a start), the first place that its
    subtree has a use to, and the accounts of its subtree.
    """
    a, b = holds.account, holds.value + holds.size
    ends = (np.concatenate([a, b]), np.concatenate([b, a]))
    table = csr_array((np.ones(2 * len(a), dtype=np.int8), ends), shape=(nodes, nodes))
    near, stop = table.indices.tolist(), table.indptr[1:].tolist()
    at = table.indptr[:-1].tolist()
    place, parent = [-1] * nodes, [-1] * nodes
    order: list[int] = []
    for start in distinct(a).tolist():
        if place[start] >= 0:
            continue
        place[start] = len(order)
        order.append(start)
        here = start
        while here >= 0:
            if at[here] == stop[here]:
                here = parent[here]
                continue
            nearby = near[at[here]]
            at[here] += 1
            if place[nearby] < 0:
                place[nearby], parent[nearby] = len(order), here
                order.append(nearby)
                here = nearby
    seen = np.array(place, dtype=np.int64)
    low = seen.copy()
    np.minimum.at(low, ends[0], seen[ends[1]])
    reach, below = low.tolist(), (np.arange(nodes) < holds.size).astype(np.int64).tolist()
    for node in reversed(order):
        above = parent[node]
        if above >= 0:
            reach[above] = min(reach[above], reach[node])
            below[above] += below[node]
    return seen, np.array(parent, dtype=np.int64), np.array(reach), np.array(below)
