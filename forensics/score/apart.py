"""Lives apart: do the accounts of a cluster have lines and devices that no other member uses?

Guests of a hackathon, a class or a co-working space meet at one address, at one hour and over one
task. That is evidence of one event and not three times that of one operator. What tells them from
a campaign is the rest of their lives: each goes home to a line, and carries a device, of its own.
"""

from __future__ import annotations

import numpy as np

from forensics.link.material import Material
from forensics.link.uses import Comparison, Ints
from forensics.ordered import distinct

#: Kinds of value that a person has for himself. Of addresses it is the prefix: within it they
#: change by themselves.
OWN = ("prefix", "device")


def lives_apart(material: Material, label: Ints, clusters: int) -> np.ndarray:
    """Return per cluster how far its accounts live apart, in [0, 1]; NaN where nothing is known.

    That is the mean over accounts of having a prefix and of having a device that no other member
    of its cluster uses; what is not recorded of an account does not count. `label` numbers the
    cluster of each account of the platform, -1 for none.
    """
    have, known = np.zeros(len(label)), np.zeros(len(label))
    for name in OWN:
        if name in material.comparisons:
            users, owners = _owners(material.comparisons[name], label)
            known[users] += 1
            have[owners] += 1
    told = np.flatnonzero(known)
    share = np.bincount(label[told], have[told] / known[told], minlength=clusters)
    with np.errstate(invalid="ignore"):
        apart: np.ndarray = share / np.bincount(label[told], minlength=clusters)
    return apart


def _owners(comparison: Comparison, label: Ints) -> tuple[Ints, Ints]:
    """Return the clustered accounts that use any value, and those that use one of their own."""
    inside = label[comparison.account] >= 0
    account, value = comparison.account[inside], comparison.value[inside]
    code = label[account] * len(comparison.keys) + value
    _, place, members = np.unique(code, return_inverse=True, return_counts=True)
    return distinct(account), distinct(account[members[place] == 1])
