"""Connected components of accounts that share a value, with and without a hub cap.

What most teams build first: two accounts that share a card, a device, an address are one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import bmat
from scipy.sparse.csgraph import connected_components

from benchmarks.quality.peers.uses import CONTACTS, HARD, PLACES, Uses, without_singles

KINDS = {"cards, devices": HARD, "and addresses": PLACES, "and e-mail, phone": CONTACTS}
CAPS = (5, 10, 20, 50, 100)


def components(uses: Uses) -> Iterator[tuple[str, np.ndarray]]:
    """Give the components on every set of kinds, no cap."""
    for words, kinds in KINDS.items():
        yield words, _label(uses, kinds, None)


def capped_components(uses: Uses) -> Iterator[tuple[str, np.ndarray]]:
    """Give the components without values of more than some number of accounts."""
    for words, kinds in {**KINDS, "everything": None}.items():
        for cap in CAPS:
            yield f"{words}; at most {cap} accounts to a value", _label(uses, kinds, cap)


def _label(uses: Uses, kinds: tuple[str, ...] | None, cap: int | None) -> np.ndarray:
    matrix = uses.matrix(kinds, cap)
    _, label = connected_components(bmat([[None, matrix], [matrix.T, None]]), directed=False)
    return without_singles(label[: uses.size])
