"""Fit: accounts that no pair links, but that fit a cluster as a whole, join it.

One account has an exit in common with one member, a card range with another, a template with a
third: no pair shows it, the cluster does. So an account is compared with the cluster as with a
person: a mark weighs log2 of the share of members that have it over the share of all other
accounts that do. The strongest mark of each kind counts, so that what is correlated counts once;
against it stands what the account has for itself where members share theirs (`unlike.py`). The
prior is that an account belongs to a cluster by the cluster's size alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forensics.cluster.communities import renumber
from forensics.cluster.fits import Fits, alike_of
from forensics.cluster.marks import MARKS, TRAIT, Marks
from forensics.cluster.profile import Profile, added, prior_of, profile_of
from forensics.cluster.unlike import Commons, against, commons_of
from forensics.link.uses import Ints
from forensics.ordered import distinct

ROUNDS = 8
#: Thousandths of a bit: in all, of two kinds at least, and of one of what is no place.
ENOUGH, OF_TWO, OF_ONE = 2_000, 2_000, 3_000
#: In all, of an account that is in no group: of those with less, four in five joined wrongly.
ALONE = 5_000
MOST = 0.6  # of a group's accounts fit a cluster that the group joins
#: And they fit it by such a share of what they fit their own by: parts of one network reach 0.4 and
#: more, rings and agencies that rent from the same suppliers 0.35 and less.
OF_OWN = 0.4
#: A mark brings candidates only if at most so many others have it, per member that does.
OTHERS = 32
ROWS_AT_ONCE = 5_000_000
#: Neither a place nor a sort of accounts: a stranger has a fingerprint and an exit in common.
KINDS_OF_ONES_OWN = [MARKS.index(n) for n in MARKS if n not in ("ip", "timing", TRAIT)]


def join_fitting(label: Ints, marks: Marks) -> Ints:
    """Return the groups after each account and each small group has joined the one that it fits.

    A group joins another if most of its accounts fit that, each by itself or all in the mean: of
    what is one already, half may have an exit in common with the other, and all a card range.
    """
    grown = np.ones(int(label.max(initial=-1)) + 1, dtype=bool)
    for _ in range(ROUNDS):
        profile = profile_of(label, marks, grown)
        target = _targets(label, *_who_fit(label, marks, profile))
        if target is None:
            break
        grown = np.zeros(len(target), dtype=bool)
        grown[target[target != np.arange(len(target))]] = True
        kept = distinct(target)
        label, grown = np.searchsorted(kept, target[label]), grown[kept]
    return renumber(label)


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


def _who_fit(label: Ints, marks: Marks, profile: Profile) -> tuple[Ints, Ints, Ints]:
    """Return accounts, larger groups that they fit, and how well.

    An account fits by itself, or as one of a group that does in the mean. Few have enough in common
    with a group, and only of these it is asked what speaks against.
    """
    account, group = _candidates(label, marks, profile)
    sizes = np.bincount(label)
    grouped = distinct(account[sizes[label[account]] > 1])
    own = alike_of(label, marks, grouped).evidence(marks.size)
    _, fits = _totals(account, group, label, marks, profile, own)
    of_groups = label[account] * len(sizes) + group
    kept = np.isin(of_groups, of_groups[fits])
    account, group = account[kept], group[kept]
    commons = commons_of(label, marks, distinct(group))
    total, fits = _totals(account, group, label, marks, profile, own, commons)
    return account[fits], group[fits], total[fits]


def _totals(
    account: Ints,
    group: Ints,
    label: Ints,
    marks: Marks,
    profile: Profile,
    own: np.ndarray,
    commons: Commons | None = None,
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return how well each account fits the group beside it, and whether well enough.

    `own` is how well each fits its own group. Without `commons` nothing speaks against.
    """
    sizes = np.bincount(label)
    total, fits = np.zeros(len(account), dtype=np.int64), np.zeros(len(account), dtype=bool)
    of_many = sizes[label[account]] > 1
    code = label[account] * len(sizes) + group
    pairs = distinct(code[of_many])
    pooled = np.zeros((len(pairs), len(MARKS)), dtype=np.int64)
    for part in _parts(marks.of_account[account]):
        by_kind = added(_best(account[part], group[part], marks, profile))
        if commons is not None:
            by_kind += against(account[part], group[part], marks, commons).bits
        total[part] = by_kind.sum(axis=1) + prior_of(sizes[group[part]], marks.size)
        least = np.where(of_many[part], ENOUGH, ALONE)
        fits[part] = _enough(by_kind, total[part], least, own[account[part]], marks)
        many = of_many[part]
        np.add.at(pooled, np.searchsorted(pairs, code[part[many]]), by_kind[many])
    in_the_mean = _mean_enough(pooled, pairs, label, own, marks)
    fits[of_many] |= in_the_mean[np.searchsorted(pairs, code[of_many])]
    return total, fits


def _mean_enough(
    pooled: Ints, pairs: Ints, label: Ints, own: np.ndarray, marks: Marks
) -> npt.NDArray[np.bool_]:
    """Return whether groups fit larger ones in the mean of their accounts.

    `pooled` has the sums over accounts, shape (pairs, kinds); `pairs` the codes of both groups.
    """
    sizes = np.bincount(label)
    source, larger = np.divmod(pairs, len(sizes))
    mean = pooled // sizes[source][:, None]
    total = mean.sum(axis=1) + prior_of(sizes[larger], marks.size)
    return _enough(mean, total, ENOUGH, np.bincount(label, own)[source] / sizes[source], marks)


def _enough(
    by_kind: Ints, total: Ints, least: Ints | int, own: np.ndarray, marks: Marks
) -> npt.NDArray[np.bool_]:
    """Return what fits: by so many bits, of two kinds, and not by far less than its own group."""
    enough = (total >= least) & (by_kind.sum(axis=1) >= OF_OWN * own)
    found: npt.NDArray[np.bool_] = enough & _of_two_kinds(by_kind, marks, KINDS_OF_ONES_OWN)
    return found


def fitting(fits: Fits, accounts: Ints, marks: Marks, kinds: list[int]) -> npt.NDArray[np.bool_]:
    """Return which of some accounts (in order) fit the rest of the group that they are in.

    `kinds` are those of which one mark at least has to be.
    """
    at = np.searchsorted(accounts, fits.account)
    by_kind = np.zeros((len(accounts), len(MARKS)), dtype=np.int64)
    np.add.at(by_kind, (at, marks.kind[fits.mark]), fits.bits)
    prior = np.zeros(len(accounts), dtype=np.int64)
    prior[at] = fits.prior
    enough: npt.NDArray[np.bool_] = by_kind.sum(axis=1) + prior >= ENOUGH
    return enough & _of_two_kinds(by_kind, marks, kinds)


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


def _of_two_kinds(by_kind: Ints, marks: Marks, kinds: list[int]) -> npt.NDArray[np.bool_]:
    """Return who has marks of two kinds, and one of these that is more than a card range."""
    one = max(OF_ONE, marks.most_of_card_range + 1)
    own = by_kind[:, kinds].max(axis=1) >= one
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
