"""How well a cluster's evidence corroborates itself: bits without the strongest kind.

For each member its best link inside the cluster counts, so that a cluster is as good as the
evidence that holds each of its accounts, not as its one best pair.
"""

from __future__ import annotations

import numpy as np

from forensics.link.linkage import Linkage
from forensics.link.uses import Ints

MAX_BITS = 24_000  # thousandths: beyond this a link can't become more certain


def corroborate(linkage: Linkage, label: Ints) -> np.ndarray:
    """Return per group of a labelling (shape: accounts) the evidence beyond the strongest kind.

    In bits, without the prior: the mean over members of the most that a link inside has.
    """
    a, b = linkage.pairs.a, linkage.pairs.b
    inside = np.flatnonzero(label[a] == label[b])
    groups = int(label.max(initial=-1)) + 1
    bits = linkage.bits_by_kind(inside)
    by_kind = np.stack([bits[k] for k in sorted(bits)]) if bits else np.zeros((1, 0))
    second = np.minimum(by_kind.sum(axis=0) - by_kind.max(axis=0, initial=0), MAX_BITS)
    best = np.full(len(label), -MAX_BITS, dtype=np.int64)
    np.maximum.at(best, a[inside], second.astype(np.int64))
    np.maximum.at(best, b[inside], second.astype(np.int64))
    sums = np.bincount(label, weights=best, minlength=groups)
    mean: np.ndarray = sums / np.maximum(np.bincount(label, minlength=groups), 1) / 1000
    return mean
