"""How well a cluster's evidence corroborates itself: bits in all, and bits without the strongest.

For each member its best link inside the cluster counts, so that a cluster is as good as the
evidence that holds each of its accounts, not as its one best pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.link.linkage import Linkage
from forensics.link.uses import Ints

MAX_BITS = 24_000  # thousandths: beyond this a link can't become more certain


@dataclass(frozen=True)
class Corroboration:
    """Per group, in bits: means over members of the best link inside.

    `total` is the match weight, prior included; `second` the evidence beyond the strongest kind,
    without the prior; `kinds` how many kinds add two bits or more.
    """

    total: np.ndarray
    second: np.ndarray
    kinds: np.ndarray


def kind_bits(linkage: Linkage) -> dict[str, Ints]:
    """Return the evidence per kind and pair, in thousandths of a bit."""
    found: dict[str, Ints] = {}
    for o in linkage.observations:
        found[o.kind] = found.get(o.kind, 0) + linkage.bits[o.name]
    return found


def corroborate(linkage: Linkage, label: Ints) -> Corroboration:
    """Measure every group of a labelling (shape: accounts)."""
    a, b = linkage.pairs.a, linkage.pairs.b
    inside = np.flatnonzero(label[a] == label[b])
    groups = int(label.max(initial=-1)) + 1
    bits = kind_bits(linkage)
    by_kind = np.stack([bits[k][inside] for k in sorted(bits)]) if bits else np.zeros((1, 0))
    total = linkage.total[inside]
    second = by_kind.sum(axis=0) - by_kind.max(axis=0, initial=0)
    means = [
        _mean_best(np.minimum(value, MAX_BITS), a[inside], b[inside], label, groups)
        for value in (total, second, (by_kind >= 2000).sum(axis=0) * 1000)
    ]
    return Corroboration(*(m / 1000 for m in means))


def _mean_best(value: np.ndarray, a: Ints, b: Ints, label: Ints, groups: int) -> np.ndarray:
    best = np.full(len(label), -MAX_BITS, dtype=np.int64)
    np.maximum.at(best, a, value.astype(np.int64))
    np.maximum.at(best, b, value.astype(np.int64))
    sums = np.bincount(label, weights=best, minlength=groups)
    mean: np.ndarray = sums / np.maximum(np.bincount(label, minlength=groups), 1)
    return mean
