"""Gaps between sign-ups, judged by what the platform does at that time."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.timing import GAP_LEVELS, Signups
from tests.link.build import all_pairs, pairs_of


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "within a minute"),
        (60, "within a minute"),
        (61, "within 10 minutes"),
        (600, "within 10 minutes"),
        (3_600, "within an hour"),
        (3_601, "within 6 hours"),
        (21_601, "within a day"),
        (86_400, "within a day"),
        (86_401, "further apart"),
    ],
)
def test_a_gap_has_the_narrowest_level_that_holds_it(seconds: int, words: str) -> None:
    level, _ = Signups(np.array([1_000_000, 1_000_000 + seconds])).gap_levels(
        pairs_of((0, 1), size=2)
    )
    assert GAP_LEVELS[level[0]] == words


def test_a_sign_up_that_is_not_known_is_missing_not_far() -> None:
    level, _ = Signups(np.array([1_000_000, 0, 1_000_010])).gap_levels(all_pairs(3))
    assert level.tolist() == [-1, 0, -1]


def test_u_of_a_gap_is_how_many_sign_up_that_near_anyway() -> None:
    """Ten accounts, a day apart but for two in one minute: one of ten is as near as that."""
    created = np.array([*(86_400 * 3 * n for n in range(1, 10)), 86_400 * 3 + 30])
    level, u = Signups(created).gap_levels(pairs_of((0, 1), (0, 9), size=10))
    assert [GAP_LEVELS[at] for at in level] == ["further apart", "within a minute"]
    assert u == pytest.approx([0.95, 0.15])


def test_who_signs_up_soon_after_a_burst_has_the_whole_burst_that_near() -> None:
    """200 sign-ups in one minute, and one five minutes later: 200 are as near as that to it."""
    burst = 10_000_000 + np.arange(200) % 30
    quiet = 20_000_000 + 864_000 * np.arange(3799)
    created = np.concatenate([burst, [burst[0] + 300], quiet])
    level, u = Signups(created).gap_levels(pairs_of((0, 200), size=len(created)))
    assert GAP_LEVELS[level[0]] == "within 10 minutes"
    assert u == pytest.approx([200 / 4000])


def test_on_a_launch_day_a_small_gap_says_little() -> None:
    """The same gap of 30 seconds, on a quiet day and among a thousand sign-ups within it."""
    burst = 1_000_000 + np.arange(1000) % 30
    quiet = 1_000_000 + 864_000 * np.arange(1, 1001)
    created = np.concatenate([burst, quiet, [quiet[0] + 30]])
    _, u = Signups(created).gap_levels(pairs_of((0, 1), (1000, 2000), size=len(created)))
    assert u[0] == pytest.approx(0.5, abs=0.01)
    assert u[1] == pytest.approx(1.5 / 2001)
