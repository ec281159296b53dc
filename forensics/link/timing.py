"""Timing as evidence: sign-ups close together, and activity in the same minutes.

Both are judged against what the platform does anyway at that time: a launch day fills the hour
with sign-ups, so a small gap on it says little. What is dated before the sign-up of its account
has a wrong time, and is no evidence of timing.
"""

from __future__ import annotations

import duckdb
import numpy as np
from scipy.stats import poisson

from forensics.link.pairs import Pairs, Shared
from forensics.link.uses import Comparison, Ints, moments_of

#: Gaps between sign-ups, in seconds, that are told apart.
GAPS = (60, 600, 3_600, 21_600, 86_400)
GAP_LEVELS = (
    "within a minute",
    "within 10 minutes",
    "within an hour",
    "within 6 hours",
    "within a day",
    "further apart",
)
#: Surprise, in bits, of the minutes that two accounts share.
SURPRISE = (30.0, 20.0, 12.0, 6.0)
SURPRISE_LEVELS = (
    "same minutes, far beyond chance",
    "same minutes, well beyond chance",
    "same minutes, beyond chance",
    "some same minutes",
    "as by chance",
)
#: A minute in which more accounts than this are active brings no candidates.
BUSY = 30

_MOMENTS = """
    CREATE TEMP VIEW moments AS
    SELECT a.account, e."at"
    FROM (
        SELECT account_id, "at" FROM prompts
        UNION ALL
        SELECT account_id, first_seen FROM ips WHERE first_seen = last_seen
    ) e JOIN accounts a USING (account_id)
    WHERE a.created_at IS NULL OR e."at" >= a.created_at
"""
#: Minutes are numbers, not texts: there is one for nearly every prompt.
_MINUTES = 'SELECT DISTINCT account, epoch_us("at") // 60000000 AS key FROM moments'
#: Hours in which one account alone used an address say nothing.
_HOURS = """
    WITH used AS (
        SELECT DISTINCT a.account, i.ip, epoch_us(i.first_seen) // 3600000000 AS hour
        FROM ips i JOIN accounts a USING (account_id)
        WHERE i.last_seen - i.first_seen <= INTERVAL 1 HOUR
              AND (a.created_at IS NULL OR i.first_seen >= a.created_at)
    )
    SELECT account, ip || '@' || hour AS key
    FROM used SEMI JOIN (
        SELECT ip, hour FROM used GROUP BY ALL HAVING count(*) > 1
    ) USING (ip, hour)
"""


def collect_moments(
    database: duckdb.DuckDBPyConnection, size: int
) -> tuple[Comparison | None, Comparison | None]:
    """Return the uses of minutes (activity) and of addresses by the hour, None where none are."""
    view_moments(database)
    minutes, hours = (database.sql(query).to_arrow_table() for query in (_MINUTES, _HOURS))
    return moments_of("minute", minutes, size), moments_of("address_hour", hours, size)


def view_moments(database: duckdb.DuckDBPyConnection) -> None:
    """Make the view `moments` (account, at): when accounts were active. Needs `accounts`."""
    database.execute(_MOMENTS)


class Signups:
    """When accounts signed up, and how many others did so how near to each.

    `created_s` is 0 where unknown.
    """

    def __init__(self, created_s: Ints) -> None:
        self.created_s = created_s
        known = np.sort(created_s[created_s > 0])
        self.known = len(known)
        # One column for each level, and before them one for those who are nearer than any.
        self.near = np.stack(
            [
                np.full(len(created_s), -0.5),
                *(_signed_up_within(created_s, known, gap) for gap in GAPS),
                np.full(len(created_s), self.known - 0.5),
            ],
            axis=1,
        ).astype(np.float32)

    def gap_levels(self, pairs: Pairs) -> tuple[Ints, np.ndarray]:
        """Return per pair the level of its sign-up gap (-1 where one is unknown), and u of it.

        u of a level is the share of accounts that signed up as near as that, and no nearer, to
        either of the two.
        """
        first, second = self.created_s[pairs.a], self.created_s[pairs.b]
        level = np.searchsorted(np.array(GAPS), np.abs(first - second), side="left")
        level[(first == 0) | (second == 0)] = -1
        at = np.maximum(level, 0)
        of_a, of_b = (self.near[end, at + 1] - self.near[end, at] for end in (pairs.a, pairs.b))
        known = max(self.known, 1)
        return level, np.clip(np.maximum(of_a, of_b) / known, 0.5 / known, 1)


def _signed_up_within(created_s: Ints, known: Ints, gap: int) -> Ints:
    """Return per account how many others signed up within `gap` seconds of it."""
    later = np.searchsorted(known, created_s + gap, side="right")
    counts: Ints = later - np.searchsorted(known, created_s - gap, side="left") - 1
    return counts


class Activity:
    """The minutes in which accounts are active, against what chance makes two of them share.

    The minutes that two accounts share are compared with a Poisson chance: their numbers of
    active minutes times the platform's own concentration in time.
    """

    def __init__(self, minutes: Comparison) -> None:
        self.active = np.bincount(minutes.account, minlength=minutes.size)
        uses = max(int(minutes.counts.sum()), 2)
        self.chance = float((minutes.counts * (minutes.counts - 1.0)).sum()) / (uses * (uses - 1.0))

    def surprise_levels(self, shared: Shared) -> Ints:
        """Return per pair the level of the minutes it shares; -1 where one has no activity."""
        pairs = shared.pairs
        active_a, active_b = self.active[pairs.a], self.active[pairs.b]
        expected = active_a * active_b * self.chance
        found = np.bincount(shared.pair, minlength=len(pairs))
        some, tail = found > 0, np.zeros(len(pairs))
        chance = np.maximum(expected[some], 1e-9)
        tail[some] = poisson.logsf(found[some] - 1, chance) / -np.log(2)
        level: Ints = np.searchsorted(-np.array(SURPRISE), -tail, side="left")
        level[(active_a == 0) | (active_b == 0)] = -1
        return level
