"""Random draws that several parts of the simulator share."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rng = np.random.Generator


def rng_for(seed: int, *component: str | int) -> Rng:
    """Return the generator of one component: parts draw apart, so one can change alone."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, component)).encode())])


def group_sizes(rng: Rng, total: int, low: int, high: int, exponent: float = 1.8) -> Ints:
    """Return sizes in [low, high] by a power law (density size^-exponent) that add up to `total`.

    The last one takes what is left, so that a total below `low` gives a single smaller group.
    """
    if total <= 0:
        return np.zeros(0, np.int64)
    high = max(low, min(high, total))
    u = rng.random(total // low + 1)
    k = 1 - exponent
    sizes = ((high + 1) ** k - low**k) * u + float(low) ** k
    sizes = np.clip(np.floor(sizes ** (1 / k)), low, high).astype(np.int64)
    ends = np.cumsum(sizes)
    count = int(np.searchsorted(ends, total)) + 1
    sizes = sizes[:count]
    sizes[-1] -= ends[count - 1] - total
    if count > 1 and sizes[-1] < low:
        sizes[-2] += sizes[-1]
        sizes = sizes[:-1]
    return np.asarray(sizes)


def members(sizes: Ints) -> Ints:
    """Return the group number of each account of consecutive groups of these sizes."""
    return np.repeat(np.arange(len(sizes)), sizes)


def firsts(sizes: Ints) -> Ints:
    """Return the place of the first account of each of consecutive groups of these sizes."""
    return np.asarray(np.cumsum(sizes) - sizes)


def rank_within(rng: Rng, group: Ints) -> Ints:
    """Return each account's place, from 0, in a random order of its group."""
    order = np.lexsort((rng.random(len(group)), group))
    first = np.searchsorted(group[order], group[order], side="left")
    rank = np.empty(len(group), np.int64)
    rank[order] = np.arange(len(group)) - first
    return rank


def shared(rng: Rng, group: Ints, per: float | Reals) -> tuple[Ints, int]:
    """Deal out values inside groups so that about `per` accounts share each.

    Returns:
        The value of each account, numbered from 0 over all groups, and how many there are.
    """
    if not len(group):
        return np.zeros(0, np.int64), 0
    sizes = np.bincount(group)
    counts = np.ceil(sizes / np.maximum(per, 1.0)).astype(np.int64)
    first = np.cumsum(counts) - counts
    return first[group] + rank_within(rng, group) % counts[group], int(counts.sum())


def mix(key: Any) -> NDArray[np.uint64]:
    """Scramble whole numbers one to one (the finaliser of splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = np.asarray(key).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))
