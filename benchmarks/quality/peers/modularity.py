"""Louvain (Blondel et al. 2008) and Leiden (Traag et al. 2019) on the account projection.

Two accounts are joined by the values they share, each weighted by the logarithm of its rarity;
communities maximise modularity.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import igraph
import numpy as np
from scipy.sparse import diags_array

from benchmarks.quality.peers.uses import CONTACTS, HARD, Ints, Uses, projection, without_singles

KINDS = {"cards, devices": HARD, "and addresses, e-mail, phone": CONTACTS, "everything": None}
CAPS = (20, 100)
#: Least weight of an edge, in bits.
LEAST = (0.0, 8.0, 16.0)


def louvain(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give Louvain's communities at every setting."""
    for words, graph in _graphs(uses):
        yield words, louvain_labels(graph)


def leiden(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give Leiden's communities at every setting."""
    for words, graph in _graphs(uses):
        igraph.set_random_number_generator(random.Random(1))
        found = graph.community_leiden("modularity", weights="weight", n_iterations=4)
        yield words, without_singles(np.array(found.membership))


def louvain_labels(graph: igraph.Graph) -> Ints:
    """Return the communities of one weighted graph."""
    igraph.set_random_number_generator(random.Random(1))
    found = graph.community_multilevel(weights="weight")
    return without_singles(np.array(found.membership))


def weighted_graph(size: int, a: Ints, b: Ints, weight: np.ndarray) -> igraph.Graph:
    """Return a graph of `size` accounts."""
    return igraph.Graph(n=size, edges=np.column_stack([a, b]), edge_attrs={"weight": weight})


def _graphs(uses: Uses) -> Iterator[tuple[str, igraph.Graph]]:
    bits = np.log2(uses.size / np.maximum(uses.counts, 1))
    for words, kinds in KINDS.items():
        for cap in CAPS:
            weighted = uses.matrix(kinds, cap) @ diags_array(np.sqrt(bits))
            a, b, weight = projection(weighted.tocsr())
            for least in LEAST:
                kept = weight >= least
                name = f"{words}; at most {cap} accounts to a value; edges from {least:g} bits"
                yield name, weighted_graph(uses.size, a[kept], b[kept], weight[kept])
