"""Kinds of value that lie on devices, as cookies do: whoever share one share its device too.

Such a value says once more what the device says, and is no second kind of evidence beside it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forensics.link.operators import OWNED
from forensics.link.uses import Comparison

#: A value lies on a device that so many of its users have, a kind on devices if so many of its
#: shared values do, by their users.
OF_USERS, OF_VALUES = 0.9, 0.5
#: Fewer shared values than this tell nothing of a kind: a ring may do all it does on one device.
LEAST = 10


def mark_carried(comparisons: dict[str, Comparison]) -> dict[str, Comparison]:
    """Return the comparisons, those of kinds that the user added marked if devices carry them."""
    device = comparisons.get("device")
    if device is None:
        return comparisons
    return {
        name: replace(comparison, carried=name not in OWNED and _lies_on(comparison, device))
        for name, comparison in comparisons.items()
    }


def _lies_on(comparison: Comparison, device: Comparison) -> bool:
    """Return whether the users of a shared value mostly have one device in common."""
    shared = np.flatnonzero(comparison.counts > 1)
    if len(shared) < LEAST:
        return False
    users = comparison.counts[shared]
    together = comparison.matrix.tocsc()[:, shared].T.tocsr() @ device.matrix
    on_one = together.max(axis=1).toarray().ravel() >= OF_USERS * users
    return bool((users * on_one).sum() >= OF_VALUES * users.sum())
