"""Peel: members that the rest of their cluster does not hold go."""

from __future__ import annotations

import numpy as np

from forensics.cluster.communities import renumber
from forensics.link.uses import Ints

MIN_HOLD = 0.5
ROUNDS = 3
#: Where the others are held far better, a member needs more than an even chance: a share of the
#: bits of the median member, up to so many. A stranger who happens to live behind an address of a
#: campaign is held by two or three bits, its accounts by twenty.
SHARE_OF_MEDIAN, MOST_BITS = 0.2, 4.5
CERTAIN = 1e-12


def hold_of(label: Ints, a: Ints, b: Ints, probability: np.ndarray) -> np.ndarray:
    """Return per account how surely its cluster holds it: its strongest link inside."""
    inside = label[a] == label[b]
    hold = np.zeros(len(label))
    np.maximum.at(hold, a[inside], probability[inside])
    np.maximum.at(hold, b[inside], probability[inside])
    return hold


def peel_loose(label: Ints, a: Ints, b: Ints, probability: np.ndarray) -> Ints:
    """Return the groups without the members that are held too loosely.

    That is by less than `MIN_HOLD`, or, in groups of three and more, by far fewer bits than the
    median member.
    """
    for _ in range(ROUNDS):
        sizes = np.bincount(label)
        hold = hold_of(label, a, b, probability)
        bits = np.log2(np.maximum(hold, CERTAIN) / np.maximum(1 - hold, CERTAIN))
        needed = np.minimum(SHARE_OF_MEDIAN * _median(bits, label), MOST_BITS)[label]
        loose = (hold < MIN_HOLD) | ((sizes[label] > 2) & (bits < needed))
        loose &= sizes[label] > 1
        if not loose.any():
            break
        alone = int(label.max(initial=-1)) + 1 + np.arange(int(loose.sum()))
        label = label.copy()
        label[loose] = alone
        label = renumber(label)
    return label


def _median(value: np.ndarray, label: Ints) -> np.ndarray:
    """Return the (lower) median of each group's values."""
    order = np.lexsort((value, label))
    sizes = np.bincount(label)
    start = np.cumsum(sizes) - sizes
    median: np.ndarray = value[order[start + (sizes - 1) // 2]]
    return median
