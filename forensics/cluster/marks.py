"""Marks: everything that accounts can have in common with a cluster, and what each may weigh.

Unlike what holds a cluster together (`holds.py`), marks may be coarse: a card range, a network, a
mail domain, a TLS fingerprint. None of them links two accounts, but together they tell where one
belongs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forensics.case.run import KINDS
from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.observed import CAPS, COARSE, DEFAULT_CAP
from forensics.link.operators import Operators
from forensics.link.schools import are_schools
from forensics.link.uses import Comparison, Ints

#: Mail domains, and what sorts of accounts have in common, are marks beside identifiers.
DOMAIN, TRAIT = "mail domain", "trait"
MARKS = (*KINDS, DOMAIN, TRAIT)


@dataclass(frozen=True)
class Marks:
    """Account `account[i]` has mark `mark[i]`, in order of accounts.

    `kind` (an index into `MARKS`) and `cap` (the most that it can weigh, thousandths of a bit) are
    per mark, and so are `source`, an index into `names`, and `place` among that comparison's keys.
    """

    account: Ints
    mark: Ints
    kind: Ints
    cap: Ints
    source: Ints
    place: Ints
    names: tuple[str, ...]
    size: int  # accounts

    @cached_property
    def users(self) -> Ints:
        """Accounts per mark."""
        return np.bincount(self.mark, minlength=len(self.kind)).astype(np.int64)

    @cached_property
    def of_account(self) -> Ints:
        """Marks per account."""
        return np.bincount(self.account, minlength=self.size).astype(np.int64)

    @cached_property
    def first_of_source(self) -> Ints:
        """A mark of each comparison."""
        found = np.zeros(len(self.names), dtype=np.int64)
        found[self.source[::-1]] = np.arange(len(self.source))[::-1]
        return found

    @property
    def most_of_card_range(self) -> int:
        """The most that a card range can weigh, thousandths of a bit: the coarsest mark does."""
        return round(1000 * CAPS["card_range"] * math.log2(max(self.size, 2)))

    @cached_property
    def _by_mark(self) -> Ints:
        return np.argsort(self.mark, kind="stable")

    def of(self, accounts: Ints) -> tuple[Ints, Ints]:
        """Return the rows of some accounts, and which of them each row is of."""
        high = np.searchsorted(self.account, accounts, side="right")
        return _ranges(np.searchsorted(self.account, accounts), high)

    def having(self, marks: Ints) -> tuple[Ints, Ints]:
        """Return the rows that have one of some marks, and which of them each row has."""
        high = np.cumsum(self.users)[marks]
        rows, of = _ranges(high - self.users[marks], high)
        return self._by_mark[rows], of


def collect_marks(material: Material, linkage: Linkage) -> Marks:
    """Gather the marks of all accounts; what is nobody's own, and what is public, is none."""
    accounts, marks, kinds, caps, sources, places = [], [], [], [], [], []
    offset, names = 0, sorted(material.comparisons)
    for number, name in enumerate(names):
        comparison = material.comparisons[name]
        if comparison.carrier:
            continue
        count = len(comparison.keys)
        cap = _caps(comparison, linkage.operators[name])
        worth = cap[comparison.value] > 0
        accounts.append(comparison.account[worth].astype(np.int64))
        marks.append(comparison.value[worth].astype(np.int64) + offset)
        kinds.append(np.full(count, MARKS.index(_kind(comparison, linkage.operators[name]))))
        caps.append(cap)
        sources.append(np.full(count, number))
        places.append(np.arange(count))
        offset += count
    account, mark, kind, cap, source, place = (
        np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        for parts in (accounts, marks, kinds, caps, sources, places)
    )
    order = np.argsort(account, kind="stable")
    return Marks(account[order], mark[order], kind, cap, source, place, tuple(names), material.size)


def _kind(comparison: Comparison, operators: Operators) -> str:
    if operators.trait:
        return TRAIT
    return DOMAIN if comparison.name == "email_domain" else comparison.kind


def _caps(comparison: Comparison, operators: Operators) -> Ints:
    """Return the most that each value weighs, in thousandths of a bit, 0 for what tells nothing."""
    name = comparison.name
    if name in COARSE.values() or name == "template":
        share = CAPS[name]
    else:
        share = CAPS["trait"] if operators.trait else DEFAULT_CAP
    caps = np.full(len(comparison.keys), share)
    if comparison.public is not None:
        public = 0.0 if name == "template" else CAPS["public_address"]
        caps[comparison.public] = np.minimum(caps[comparison.public], public)
    caps[operators.nobodys] = 0
    if name == "email_domain":
        caps[are_schools(comparison.keys)] = 0
    scale = 1000 * np.log2(max(comparison.size, 2))
    found: Ints = np.round(caps * scale).astype(np.int64)
    return found


def _ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of every range, one after the other, and the range that each is of."""
    count = high - low
    of = np.repeat(np.arange(len(low)), count)
    start = np.cumsum(count) - count
    return np.arange(int(count.sum())) - start[of] + low[of], of
