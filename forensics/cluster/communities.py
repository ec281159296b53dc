"""Communities of linked accounts: Leiden on the constant Potts model, component by component.

CPM (Traag, Van Dooren and Nesterov 2011) has no resolution limit; Leiden (Traag, Waltman and
van Eck 2019) keeps communities connected. Links are the strongest few per account, so density
falls with size: the resolution is set fine, and `merge` puts back together what it cuts.
"""

from __future__ import annotations

import random

import igraph
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
RESOLUTION = 0.01
ITERATIONS = 2
ROUNDS = 5
#: Strong links that must run between two groups: so many, and so many per account of the smaller.
JOIN_BASE = 0.7
JOIN_PER_ACCOUNT = 0.3
#: And per account of the smaller group such a share of what links it to its own: parts of one
#: operator's accounts reach 0.13 and more, rings that rent from one supplier 0.12 and less.
JOIN_SHARE = 0.125
FULL_BITS = 8.0  # match weight from which a link counts fully


def link_strength(probability: np.ndarray) -> np.ndarray:
    """Return how much a link counts, in [0.02, 1]: its match weight over `FULL_BITS`."""
    bits = np.log2(probability / np.maximum(1 - probability, 1e-9))
    strength: np.ndarray = np.clip(bits / FULL_BITS, 0.02, 1)
    return strength


def communities(a: Ints, b: Ints, weight: np.ndarray, size: int, seed: int) -> Ints:
    """Return the community of each of `size` accounts; one without a link is alone in its own.

    `a`, `b` and `weight` (in [0, 1]) are the links. Communities are numbered by first account.
    """
    is_linked = np.zeros(size, dtype=bool)
    is_linked[a] = is_linked[b] = True
    linked, place = np.flatnonzero(is_linked), np.cumsum(is_linked) - 1
    # Plain numbers, for igraph takes ten times as long to read an array.
    ends = (place[end].tolist() for end in (a, b))
    graph = igraph.Graph(n=len(linked), edges=zip(*ends, strict=True))
    igraph.set_random_number_generator(random.Random(seed))
    found = graph.community_leiden(
        objective_function="CPM",
        weights=weight.tolist(),
        resolution=RESOLUTION,
        n_iterations=ITERATIONS,
    )
    label = np.arange(size) + len(linked)
    label[linked] = found.membership
    return renumber(label)


def join_dense(label: Ints, a: Ints, b: Ints, weight: np.ndarray) -> Ints:
    """Return the groups after joining those that many links for their size run between.

    Links are the strongest few per account, so what is asked of them grows with the size of the
    smaller group, not with the product of both as in CPM.
    """
    for _ in range(ROUNDS):
        groups = int(label.max(initial=-1)) + 1
        sizes = np.bincount(label, minlength=groups)
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        across = low != high
        between = coo_array((weight[across], (low[across], high[across])), shape=(groups, groups))
        between.sum_duplicates()
        left, right = (c.astype(np.int64) for c in between.coords)
        inside = 2 * np.bincount(label[a], weights=np.where(across, 0, weight), minlength=groups)
        small = np.where(sizes[left] <= sizes[right], left, right)
        joined = between.data >= JOIN_BASE + JOIN_PER_ACCOUNT * sizes[small]
        joined &= between.data >= JOIN_SHARE * inside[small]
        if not joined.any():
            break
        label = renumber(components(left[joined], right[joined], groups)[label])
    return label


def components(a: Ints, b: Ints, size: int) -> Ints:
    """Return the connected component of each account."""
    edges = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    _, label = connected_components(edges, directed=False)
    return renumber(label)


def renumber(label: npt.NDArray[np.integer]) -> Ints:
    """Number groups 0, 1, … in the order in which they first appear."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[inverse]
    return numbered
