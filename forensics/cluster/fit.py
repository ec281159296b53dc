"""Fit: accounts that no pair links, but that fit a cluster as a whole, join it.

One account has an exit in common with one member, a card range with another, a template with a
third: no pair shows it, the cluster does. So an account is compared with the cluster as with a
person: a mark weighs log2 of the share of members that have it over the share of all other
accounts that do. The strongest mark of each kind counts, so that what is correlated counts once;
the prior is that an account belongs to a cluster by the cluster's size alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.communities import renumber
from forensics.cluster.marks import DOMAIN, MARKS, TRAIT, Marks
from forensics.link.uses import Ints
from forensics.ordered import distinct

ROUNDS = 8
MIN_MEMBERS = 5  # of a cluster, before it has marks of its own
MIN_USERS = 2  # of its members, before a mark is the cluster's
#: Thousandths of a bit: in all, of two kinds at least, of one of what is no place, and to matter.
ENOUGH, OF_TWO, OF_ONE, LEAST = 2_000, 2_000, 3_000, 500
DIFFERENT = -600  # having other values of a kind than the cluster
MOST = 0.6  # of a group's accounts fit a cluster that the group joins
#: A mark brings candidates only if at most so many others have it, per member that does.
OTHERS = 32
#: A mail domain is a mark where at most so many others have it per member: a campus is no cluster.
OTHERS_OF_DOMAIN = 3
ECHO = 1_000  # what an address adds to a device
ROWS_AT_ONCE = 5_000_000
#: Neither a place nor a sort of accounts: a stranger has a fingerprint and an exit in common.
KINDS_OF_ONES_OWN = [MARKS.index(n) for n in MARKS if n not in ("ip", "timing", TRAIT)]


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


def join_fitting(label: Ints, marks: Marks) -> Ints:
    """Return the groups after each account and each small group has joined the one that it fits.

    A group joins another if most of its accounts fit that.
    """
    grown = np.ones(int(label.max(initial=-1)) + 1, dtype=bool)
    for _ in range(ROUNDS):
        profile = profile_of(label, marks, grown)
        account, group = _candidates(label, marks, profile)
        total, fits = _totals(account, group, label, marks, profile)
        target = _targets(label, account[fits], group[fits], total[fits])
        if target is None:
            break
        grown = np.zeros(len(target), dtype=bool)
        grown[target[target != np.arange(len(target))]] = True
        kept = distinct(target)
        label, grown = np.searchsorted(kept, target[label]), grown[kept]
    return renumber(label)


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


def _candidates(label: Ints, marks: Marks, profile: Profile) -> tuple[Ints, Ints]:
    """Return accounts, and larger groups a telling mark of which they have."""
    telling = (profile.bits >= OF_ONE) & (profile.others <= OTHERS * profile.users)
    group, mark = profile.group[telling], profile.mark[telling]
    sizes = np.bincount(label)
    found = [np.empty(0, dtype=np.int64)]
    for part in _parts(marks.users[mark]):
        rows, of = marks.having(mark[part])
        account, larger = marks.account[rows], group[part][of]
        smaller = (label[account] != larger) & (sizes[label[account]] < sizes[larger])
        found.append(distinct(account[smaller] * len(sizes) + larger[smaller]))
    codes = distinct(np.concatenate(found))
    return codes // len(sizes), codes % len(sizes)


def _totals(
    account: Ints, group: Ints, label: Ints, marks: Marks, profile: Profile
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return how well each account fits the group beside it, and whether well enough."""
    sizes = np.bincount(label)
    total, fits = np.zeros(len(account), dtype=np.int64), np.zeros(len(account), dtype=bool)
    for part in _parts(marks.of_account[account]):
        best = _best(account[part], group[part], marks, profile)
        by_kind = added(best)
        total[part] = by_kind.sum(axis=1) + prior_of(sizes[group[part]], marks.size)
        fits[part] = (total[part] >= ENOUGH) & _of_two_kinds(by_kind)
    return total, fits


def _best(account: Ints, group: Ints, marks: Marks, profile: Profile) -> Ints:
    """Return the bits of the strongest mark of each kind, shape (accounts, kinds).

    The least number stands for a kind that an account has nothing of.
    """
    rows, of = marks.of(account)
    mark = marks.mark[rows]
    code = group[of] * len(marks.kind) + mark
    at = np.minimum(np.searchsorted(profile.code, code), len(profile.code) - 1)
    bits = np.where(profile.code[at] == code, profile.bits[at], 0)
    best = np.full((len(account), len(MARKS)), np.iinfo(np.int64).min)
    np.maximum.at(best, (of, marks.kind[mark]), bits)
    return best


def _parts(rows: Ints) -> list[Ints]:
    """Cut what has so many rows each into parts of about `ROWS_AT_ONCE`, to bound memory."""
    edges = np.flatnonzero(np.diff(np.cumsum(rows) // ROWS_AT_ONCE)) + 1
    return [part for part in np.split(np.arange(len(rows)), edges) if len(part)]


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


def _of_two_kinds(by_kind: Ints) -> npt.NDArray[np.bool_]:
    own = by_kind[:, KINDS_OF_ONES_OWN].max(axis=1) >= OF_ONE
    found: npt.NDArray[np.bool_] = own & ((by_kind >= OF_TWO).sum(axis=1) >= 2)
    return found


def _targets(label: Ints, account: Ints, group: Ints, total: Ints) -> Ints | None:
    """Return which group each group joins (itself if none); None if none joins another."""
    order = np.lexsort((group, -total, account))
    account, group = account[order], group[order]
    first = np.unique(account, return_index=True)[1]
    account, group = account[first], group[first]
    sizes = np.bincount(label)
    codes, votes = np.unique(label[account] * len(sizes) + group, return_counts=True)
    source, target = codes // len(sizes), codes % len(sizes)
    moves = votes >= MOST * sizes[source]
    source, target = source[moves], target[moves]
    stays = ~np.isin(target, source)
    if not stays.any():
        return None
    joined = np.arange(len(sizes))
    joined[source[stays]] = target[stays]
    return joined
