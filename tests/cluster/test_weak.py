"""Weak groups: many pairs that are no links, and a profile that their accounts fit."""

from __future__ import annotations

import numpy as np

from forensics.cluster.marks import DOMAIN, Marks
from forensics.cluster.weak import LEAST, Weak, group_weak
from forensics.link.uses import Ints
from tests.cluster.build import grouped
from tests.cluster.marked import EXIT, alone, marks

RING = tuple(range(24))
SENDERS = tuple(range(1_000, 1_020))


def pool(accounts: tuple[int, ...]) -> Weak:
    """Each account has one weak pair with each of the next three."""
    pairs = [
        (a, accounts[(i + k) % len(accounts)]) for i, a in enumerate(accounts) for k in (1, 2, 3)
    ]
    a, b = np.array(pairs, dtype=np.int64).T
    return Weak(np.minimum(a, b), np.maximum(a, b), np.full(len(a), 0.5))


def exits(accounts: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Four exits that six accounts each use, and nobody else."""
    return [(EXIT, accounts[start : start + 6]) for start in range(0, len(accounts), 6)]


def found(known: Marks, weak: Weak, label: Ints | None = None) -> list[set[int]]:
    label = alone() if label is None else label
    return grouped(group_weak(label, weak, known, seed=1))


def test_accounts_of_one_pool_who_send_one_template_are_a_group() -> None:
    """Twenty strangers send it too, from elsewhere."""
    known = marks(("prompt", (*RING, *SENDERS)), *exits(RING))
    assert found(known, pool(RING)) == [set(RING)]


def test_strangers_on_the_lines_of_one_town_are_none() -> None:
    """They have their exits in common, and nothing else."""
    assert found(marks(*exits(RING)), pool(RING)) == []


def test_who_has_nothing_else_in_common_stays_out() -> None:
    sending = RING[:18]
    known = marks(("prompt", (*sending, *SENDERS)), *exits(RING))
    assert found(known, pool(RING)) == [set(sending)]


def test_a_group_of_which_most_leave_is_none() -> None:
    """Eleven of 24 fit: these are people who happen to know each other."""
    known = marks(("prompt", (*RING[:11], *SENDERS)), *exits(RING))
    assert found(known, pool(RING)) == []


def test_a_few_are_none() -> None:
    few = RING[: LEAST - 1]
    assert found(marks(("prompt", (*few, *SENDERS)), *exits(few)), pool(few)) == []


def test_a_mail_domain_is_not_enough() -> None:
    """Customers of a mail relay have one in common, and some exits of it."""
    assert found(marks((DOMAIN, RING), *exits(RING)), pool(RING)) == []


def test_who_is_in_a_group_stays_in_it() -> None:
    known = marks(("prompt", (*RING, *SENDERS)), *exits(RING))
    assert found(known, pool(RING), alone(RING[:12])) == [set(RING[:12]), set(RING[12:])]


def test_no_pairs_change_nothing() -> None:
    none = Weak(*(np.empty(0, dtype=np.int64),) * 2, np.empty(0))
    assert found(marks(("prompt", RING)), none) == []
