"""FRAUDAR (Hooi, Song, Beutel, Shah, Shin and Faloutsos 2016), block by block.

Greedy peeling of the bipartite graph of accounts and values: a value of d accounts weighs
1 / log(d + 5); the node whose edges weigh least goes first; the densest state that is met is a
block. Its edges are taken away and the next is looked for.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from benchmarks.quality.peers.uses import CONTACTS, HARD, Ints, Uses

KINDS = {"cards, devices": HARD, "and addresses, e-mail, phone": CONTACTS, "everything": None}
BLOCKS = (1, 3, 6, 10, 15, 20, 30)


def fraudar(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give the accounts in the first 1, 3, … blocks; an account stays in its first block."""
    for words, kinds in KINDS.items():
        left = uses.matrix(kinds)
        label = np.full(uses.size, -1)
        for number in range(1, max(BLOCKS) + 1):
            accounts, values = densest_block(left)
            fresh = accounts[label[accounts] < 0]
            label[fresh] = number - 1
            left = _without(left, accounts, values)
            if number in BLOCKS:
                yield f"{words}; {number} blocks", label.copy()


def densest_block(matrix: csr_array) -> tuple[Ints, Ints]:
    """Return the rows and columns of the densest block that greedy peeling finds."""
    rows = matrix.shape[0]
    degree = np.asarray(matrix.sum(axis=0)).ravel()
    weight = np.where(degree > 0, 1 / np.log(degree + 5), 0)
    by_row, by_column = matrix.tocsr(), matrix.T.tocsr()
    sums = np.concatenate([by_row @ weight, weight * degree])
    alive = sums > 0
    heap = [(sums[v], v) for v in np.flatnonzero(alive).tolist()]
    heapq.heapify(heap)
    total, left = float(sums[:rows].sum()), int(alive.sum())
    best, best_at, gone = total / max(left, 1), 0, []
    sums_list, alive_list, weights = sums.tolist(), alive.tolist(), weight.tolist()
    while heap:
        value, node = heapq.heappop(heap)
        if not alive_list[node] or value != sums_list[node]:
            continue
        alive_list[node] = False
        gone.append(node)
        total, left = total - value, left - 1
        source, at = (by_row, node) if node < rows else (by_column, node - rows)
        near = source.indices[source.indptr[at] : source.indptr[at + 1]].tolist()
        for other in near:
            target = other + rows if node < rows else other
            if alive_list[target]:
                sums_list[target] -= weights[other] if node < rows else weights[at]
                heapq.heappush(heap, (sums_list[target], target))
        if left and total / left > best:
            best, best_at = total / left, len(gone)
    kept = np.setdiff1d(np.flatnonzero(alive), gone[:best_at])
    return kept[kept < rows], kept[kept >= rows] - rows


def _without(matrix: csr_array, accounts: Ints, values: Ints) -> csr_array:
    """Take the edges of a block away."""
    edges = matrix.tocoo()
    row, column = edges.coords
    kept = ~(np.isin(row, accounts) & np.isin(column, values))
    return csr_array((edges.data[kept], (row[kept], column[kept])), shape=matrix.shape)
