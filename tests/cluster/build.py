"""Accounts, shared values and links given as plain lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from forensics.cluster.holds import Holds
from forensics.cluster.links import Links
from forensics.link.linkage import Linkage
from forensics.link.pairs import Pairs
from forensics.link.weights import Model
from tests.link.build import observed

KINDS = ("device", "identifier", "ip", "payment", "prompt")
Weighed = tuple[np.ndarray, np.ndarray, np.ndarray]


def holds_of(size: int, users: Mapping[str, Iterable[int]], **operators: float) -> Holds:
    """Return what holds accounts together: "kind:value" and its users, one operator each."""
    keys = sorted(users)
    uses = sorted({(account, keys.index(key)) for key in keys for account in users[key]})
    account, value = np.array(uses, np.int64).reshape(-1, 2).T
    kind = np.array([KINDS.index(key.split(":")[0]) for key in keys], np.int64)
    seen = np.array([operators.get(key.split(":")[1], 1.0) for key in keys])
    return Holds(account, value, kind, size, seen, KINDS)


def clique(*groups: Iterable[int], weight: float = 0.95) -> Weighed:
    """Return links between all accounts of each group."""
    pairs = sorted({(a, b) for g in map(list, groups) for a in g for b in g if a < b})
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    return a, b, np.full(len(pairs), weight)


def grouped(label: np.ndarray) -> list[set[int]]:
    """Return the groups of two accounts or more, the largest first."""
    names, count = np.unique(label, return_counts=True)
    sets = [set(np.flatnonzero(label == g).tolist()) for g in names[count > 1]]
    return sorted(sets, key=lambda s: (-len(s), min(s)))


def links_of(weighed: Weighed, personal: bool = False) -> Links:
    """Return links of one kind of evidence, personal or not."""
    return Links(*weighed, np.full(len(weighed[0]), personal))


def linkage_of(size: int, links: Weighed) -> Linkage:
    """Return a linkage of one kind of evidence whose match probabilities are these."""
    a, b, weight = links
    bits = np.rint(1000 * (np.log2(weight / (1 - weight)) + 10)).astype(np.int64)
    seen = observed("device", np.ones(len(a), np.int64))
    return Linkage(Pairs(a, b, size), [seen], {}, Model({}, -10.0), {"device": bits})
