"""Lives apart: do the accounts of a cluster have lines and devices that no other member uses?

Guests of a hackathon, a class or a co-working space meet at one address, at one hour and over one
task. That is evidence of one event and not three times that of one operator. What tells them from
a campaign is the rest of their lives: each goes home to a line, and carries a device, of its own,
and what they have in common was in use for a few days.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from forensics.link.material import Material
from forensics.link.uses import Comparison, Ints
from forensics.ordered import distinct

#: Kinds of value that a person has for himself. Of addresses it is the prefix: within it they
#: change by themselves.
OWN = ("prefix", "device")
#: Where accounts meet.
MEETING = ("address", "device")
DAY = 86_400


def lives_apart(material: Material, label: Ints, clusters: int) -> np.ndarray:
    """Return per cluster how far its accounts live apart, in [0, 1]; NaN where nothing is known.

    That is the mean over accounts of having a prefix and of having a device that no other member
    of its cluster uses; what is not recorded of an account does not count, nor a placeholder.
    `label` numbers the cluster of each account of the platform, -1 for none.
    """
    have, known = np.zeros(len(label)), np.zeros(len(label))
    for name in OWN:
        if name in material.comparisons:
            users, owners = _owners(_real(material.comparisons[name]), label)
            known[users] += 1
            have[owners] += 1
    told = np.flatnonzero(known)
    share = np.bincount(label[told], have[told] / known[told], minlength=clusters)
    with np.errstate(invalid="ignore"):
        apart: np.ndarray = share / np.bincount(label[told], minlength=clusters)
    return apart


def _real(comparison: Comparison) -> Comparison:
    """Return the uses of a comparison without those of placeholders, which are nobody's own."""
    return comparison.take(~comparison.placeholder[comparison.value])


def _owners(comparison: Comparison, label: Ints) -> tuple[Ints, Ints]:
    """Return the clustered accounts that use any value, and those that use one of their own."""
    inside = label[comparison.account] >= 0
    account, value = comparison.account[inside], comparison.value[inside]
    code = label[account] * len(comparison.keys) + value
    _, place, members = np.unique(code, return_inverse=True, return_counts=True)
    return distinct(account), distinct(account[members[place] == 1])


def days_together(material: Material, label: Ints, clusters: int) -> np.ndarray:
    """Return per cluster for how many days its accounts use what they share.

    That is the median, of the accounts that use an address or a device that another member of
    their cluster uses, of the days from their first such use to the last, one at least. NaN where
    fewer than half of the members do, or when is not known. `label` numbers the cluster of each
    account of the platform, -1 for none.
    """
    first, last = np.full(len(label), np.iinfo(np.int64).max), np.zeros(len(label), dtype=np.int64)
    for name in MEETING:
        if name in material.comparisons:
            shared = _shared(_real(material.comparisons[name]), label)
            np.minimum.at(first, shared.account, shared.first_s)
            np.maximum.at(last, shared.account, shared.last_s)
    met = np.flatnonzero(last)
    days = pd.Series(np.maximum(last - first, 0)[met] / DAY + 1).groupby(label[met]).median()
    found = np.full(clusters, np.nan)
    found[days.index] = days
    members = np.bincount(label[label >= 0], minlength=clusters)
    few = 2 * np.bincount(label[met], minlength=clusters) < members
    return np.where(few, np.nan, found)


def _shared(comparison: Comparison, label: Ints) -> Comparison:
    """Return the uses, at known times, of values that two accounts of a cluster use."""
    inside = label[comparison.account] >= 0
    timed = comparison.first_s > 0 if len(comparison.first_s) else np.zeros_like(inside)
    uses = comparison.take(inside & timed)
    code = label[uses.account] * len(uses.keys) + uses.value
    _, place, members = np.unique(code, return_inverse=True, return_counts=True)
    return uses.take(members[place] > 1)
