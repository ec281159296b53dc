"""Settled accounts: those that had a life of their own before they shared anything are let go.

A stolen account shares devices, addresses and templates with those who stole it, and its owner has
done nothing. What tells it from theirs is its history: it was in use for weeks, and nothing of that
is anybody else's, until one day it has something in common with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.communities import renumber
from forensics.cluster.holds import MOST_OPERATORS
from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.observed import COARSE
from forensics.link.uses import Comparison, Ints

#: A life of one's own: so many days from the sign-up on, and days of them with any activity.
AGE_DAYS, ACTIVE_DAYS = 14, 3
#: Where so many members of a group had one, that is what the group is like.
FEW = 0.15
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
        known = linkage.operators[name]
        if name in COARSE.values() or known.trait or not len(comparison.first_s):
            continue
        own = (known.effective <= MOST_OPERATORS)[comparison.value]
        accounts.append(comparison.account[own])
        values.append(comparison.value[own] + offset)
        times.append(comparison.first_s[own] * (name not in TIES))
        offset += len(comparison.keys)
    nothing = [np.empty(0, dtype=np.int64)]
    account, value, first_s = (np.concatenate(x or nothing) for x in (accounts, values, times))
    return Lives(account, value, first_s, material.created_s, material.minutes)


def free_settled(label: Ints, lives: Lives) -> Ints:
    """Return the groups of three and more without the few members that had a life before."""
    settled = _settled(label, lives)
    few = np.bincount(label, settled) < FEW * np.bincount(label)
    leaving = settled & few[label]
    if not leaving.any():
        return label
    label = label.copy()
    label[leaving] = int(label.max()) + 1 + np.arange(int(leaving.sum()))
    return renumber(label)


def _settled(label: Ints, lives: Lives) -> npt.NDArray[np.bool_]:
    """Return the accounts that were in use for long before they shared anything in their group."""
    joined = _joined(label, lives)
    had_time = (lives.created_s > 0) & (joined < _NEVER)
    had_time &= joined - lives.created_s > AGE_DAYS * DAY
    if lives.minutes is None or not had_time.any():
        return np.zeros(len(label), dtype=bool)
    rows = np.flatnonzero(had_time[lives.minutes.account])
    account = lives.minutes.account[rows].astype(np.int64)
    minute = lives.minutes.keys.to_numpy()[lives.minutes.value[rows]]
    before = minute * 60 < joined[account]
    days = np.unique(np.stack([account[before], minute[before] // MINUTES]), axis=1)[0]
    settled: npt.NDArray[np.bool_] = np.bincount(days, minlength=len(label)) >= ACTIVE_DAYS
    return settled


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
