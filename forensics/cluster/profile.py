"""What groups have in common: their marks, what each weighs, and how the marks of a kind add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.marks import DOMAIN, MARKS, TRAIT, Marks
from forensics.link.uses import Ints

MIN_MEMBERS = 5  # of a cluster, before it has marks of its own
MIN_USERS = 2  # of its members, before a mark is the cluster's
LEAST = 500  # thousandths of a bit, before it matters
DIFFERENT = -600  # having other values of a kind than the cluster
#: A mail domain is a mark where at most so many others have it per member: a campus is no cluster.
OTHERS_OF_DOMAIN = 3
ECHO = 1_000  # what an address adds to a device


@dataclass(frozen=True)
class Profile:
    """What groups have in common: `users[i]` members of `group[i]` have `mark[i]`.

    `others[i]` accounts outside have it too, and it weighs `bits[i]`, in thousandths, for an
    account that does. In order of `code`, which is group times marks plus mark.
    """

    code: Ints
    group: Ints
    mark: Ints
    users: Ints
    others: Ints
    bits: Ints


def profile_of(label: Ints, marks: Marks, chosen: npt.NDArray[np.bool_]) -> Profile:
    """Return the marks of the chosen groups that are large enough to have some."""
    sizes, count = np.bincount(label), len(marks.kind)
    chosen = chosen & (sizes >= MIN_MEMBERS)
    rows = np.flatnonzero(chosen[label[marks.account]])
    code, users = np.unique(
        label[marks.account[rows]] * count + marks.mark[rows], return_counts=True
    )
    group, mark = np.divmod(code, max(count, 1))
    others = marks.users[mark] - users
    kept = np.flatnonzero((users >= MIN_USERS) & (others > 0))
    code, group, mark, users, others = (x[kept] for x in (code, group, mark, users, others))
    bits = weight_of(users, sizes[group], others - 1, mark, marks)
    kept = np.flatnonzero(bits >= LEAST)
    return Profile(*(x[kept] for x in (code, group, mark, users, others, bits)))


def weight_of(users: Ints, members: Ints, others: Ints, mark: Ints, marks: Marks) -> Ints:
    """Return what a mark weighs, in thousandths of a bit, for one more account that has it.

    `users` of so many `members` have it, and `others` beside them and the account.
    """
    share, chance = users / (members + 1), (others + 0.5) / marks.size
    bits = np.minimum(np.round(1000 * np.log2(share / chance)).astype(np.int64), marks.cap[mark])
    common = (marks.kind[mark] == MARKS.index(DOMAIN)) & (others > OTHERS_OF_DOMAIN * users)
    found: Ints = np.where(common, np.minimum(bits, ECHO), bits)
    return found


def prior_of(members: Ints, size: int) -> Ints:
    """Return the weight, in thousandths of a bit, that an account is of a group of so many."""
    prior: Ints = np.round(1000 * np.log2(members / size)).astype(np.int64)
    return prior


def added(best: Ints) -> Ints:
    """Return what each kind adds, shape (accounts, kinds), of its strongest mark.

    The least number stands for a kind that an account has nothing of: that is no difference.
    """
    found = np.where(best < 0, 0, np.where(best == 0, DIFFERENT, best))
    domain, trait, device, address = map(MARKS.index, (DOMAIN, TRAIT, "device", "ip"))
    for common in (domain, trait):  # most have one that few of the cluster have
        found[:, common] = np.maximum(found[:, common], 0)
    echo = (found[:, device] > 0) & (found[:, address] > ECHO)
    found[echo, address] = ECHO
    return found
