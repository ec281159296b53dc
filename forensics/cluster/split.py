"""Split: a cluster must stay connected when any one shared value is taken away.

A min cut on the links is no test, since one shared value makes a clique of links. The test is
made on accounts and values: a value whose removal leaves parts that each hold together by
themselves, and that only a minority of one of the parts uses, is a bridge (one lent card, one VPN
exit) and does not make two operators one. All bridges are found by one walk in depth, and as many
are cut together as are bridges still when the others are cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.bridges import Parts, find_parts
from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints
from forensics.ordered import distinct

Flags = npt.NDArray[np.bool_]
MIN_PART = 3
MINORITY = 0.5


def split_bridged(label: Ints, holds: Holds) -> Ints:
    """Return the groups after every bridge value is cut."""
    asked = np.bincount(label)[label] >= 2 * MIN_PART
    while asked.any():
        new = _cut_once(label, holds.of(asked))
        touched = np.unique(label[new != label])
        asked = np.isin(label, touched) & (np.bincount(new)[new] >= 2 * MIN_PART)
        label = new
    return renumber(label)


@dataclass(frozen=True)
class Cuts:
    """Bridge values (`value`), whether each is at home in no part (`clear`), and the entries of
    `Parts` that are cut from their value.
    """

    value: Ints
    clear: Flags
    cut: Flags


def _cut_once(label: Ints, holds: Holds) -> Ints:
    """Cut bridges in every group that has some; the parts cut off get new numbers."""
    within = holds.among(label)
    if len(within.account) == 0:
        return label
    parts = find_parts(within)
    cuts = _bridges(parts)
    if len(cuts.value) == 0:
        return label
    group = np.zeros(int(within.value.max()) + 1, dtype=np.int64)
    group[within.value] = label[within.account]
    keep = _together(within, parts, cuts, group)
    whole, rest = (_pieces(within, kept) for kept in (np.ones(len(keep), dtype=bool), keep))
    return _renamed(label, within, whole, rest)


def _bridges(parts: Parts) -> Cuts:
    """Choose the bridges, and the parts to cut from each: those of which a minority uses it.

    Where what is left beside them is too small to stand alone, the largest part stays with it.
    """
    minor = (parts.people >= MIN_PART) & (parts.using <= MINORITY * parts.people)
    value, of_part = np.unique(parts.value, return_inverse=True)
    minors = np.bincount(of_part[minor], minlength=len(value))
    others = np.bincount(of_part, minlength=len(value)) - minors
    left = np.bincount(of_part, weights=parts.people * ~minor, minlength=len(value))
    clear = others == 0
    small = ~clear & (left < MIN_PART)
    largest = np.zeros(len(minor), dtype=bool)
    order = np.lexsort((np.arange(len(minor)), -parts.people * minor, of_part))
    largest[order[np.unique(of_part[order], return_index=True)[1]]] = True
    cut = minor & ~(small[of_part] & largest)
    bridge = np.bincount(of_part[cut], minlength=len(value)) > 0
    bridge &= ~clear | (minors > 1)
    return Cuts(value[bridge], clear[bridge], cut & bridge[of_part])


def _together(within: Holds, parts: Parts, cuts: Cuts, group: Ints) -> Flags:
    """Return which uses are kept when as many bridges are cut as can be together.

    In each group the clear bridges go first. One that is no bridge any more when the others are
    cut is left for the next time; where none is left, the first one of the group is cut alone.
    """
    has_clear = np.isin(group[cuts.value], group[cuts.value[cuts.clear]])
    values = cuts.value[cuts.clear | ~has_clear]
    first = values[np.unique(group[values], return_index=True)[1]]
    use_cut = (parts.of_use >= 0) & cuts.cut[parts.of_use]
    while True:
        keep = ~(use_cut & np.isin(within.value, values))
        fails = _no_bridges(within, keep, _pieces(within, keep))
        if not np.isin(values, fails).any():
            return keep
        values = values[~np.isin(values, fails)]
        values = np.union1d(values, first[~np.isin(group[first], group[values])])
        if np.isin(values, first).all():
            return ~(use_cut & np.isin(within.value, values))


def _no_bridges(within: Holds, keep: Flags, piece: Ints) -> Ints:
    """Return the values that are cut from a piece too small, or of which a majority uses them."""
    of_account = piece[: within.size]
    people = np.bincount(of_account, minlength=int(piece.max()) + 1)
    codes, using = np.unique(
        np.stack([within.value[~keep], of_account[within.account[~keep]]]),
        axis=1,
        return_counts=True,
    )
    wrong = (people[codes[1]] < MIN_PART) | (using > MINORITY * people[codes[1]])
    kept = distinct(within.value[keep])
    small = people[piece[within.size + kept]] < MIN_PART
    return np.concatenate([codes[0][wrong], np.intersect1d(kept[small], codes[0])])


def _pieces(within: Holds, kept: Flags) -> Ints:
    """Return the connected piece of each account and value by the uses that are kept."""
    nodes = within.size + int(within.value.max()) + 1
    return components(within.account[kept], within.value[kept] + within.size, nodes)


def _renamed(label: Ints, within: Holds, whole: Ints, rest: Ints) -> Ints:
    """Give each piece that was cut off a new number; the largest of a whole keeps its own."""
    accounts = distinct(within.account)
    old, new = whole[accounts], rest[accounts]
    piece, first, size = np.unique(new, return_index=True, return_counts=True)
    order = np.lexsort((first, -size, old[first]))
    largest = np.unique(old[first][order], return_index=True)[1]
    off = np.ones(len(piece), dtype=bool)
    off[order[largest]] = False
    number = np.full(len(piece), -1, dtype=np.int64)
    number[off] = int(label.max()) + 1 + np.arange(int(off.sum()))
    found = number[np.searchsorted(piece, new)]
    result = label.copy()
    result[accounts[found >= 0]] = found[found >= 0]
    return result
