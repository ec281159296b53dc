"""SynchroTrap's rule (Cao, Yang, Yu and Palow 2014, sections 4 and 5).

Two actions match when they are on one target within a time window; two accounts are as similar as
the Jaccard index of their matched actions of one type; pairs above a threshold are joined, and
connected components reported. Windows lie on a fixed grid here, as in the paper's daily jobs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from benchmarks.quality.peers.uses import Ints, Uses, component_labels, projection

WINDOWS = {"an hour": 3_600, "a day": 86_400, "a week": 604_800, "ever": 1e12}
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
TYPES = ("payment", "ip", "device", "template")


def synchrotrap(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give the components at every window and threshold."""
    for words, window in WINDOWS.items():
        pairs = [_similar(uses, kind, window) for kind in TYPES]
        a, b, similar = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        for threshold in THRESHOLDS:
            kept = similar >= threshold
            label = component_labels(a[kept], b[kept], uses.size)
            yield f"window {words}; Jaccard {threshold:g}", label


def _similar(uses: Uses, kind: str, window: float) -> tuple[Ints, Ints, np.ndarray]:
    """Return account pairs and the Jaccard index of their actions of one type."""
    mine = uses.kind[uses.event_value] == kind
    account, value = uses.event_account[mine], uses.event_value[mine]
    slot = (uses.event_s[mine] // window).astype(np.int64)
    slot -= slot.min(initial=0)
    actions = np.unique(np.stack([account, value * (int(slot.max(initial=0)) + 1) + slot]), axis=1)
    _, column = np.unique(actions[1], return_inverse=True)
    number = np.bincount(actions[0], minlength=uses.size)
    shape = (uses.size, int(column.max(initial=0)) + 1)
    matrix = csr_array((np.ones(len(column)), (actions[0], column)), shape=shape)
    a, b, both = projection(matrix)
    return a, b, both / (number[a] + number[b] - both)
