"""Weak groups: accounts that no pair links, but that many weak pairs and a profile join.

A careful campaign rents a pool of exits, and each of its accounts has one in common with a few
others: no pair is a link, together they make a community. Strangers on the lines of one town make
one too. What tells them apart is what else the members have in common: those that don't fit the
rest (`fit.py`) leave, and a group of which few are left is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.communities import communities, renumber
from forensics.cluster.fit import KINDS_OF_ONES_OWN, fitting
from forensics.cluster.fits import fits_of
from forensics.cluster.marks import DOMAIN, MARKS, Marks
from forensics.cluster.profile import MIN_MEMBERS
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints

#: Thousandths of a bit by which a pair may fall short of even odds, and from there to where it
#: counts fully. What falls short by more is hardly kept by linkage.
SHORT, FULL = 10_000, 8_000
#: Members that fit: so many, and such a share of those that weak pairs join.
LEAST, MOST = 10, 0.5
ROUNDS = 8
#: Here not even a mail domain is one's own: customers of a mail relay have one, and its exits.
KINDS = [kind for kind in KINDS_OF_ONES_OWN if kind != MARKS.index(DOMAIN)]


@dataclass(frozen=True)
class Weak:
    """Pairs of accounts, links among them, and how much each counts, in [0.02, 1]."""

    a: Ints
    b: Ints
    strength: np.ndarray

    def where(self, kept: npt.NDArray[np.bool_]) -> Weak:
        """Return the pairs that are to be kept."""
        return Weak(self.a[kept], self.b[kept], self.strength[kept])


def weak_pairs(linkage: Linkage) -> Weak:
    """Return the pairs that may join accounts together with others."""
    kept = linkage.total > -SHORT
    strength = np.clip((linkage.total[kept] + SHORT) / FULL, 0.02, 1)
    return Weak(linkage.pairs.a[kept], linkage.pairs.b[kept], strength)


def group_weak(label: Ints, weak: Weak, marks: Marks, seed: int) -> Ints:
    """Return the groups with those added of accounts that are in none with marks of its own."""
    free = np.bincount(label)[label] < MIN_MEMBERS
    kept = free[weak.a] & free[weak.b]
    a, b, strength = (x[kept] for x in (weak.a, weak.b, weak.strength))
    if not len(a):
        return label
    found = communities(a, b, strength, len(label), seed)
    began = np.bincount(found)
    group = np.where(began[found] >= LEAST, found, -1)
    alone = len(began) + np.arange(len(label))
    for _ in range(ROUNDS):
        members = np.flatnonzero(group >= 0)
        if not len(members):
            return label
        fits = fits_of(np.where(group >= 0, group, alone), marks, members)
        fit = fitting(fits, members, marks, KINDS)
        group[members[~fit]] = -1
        left = np.bincount(group[group >= 0], minlength=len(began))
        told = (left >= LEAST) & (left >= MOST * began)
        group[(group >= 0) & ~told[group]] = -1
        if fit.all():
            break
    return renumber(np.where(group >= 0, len(label) + group, label))
