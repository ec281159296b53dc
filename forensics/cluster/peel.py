"""Peel: members that the rest of their cluster does not hold go."""

from __future__ import annotations

import numpy as np

from forensics.cluster.communities import renumber
from forensics.cluster.links import Links
from forensics.link.uses import Ints

MIN_HOLD = 0.5
ROUNDS = 3
#: Where the others are held far better, a member needs more than an even chance: a share of the
#: bits of the median member, up to so many. A stranger whose line a campaign borrows as a proxy is
#: held by its address, and by a few bits, the campaign's accounts by twenty and more.
SHARE_OF_MEDIAN, MOST_BITS = 0.25, 9.0
#: The same for a member that a card, a device or an identifier holds.
SHARE_IF_PERSONAL, MOST_IF_PERSONAL = 0.1, 3.0
CERTAIN = 1e-12


def hold_of(label: Ints, links: Links) -> np.ndarray:
    """Return per account how surely its cluster holds it: its strongest link inside."""
    inside = label[links.a] == label[links.b]
    hold = np.zeros(len(label))
    for end in (links.a, links.b):
        np.maximum.at(hold, end[inside], links.probability[inside])
    return hold


def peel_loose(label: Ints, links: Links) -> Ints:
    """Return the groups without the members that are held too loosely.

    That is by less than `MIN_HOLD`, or, in groups of three and more, by far fewer bits than the
    median member; fewer are asked for of what is somebody's own than of addresses and templates.
    """
    for _ in range(ROUNDS):
        sizes = np.bincount(label)
        hold = hold_of(label, links)
        bits, personal = _bits(hold), _bits(hold_of(label, links.where(links.personal)))
        median = _median(bits, label)[label]
        weak = bits < np.minimum(SHARE_OF_MEDIAN * median, MOST_BITS)
        weak &= personal < np.minimum(SHARE_IF_PERSONAL * median, MOST_IF_PERSONAL)
        loose = (sizes[label] > 1) & ((hold < MIN_HOLD) | ((sizes[label] > 2) & weak))
        if not loose.any():
            break
        alone = int(label.max(initial=-1)) + 1 + np.arange(int(loose.sum()))
        label = label.copy()
        label[loose] = alone
        label = renumber(label)
    return label


def _bits(probability: np.ndarray) -> np.ndarray:
    bits: np.ndarray = np.log2(
        np.maximum(probability, CERTAIN) / np.maximum(1 - probability, CERTAIN)
    )
    return bits


def _median(value: np.ndarray, label: Ints) -> np.ndarray:
    """Return the (lower) median of each group's values."""
    order = np.lexsort((value, label))
    sizes = np.bincount(label)
    start = np.cumsum(sizes) - sizes
    median: np.ndarray = value[order[start + (sizes - 1) // 2]]
    return median
