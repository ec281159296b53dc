"""Settled accounts: those that had a life of their own before they shared anything are let go.

A stolen account shares devices, addresses and templates with those who stole it, and its owner has
done nothing. What tells it from theirs is its history: it was in use for weeks, and nothing of that
is anybody else's, until one day it has something in common with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forensics.cluster.communities import renumber
from forensics.cluster.holds import MOST_OPERATORS
from forensics.cluster.marks import Marks
from forensics.cluster.unlike import against, commons_of
from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.observed import COARSE
from forensics.link.uses import Comparison, Ints
from forensics.ordered import distinct

#: A life of one's own: so many days from the sign-up on, and days of them with any activity.
AGE_DAYS, ACTIVE_DAYS = 14, 3
#: Fewer days do after so long a time (92 of 93 members with two days and that age were innocent),
#: and for one that what it has for itself speaks against, in thousandths of a bit: of members with
#: two days and a bit against them four in five were innocent.
FEWER_DAYS, LONG_AGE_DAYS, AGAINST = 2, 45, -1_000
#: Where such a share of the members of a group had one, that is what the group is like.
TOO_MANY = 0.5
#: Who pays with the group's card belongs to it, whenever that began: a founder long before his
#: company had one.
TIES = ("instrument",)
DAY, MINUTES = 86_400, 1_440
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Lives:
    """When accounts signed up, were active, and first used what others may use too.

    Account `account[i]` first used value `value[i]` at `first_s[i]` (epoch seconds, 0 if that is
    not known or doesn't count).
    """

    account: Ints
    value: Ints
    first_s: Ints
    created_s: Ints
    minutes: Comparison | None


def collect_lives(material: Material, linkage: Linkage) -> Lives:
    """Gather the uses of what is somebody's own, and when accounts were active."""
    accounts, values, times, offset = [], [], [], 0
    for name, comparison in material.comparisons.items():
        if name in COARSE.values() or not len(comparison.first_s):
            continue
        rare = linkage.operators[name].effective <= MOST_OPERATORS
        if comparison.public is not None:
            rare = rare & ~comparison.public
        own = rare[comparison.value]
        accounts.append(comparison.account[own])
        values.append(comparison.value[own] + offset)
        times.append(comparison.first_s[own] * (name not in TIES))
        offset += len(comparison.keys)
    nothing = [np.empty(0, dtype=np.int64)]
    account, value, first_s = (np.concatenate(x or nothing) for x in (accounts, values, times))
    return Lives(account, value, first_s, material.created_s, material.minutes)


@dataclass(frozen=True)
class LetGo:
    """Accounts that their groups let go, one entry each.

    `account` first used what others of its `group` use at `since_s` (epoch seconds), and had been
    active on so many `days` before.
    """

    account: Ints
    group: Ints
    since_s: Ints
    days: Ints

    def followed(self, before: Ints, after: Ints) -> LetGo:
        """Return it with the groups of `after` that most of those who stayed in `before` are in."""
        stayed = np.ones(len(before), dtype=bool)
        stayed[self.account] = False
        size = int(after.max(initial=0)) + 1
        codes, counts = np.unique(before[stayed] * size + after[stayed], return_counts=True)
        codes = codes[np.lexsort((codes, -counts))]
        groups, first = np.unique(codes // size, return_index=True)
        then = np.full(int(before.max(initial=-1)) + 1, -1)
        then[groups] = codes[first] % size
        return replace(self, group=then[self.group])


def let_go(label: Ints, lives: Lives, marks: Marks) -> LetGo:
    """Return the members of groups of three and more that had a life before, while not too many."""
    since_s = _joined(label, lives)
    days = _days_before(since_s, lives)
    long_before = since_s - lives.created_s > LONG_AGE_DAYS * DAY
    settled = (days >= ACTIVE_DAYS) | (days >= FEWER_DAYS) & long_before
    settled[_unlike(np.flatnonzero(~settled & (days >= FEWER_DAYS)), label, marks)] = True
    few = np.bincount(label, settled) < TOO_MANY * np.bincount(label)
    account = np.flatnonzero(settled & few[label])
    return LetGo(account, label[account], since_s[account], days[account])


def _unlike(accounts: Ints, label: Ints, marks: Marks) -> Ints:
    """Return those of some accounts that what they have for themselves speaks against."""
    group = label[accounts]
    commons = commons_of(label, marks, distinct(group))
    bits = against(accounts, group, marks, commons, inside=True).bits.sum(axis=1)
    found: Ints = accounts[bits <= AGAINST]
    return found


def free_settled(label: Ints, gone: LetGo) -> Ints:
    """Return the groups without those that they let go."""
    if not len(gone.account):
        return label
    label = label.copy()
    label[gone.account] = int(label.max()) + 1 + np.arange(len(gone.account))
    return renumber(label)


def _days_before(joined: Ints, lives: Lives) -> Ints:
    """Return per account the days with activity before it joined, 0 if it did so soon or never."""
    had_time = (lives.created_s > 0) & (joined < _NEVER)
    had_time &= joined - lives.created_s > AGE_DAYS * DAY
    if lives.minutes is None or not had_time.any():
        return np.zeros(len(joined), dtype=np.int64)
    rows = np.flatnonzero(had_time[lives.minutes.account])
    account = lives.minutes.account[rows].astype(np.int64)
    minute = lives.minutes.keys.to_numpy()[lives.minutes.value[rows]]
    before = minute * 60 < joined[account]
    days = np.unique(np.stack([account[before], minute[before] // MINUTES]), axis=1)[0]
    counts: Ints = np.bincount(days, minlength=len(joined)).astype(np.int64)
    return counts


def _joined(label: Ints, lives: Lives) -> Ints:
    """Return when each account first used what another of its group uses, `_NEVER` if it did not.

    A use without a time may have been at the sign-up.
    """
    rows = np.flatnonzero(np.bincount(label)[label[lives.account]] > 2)
    account, value = lives.account[rows], lives.value[rows]
    codes = label[account] * (int(value.max(initial=0)) + 1) + value
    _, place, users = np.unique(codes, return_inverse=True, return_counts=True)
    shared = users[place] > 1
    joined = np.full(len(label), _NEVER)
    np.minimum.at(joined, account[shared], lives.first_s[rows[shared]])
    return joined
