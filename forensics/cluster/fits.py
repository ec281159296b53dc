"""How members that no link holds fit the rest of their group, mark by mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.communities import components
from forensics.cluster.links import Links
from forensics.cluster.marks import MARKS, Marks
from forensics.cluster.profile import added, prior_of, weight_of
from forensics.cluster.unlike import against, commons_of
from forensics.link.uses import Ints
from forensics.link.weights import probability
from forensics.ordered import distinct


@dataclass(frozen=True)
class Fits:
    """The strongest mark of each kind of some accounts, set against the rest of their group.

    Account `account[i]` has `mark[i]`, as `users[i]` of the `members[i]` others in its group and
    `others[i]` accounts outside do; it adds `bits[i]`, in thousandths. `prior` is added once. Where
    `speaks_against[i]`, the mark only names a comparison, by which no more than `users[i]` of
    `members[i]` others have as little in common with the group.
    """

    account: Ints
    mark: Ints
    members: Ints
    users: Ints
    others: Ints
    bits: Ints
    prior: Ints
    speaks_against: npt.NDArray[np.bool_]

    def evidence(self, accounts: int) -> np.ndarray:
        """Return per account of the platform its bits in all, in thousandths, without the prior."""
        return np.bincount(self.account, weights=self.bits, minlength=accounts)

    def probability(self, accounts: int) -> np.ndarray:
        """Return per account of the platform how surely it fits its group, 0 if not asked for."""
        prior = np.zeros(accounts, dtype=np.int64)
        prior[self.account] = self.prior
        asked = np.zeros(accounts, dtype=bool)
        asked[self.account] = True
        return np.where(asked, probability((self.evidence(accounts) + prior) / 1000), 0.0)


def apart(label: Ints, links: Links) -> Ints:
    """Return the members that no chain of links holds to the largest part of their group.

    One account alone is no part that others could be held to.
    """
    inside = label[links.a] == label[links.b]
    part = components(links.a[inside], links.b[inside], len(label))
    sizes = np.bincount(part)[part]
    order = np.lexsort((part, -sizes, label))
    first = order[np.unique(label[order], return_index=True)[1]]
    alone = (sizes == 1) & (np.bincount(label)[label] > 1)
    found: Ints = np.flatnonzero((part != part[first][label]) | alone)
    return found


def fits_of(label: Ints, marks: Marks, accounts: Ints) -> Fits:
    """Measure how each of some accounts (in order) fits its group, itself left out."""
    alike = alike_of(label, marks, accounts)
    group = label[accounts]
    commons = commons_of(label, marks, distinct(group))
    unlike = against(accounts, group, marks, commons, inside=True)
    low = np.nonzero(unlike.bits)
    members = np.bincount(label)[group[low[0]]] - 1
    nobody, against_it = np.zeros_like(members), np.ones(len(members), dtype=bool)
    return Fits(
        account=np.append(alike.account, accounts[low[0]]),
        mark=np.append(alike.mark, marks.first_of_source[unlike.source[low]]),
        members=np.append(alike.members, unlike.members[low]),
        users=np.append(alike.users, unlike.few[low]),
        others=np.append(alike.others, nobody),
        bits=np.append(alike.bits, unlike.bits[low]),
        prior=np.append(alike.prior, prior_of(np.maximum(members, 1), marks.size)),
        speaks_against=np.append(alike.speaks_against, against_it),
    )


def alike_of(label: Ints, marks: Marks, accounts: Ints) -> Fits:
    """Measure what each of some accounts has in common with its group, itself left out."""
    count, sizes = max(len(marks.kind), 1), np.bincount(label)
    rows, of = marks.of(accounts)
    account, mark = accounts[of], marks.mark[rows]
    asked = np.zeros(len(sizes), dtype=bool)
    asked[label[accounts]] = True
    theirs = np.flatnonzero(asked[label[marks.account]])
    codes, users = np.unique(
        label[marks.account[theirs]] * count + marks.mark[theirs], return_counts=True
    )
    users = users[np.searchsorted(codes, label[account] * count + mark)] - 1
    others, members = marks.users[mark] - users - 1, sizes[label[account]] - 1
    bits = np.zeros(len(mark), dtype=np.int64)
    known = np.flatnonzero(users > 0)
    weight = weight_of(users[known], members[known], others[known], mark[known], marks)
    bits[known] = np.maximum(weight, 0)
    order = np.lexsort((mark, -bits, marks.kind[mark], of))
    of_kind = of[order] * len(MARKS) + marks.kind[mark[order]]
    first = order[np.unique(of_kind, return_index=True)[1]]
    best = np.full((len(accounts), len(MARKS)), np.iinfo(np.int64).min)
    place = (of[first], marks.kind[mark[first]])
    best[place] = bits[first]
    prior = prior_of(np.maximum(members[first], 1), marks.size)
    account, mark, members, users, others = (
        x[first] for x in (account, mark, members, users, others)
    )
    none = np.zeros(len(first), dtype=bool)
    return Fits(account, mark, members, users, others, added(best)[place], prior, none)
