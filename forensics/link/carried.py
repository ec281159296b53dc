"""Kinds of value that say once more what another says: that lie on devices, or are copies.

Whoever share a cookie share its device too, and whoever share the name of a host its address. Such
a value is no second kind of evidence beside the other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forensics.link.operators import OWNED
from forensics.link.uses import Comparison

#: A value lies on another that so many of its users have, a kind on another comparison if so many
#: of its shared values do, by their users.
OF_USERS, OF_VALUES = 0.9, 0.5
#: Who has a copy has nearly as many values of it as of the original. (A cookie and a line that the
#: same few have are two things: accounts have more lines than browsers.)
OF_USES = 0.75
#: Fewer shared values than this tell nothing of a kind: a ring may do all it does on one device.
LEAST = 10


def mark_carried(comparisons: dict[str, Comparison]) -> dict[str, Comparison]:
    """Return the comparisons, those of kinds that the user added marked if another carries them.

    A device carries what lies on it; an address, and another such kind, only copies of itself:
    that the users of a tax number have a line in common does not make it follow from the line.
    Of kinds that are copies of each other the first by name carries the rest.
    """
    marked = dict(comparisons)
    added = [name for name in sorted(comparisons) if name not in OWNED]
    for name in added:
        before = [other for other in added if other < name and marked[other].carrier is None]
        for other in ("device", "address", *before):
            carries = comparisons.get(other)
            if carries and _lies_on(comparisons[name], carries, copied=other != "device"):
                marked[name] = replace(comparisons[name], carrier=other)
                break
    return marked


def _lies_on(comparison: Comparison, other: Comparison, *, copied: bool) -> bool:
    """Return whether the users of a shared value mostly have one value of another in common.

    If it is to be a copy, hardly anybody else may have that, and nobody much more of the other.
    """
    shared = np.flatnonzero(comparison.counts > 1)
    both = comparison.present & other.present
    fewer = both[comparison.account].sum() < OF_USES * both[other.account].sum()
    if len(shared) < LEAST or (copied and fewer):
        return False
    users = comparison.counts[shared]
    together = (comparison.matrix.tocsc()[:, shared].T.tocsr() @ other.matrix).tocsr()
    if copied:
        together.data[together.data < OF_USERS * other.counts[together.indices]] = 0
    on_one = together.max(axis=1).toarray().ravel() >= OF_USERS * users
    return bool((users * on_one).sum() >= OF_VALUES * users.sum())
