"""Coincidence: accounts that no pair links, but that have two things of different kinds in common.

A company without payments has a mail domain and an address; a farm whose accounts have a device,
a card and a line each has a template and a range of addresses. Either alone is shared by strangers,
and no pair shows more. That the *same* accounts have both is what chance does not bring about: so
many are held against a Poisson mean, and weighed as a group that they would fit (`profile.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array
from scipy.stats import poisson

from forensics.cluster.communities import renumber
from forensics.cluster.marks import DOMAIN, MARKS, TRAIT, Marks
from forensics.cluster.profile import MIN_MEMBERS, prior_of, weight_of
from forensics.link.uses import Ints

#: Accounts that have a mark, beyond which it is a crowd's; and marks of an account, the rarest
#: first, or five accounts with a million addresses each would make a trillion pairs.
MOST_USERS, MOST_MARKS = 1_000, 64
#: Thousandths of a bit: of the group in all, prior included, and of either mark.
ENOUGH, OF_EACH = 2_000, 2_000
MARGIN_BITS = 20.0  # by which chance is to be excluded, beyond the pairs of marks looked at
#: A mail domain and an address are one organisation's, if hardly anybody has one of them alone and
#: they are no more than this: what is larger may be a school or a provider.
MOST_OF_ORGANISATION, OVERLAP = 50, 0.7
#: Accounts that are in no group yet, of those that have both marks.
FREE = 0.6
MARKS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Coincidences:
    """Sets of accounts, the strongest first: `account[start[i] : start[i + 1]]` is the i-th."""

    account: Ints
    start: Ints


def collect_coincidences(marks: Marks) -> Coincidences:
    """Find the accounts that have two marks in common."""
    first, second, both, uses = _pairs(marks)
    other = [marks.users[mark] - both for mark in (first, second)]
    bits = [weight_of(both, both, o, m, marks) for o, m in zip(other, (first, second), strict=True)]
    total = bits[0] + bits[1] + prior_of(both, marks.size)
    mean = marks.users[first] * marks.users[second] / marks.size
    surprise = -poisson.logsf(both - 1, mean) / np.log(2)
    told = (total >= ENOUGH) & (np.minimum(*bits) >= OF_EACH)
    told &= surprise >= np.log2(max(len(first), 2)) + MARGIN_BITS
    order = np.lexsort((second, first, -total * both))
    order = order[told[order]]
    sets = [np.intersect1d(_users(uses, first[i]), _users(uses, second[i])) for i in order]
    start = np.cumsum([0, *map(len, sets)])
    return Coincidences(np.concatenate([np.empty(0, dtype=np.int64), *sets]), start)


def group_coinciding(label: Ints, together: Coincidences) -> Ints:
    """Return the groups with those added of whom most are in no group that has marks of its own."""
    if len(together.start) < 2:
        return label
    free = np.bincount(label)[label] < MIN_MEMBERS
    sizes = np.diff(together.start)
    still = np.add.reduceat(free[together.account].astype(np.int64), together.start[:-1])
    label = label.copy()
    for i in np.flatnonzero((still >= MIN_MEMBERS) & (still >= FREE * sizes)):
        accounts = together.account[together.start[i] : together.start[i + 1]]
        alone = accounts[free[accounts]]
        if len(alone) >= max(MIN_MEMBERS, FREE * len(accounts)):
            label[alone] = len(label) + i
            free[alone] = False
    return renumber(label)


def _pairs(marks: Marks) -> tuple[Ints, Ints, Ints, csc_array]:
    """Return pairs of marks that may tell, the accounts that have both, and who has which mark."""
    chosen = _telling(marks)
    rows = _rarest(np.flatnonzero(chosen[marks.mark]), marks)
    ones = np.ones(len(rows), dtype=np.int32)
    shape = (marks.size, len(marks.kind))
    uses = csc_array((ones, (marks.account[rows], marks.mark[rows])), shape=shape)
    ids = np.flatnonzero(chosen)
    matrix = uses[:, ids]
    found = [np.empty((3, 0), dtype=np.int64)]
    for low in range(0, len(ids), MARKS_AT_ONCE):
        part = coo_array(matrix[:, low : low + MARKS_AT_ONCE].T @ matrix)
        a, b = part.coords[0].astype(np.int64) + low, part.coords[1].astype(np.int64)
        kept = (a < b) & (part.data >= MIN_MEMBERS)
        found.append(np.stack([ids[a[kept]], ids[b[kept]], part.data[kept].astype(np.int64)]))
    first, second, both = np.concatenate(found, axis=1)
    kept = _different(first, second, both, marks)
    return first[kept], second[kept], both[kept], uses


def _telling(marks: Marks) -> npt.NDArray[np.bool_]:
    """Return the marks of a few: no card ranges, and no sorts of accounts."""
    chosen: npt.NDArray[np.bool_] = (marks.users >= MIN_MEMBERS) & (marks.users <= MOST_USERS)
    chosen &= (marks.cap > marks.most_of_card_range) & (marks.kind != MARKS.index(TRAIT))
    return chosen


def _rarest(rows: Ints, marks: Marks) -> Ints:
    """Return of these uses the `MOST_MARKS` rarest marks of each account."""
    account, mark = marks.account[rows], marks.mark[rows]
    order = np.lexsort((mark, marks.users[mark], account))
    starts = np.searchsorted(account[order], account[order])
    kept: Ints = rows[order[np.arange(len(order)) - starts < MOST_MARKS]]
    return kept


def _different(first: Ints, second: Ints, both: Ints, marks: Marks) -> npt.NDArray[np.bool_]:
    """Return the pairs of different kinds neither of which follows from the other."""
    kinds = np.stack([marks.kind[first], marks.kind[second]])
    device, address, domain = map(MARKS.index, ("device", "ip", DOMAIN))
    is_address = kinds == address
    is_address &= np.array(marks.names)[marks.source[np.stack([first, second])]] == "address"
    echo = (kinds == device).any(axis=0) & (kinds == address).any(axis=0)
    union = marks.users[first] + marks.users[second] - both
    organisation = is_address.any(axis=0) & (both <= MOST_OF_ORGANISATION)
    organisation &= both >= OVERLAP * union
    of_domain = (kinds == domain).any(axis=0)
    found: npt.NDArray[np.bool_] = (kinds[0] != kinds[1]) & ~echo & (~of_domain | organisation)
    return found


def _users(uses: csc_array, mark: int) -> Ints:
    found: Ints = uses.indices[uses.indptr[mark] : uses.indptr[mark + 1]].astype(np.int64)
    return found
