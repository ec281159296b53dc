"""Methods that a user could take instead: each gives labels of accounts at several settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.quality.peers.components import capped_components, components
from benchmarks.quality.peers.evilcohort import evilcohort
from benchmarks.quality.peers.fraudar import fraudar
from benchmarks.quality.peers.modularity import leiden, louvain
from benchmarks.quality.peers.splink import splink
from benchmarks.quality.peers.synchrotrap import synchrotrap
from benchmarks.quality.peers.uses import Ints, Uses

Peer = Callable[[Uses], Iterator[tuple[str, Ints]]]
PEERS: dict[str, Peer] = {
    "components": components,
    "components, hub cap": capped_components,
    "Louvain": louvain,
    "Leiden": leiden,
    "EvilCohort": evilcohort,
    "SynchroTrap": synchrotrap,
    "FRAUDAR": fraudar,
    "Splink 5": splink,
}
