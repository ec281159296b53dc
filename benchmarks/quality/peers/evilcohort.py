"""EvilCohort's rule (Stringhini, Mourlanne, Jacob, Egele, Kruegel and Vigna 2015, section 3).

Accounts are joined by the number of addresses that both have used; edges under a threshold go;
Louvain's communities are what is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.quality.peers.modularity import louvain_labels, weighted_graph
from benchmarks.quality.peers.uses import Ints, Uses, projection

SHARED = (1, 2, 3, 4, 5, 7, 10)


def evilcohort(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give the communities at every threshold of shared addresses; the paper used 10."""
    a, b, shared = projection(uses.matrix(("ip",)))
    for least in SHARED:
        kept = shared >= least
        graph = weighted_graph(uses.size, a[kept], b[kept], shared[kept])
        yield f"{least} shared addresses or more", louvain_labels(graph)
