"""Peel: members that the rest of their cluster does not hold go."""

from __future__ import annotations

import numpy as np

from forensics.cluster.communities import renumber
from forensics.link.uses import Ints

MIN_HOLD = 0.5
ROUNDS = 3


def hold_of(label: Ints, a: Ints, b: Ints, probability: np.ndarray) -> np.ndarray:
    """Return per account how surely its cluster holds it: its strongest link inside."""
    inside = label[a] == label[b]
    hold = np.zeros(len(label))
    np.maximum.at(hold, a[inside], probability[inside])
    np.maximum.at(hold, b[inside], probability[inside])
    return hold


def peel_loose(label: Ints, a: Ints, b: Ints, probability: np.ndarray) -> Ints:
    """Return the groups without the members whose strongest link inside is under `MIN_HOLD`."""
    for _ in range(ROUNDS):
        sizes = np.bincount(label)
        loose = (hold_of(label, a, b, probability) < MIN_HOLD) & (sizes[label] > 1)
        if not loose.any():
            break
        alone = int(label.max(initial=-1)) + 1 + np.arange(int(loose.sum()))
        label = label.copy()
        label[loose] = alone
        label = renumber(label)
    return label
