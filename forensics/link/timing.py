"""Timing as evidence: sign-ups close together, and activity in the same minutes.

Both are judged against what the platform does anyway at that time: a launch day fills the hour
with sign-ups, so a small gap on it says little.
"""

from __future__ import annotations

import duckdb
import numpy as np
from scipy.stats import poisson

from forensics.link.pairs import Pairs, Shared
from forensics.link.uses import Comparison, Ints

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

_MINUTES = """
    SELECT account, 'minute' AS comparison, 'minute:' || minute AS key, 'use' AS role,
           count(*)::BIGINT AS uses, make_timestamptz(minute * 60000000) AS first_seen,
           make_timestamptz(minute * 60000000) AS last_seen
    FROM (
        SELECT a.account, epoch_us(e."at") // 60000000 AS minute
        FROM (
            SELECT account_id, "at" FROM prompts
            UNION ALL
            SELECT account_id, first_seen FROM ips WHERE first_seen = last_seen
        ) e JOIN accounts a USING (account_id)
        WHERE a.created_at IS NULL OR e."at" >= a.created_at
    )
    GROUP BY account, minute ORDER BY account, minute
"""
_HOURS = """
    SELECT account, 'address_hour' AS comparison, 'ip:' || ip || '@' || hour AS key, 'use' AS role,
           count(*)::BIGINT AS uses, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM (
        SELECT a.account, i.ip, epoch_us(i.first_seen) // 3600000000 AS hour,
               i.first_seen, i.last_seen
        FROM ips i JOIN accounts a USING (account_id)
        WHERE i.last_seen - i.first_seen <= INTERVAL 1 HOUR
    )
    GROUP BY account, ip, hour ORDER BY account, ip, hour
"""


def collect_moments(database: duckdb.DuckDBPyConnection) -> list[object]:
    """Return the uses of minutes (activity) and of addresses by the hour, as Arrow tables."""
    return [database.sql(query).to_arrow_table() for query in (_MINUTES, _HOURS)]


def gap_levels(pairs: Pairs, created_s: Ints) -> tuple[Ints, np.ndarray]:
    """Return per pair the level of its sign-up gap, and u of that level.

    `created_s` is 0 where unknown; those pairs have level -1. u of a level is the share of
    accounts that signed up as near as that, and no nearer, to either of the two.
    """
    known = np.sort(created_s[created_s > 0])
    first, second = created_s[pairs.a], created_s[pairs.b]
    level = np.searchsorted(np.array(GAPS), np.abs(first - second), side="left")
    level[(first == 0) | (second == 0)] = -1
    # One column for each level, and before them one for those who are nearer than any.
    near = np.stack(
        [
            np.full(len(created_s), -0.5),
            *(_signed_up_within(created_s, known, gap) for gap in GAPS),
            np.full(len(created_s), len(known) - 0.5),
        ],
        axis=1,
    )
    nearest = np.maximum(level, 0)
    outer, inner = (
        np.maximum(near[pairs.a, at], near[pairs.b, at]) for at in (nearest + 1, nearest)
    )
    least = 0.5 / max(len(known), 1)
    return level, np.clip((outer - inner) / max(len(known), 1), least, 1)


def _signed_up_within(created_s: Ints, known: Ints, gap: int) -> Ints:
    """Return per account how many others signed up within `gap` seconds of it."""
    later = np.searchsorted(known, created_s + gap, side="right")
    counts: Ints = later - np.searchsorted(known, created_s - gap, side="left") - 1
    return counts


def surprise_levels(pairs: Pairs, minutes: Comparison, shared: Shared) -> Ints:
    """Return per pair the level of its shared minutes; -1 where an account has no activity.

    The minutes that two accounts share are compared with a Poisson chance: their numbers of
    active minutes times the platform's own concentration in time.
    """
    active = np.bincount(minutes.account, minlength=minutes.size)
    uses = max(int(minutes.counts.sum()), 2)
    chance = float((minutes.counts * (minutes.counts - 1.0)).sum()) / (uses * (uses - 1.0))
    expected = active[pairs.a] * active[pairs.b] * chance
    found = np.bincount(shared.pair, minlength=len(pairs))
    some, tail = found > 0, np.zeros(len(pairs))
    tail[some] = poisson.logsf(found[some] - 1, np.maximum(expected[some], 1e-9)) / -np.log(2)
    level: Ints = np.searchsorted(-np.array(SURPRISE), -tail, side="left")
    level[(active[pairs.a] == 0) | (active[pairs.b] == 0)] = -1
    return level
