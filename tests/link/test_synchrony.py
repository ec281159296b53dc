"""Synchrony: minutes in which both are active, judged by chance."""

from __future__ import annotations

import numpy as np

from forensics.link.timing import SURPRISE_LEVELS, Activity
from tests.link.build import all_pairs, comparison, pairs_of, shared_by


def surprise(found: int, active: int, crowd: int, minutes: int = 10_000) -> str:
    """Two accounts active in `active` minutes each share `found`; a crowd fills the rest."""
    rng = np.random.default_rng(5)
    users: dict[str, set[int]] = {f"m{n:05}": set() for n in range(minutes)}
    for n in range(active):
        users[f"m{n:05}"].add(0)
        users[f"m{(n if n < found else n + active):05}"].add(1)
    for account in range(2, crowd + 2):
        for n in rng.choice(minutes, active, replace=False):
            users[f"m{n:05}"].add(account)
    active_minutes = {key: accounts for key, accounts in users.items() if accounts}
    pairs = pairs_of((0, 1), size=crowd + 2)
    every = comparison("minute", active_minutes, crowd + 2)
    level = Activity(every).surprise_levels(shared_by(every, pairs))[0]
    return SURPRISE_LEVELS[level]


def test_more_shared_minutes_surprise_more() -> None:
    # 20 minutes each out of 10,000: chance gives 20 * 20 / 10,000 = 0.04 in common.
    assert surprise(0, 20, 100) == "as by chance"
    assert surprise(1, 20, 100) == "as by chance"  # 4.7 bits
    assert surprise(2, 20, 100) == "some same minutes"  # 10.3 bits
    assert surprise(3, 20, 100) == "same minutes, beyond chance"
    assert surprise(4, 20, 100) == "same minutes, well beyond chance"
    assert surprise(10, 20, 100) == "same minutes, far beyond chance"


def test_two_accounts_that_are_always_on_share_minutes_by_chance() -> None:
    # 1,000 minutes each out of 10,000 give 100 in common.
    assert surprise(100, 1000, 20) == "as by chance"


def test_without_activity_synchrony_is_missing() -> None:
    every = comparison("minute", {"m1": [0], "m2": [1]}, 3)
    pairs = all_pairs(3)
    level = Activity(every).surprise_levels(shared_by(every, pairs))
    assert level.tolist() == [4, -1, -1]
