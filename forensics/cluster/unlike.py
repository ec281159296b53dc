"""What speaks against a fit: values that an account has for itself, where members share theirs.

A household behind which a campaign's exit runs has that one address in common with the campaign,
and its others for itself; the campaign's accounts have hardly any for themselves. So the share of
an account's values that members have too is set against the same share of each member, comparison
by comparison: what few members fall to speaks against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.cluster.marks import MARKS, Marks
from forensics.link.uses import Ints

STEPS = 8  # that shares are told apart by


@dataclass(frozen=True)
class Commons:
    """How much members have in common with others of their group.

    `users[i]` members have what `code[i]` stands for, group times marks plus mark, sorted. Of what
    they have by comparison s, `at_most[number[g], s, i]` members of group g have a share of i /
    `STEPS` or less in common with another one, of `at_most[number[g], s, -1]` that have any.
    """

    code: Ints
    users: Ints
    number: Ints
    at_most: Ints


@dataclass(frozen=True)
class Against:
    """What speaks against each account's being of a group; each of shape (accounts, kinds).

    `bits` are thousandths of a bit, 0 or less. By comparison `source` no more than `few` of so many
    `members` have a share in common that is as low.
    """

    bits: Ints
    source: Ints
    few: Ints
    members: Ints


def commons_of(label: Ints, marks: Marks, groups: Ints) -> Commons:
    """Measure some groups (in order)."""
    count, comparisons = max(len(marks.kind), 1), max(len(marks.names), 1)
    number = np.full(int(label.max(initial=-1)) + 1, -1)
    number[groups] = np.arange(len(groups))
    rows = np.flatnonzero(number[label[marks.account]] >= 0)
    account, mark = marks.account[rows], marks.mark[rows]
    code, at, users = np.unique(
        label[account] * count + mark, return_inverse=True, return_counts=True
    )
    cell, step = _steps(account * comparisons + marks.source[mark], users[at] > 1)
    member, comparison = np.divmod(cell, comparisons)
    shape = (len(groups), comparisons, STEPS + 1)
    place = np.ravel_multi_index((number[label[member]], comparison, step), shape)
    having = np.bincount(place, minlength=math.prod(shape)).reshape(shape)
    return Commons(code, users, number, np.cumsum(having, axis=2))


def against(
    account: Ints, group: Ints, marks: Marks, commons: Commons, *, inside: bool = False
) -> Against:
    """Measure what speaks against each account's being of the group beside it.

    A share that p of the members fall to, as a test by ranks has it, weighs log2(-e p ln p): no
    less than the Bayes factor (Sellke, Bayarri and Berger 2001). Of the comparisons of a kind the
    one that speaks most against counts. `inside` tells that the accounts are among the members.
    """
    comparisons = max(len(marks.names), 1)
    rows, of = marks.of(account)
    mark = marks.mark[rows]
    code = group[of] * max(len(marks.kind), 1) + mark
    at = np.minimum(np.searchsorted(commons.code, code), max(len(commons.code) - 1, 0))
    common = (commons.code[at] == code) & (commons.users[at] > inside)
    cell, step = _steps(of * comparisons + marks.source[mark], common)
    pair, comparison = np.divmod(cell, comparisons)
    at_most = commons.at_most[commons.number[group[pair]], comparison] - inside
    few, members = at_most[np.arange(len(cell)), step], at_most[:, -1]
    bits = weight_against(few, members)
    kind_of = np.zeros(comparisons, dtype=np.int64)
    kind_of[marks.source] = marks.kind
    order = np.argsort(-bits, kind="stable")  # the least last, so that it stays
    place = (pair[order], kind_of[comparison[order]])
    found = np.zeros((4, len(account), len(MARKS)), dtype=np.int64)
    for layer, values in zip(found, (bits, comparison, few, members), strict=True):
        layer[place] = values[order]
    return Against(*found)


def weight_against(few: Ints, members: Ints) -> Ints:
    """Return what a share weighs, in thousandths of a bit, that `few` of `members` fall to."""
    p = np.minimum((1 + few) / (1 + members), 1 / math.e)  # where the bound reaches 1
    found: Ints = np.round(1000 * np.log2(-math.e * p * np.log(p))).astype(np.int64)
    return found


def _steps(cell: Ints, common: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the distinct cells, and to which step the share of what is common falls in each."""
    cells, of, values = np.unique(cell, return_inverse=True, return_counts=True)
    return cells, STEPS * np.bincount(of, common, len(cells)).astype(np.int64) // values
