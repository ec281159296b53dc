"""When accounts act, and from which address and device: their sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.simulate.books import Books
from forensics.simulate.cohort import CRON, DIURNAL, OFFICE, Cohort
from forensics.simulate.draws import Flags, Ints, Reals, Rng
from forensics.simulate.options import DAY
from forensics.simulate.places import COUNTRIES

#: How active people are by the hour of their day, and staff by the hour of theirs.
_PEOPLE = np.array([3, 2, 1, 1, 1, 1, 2, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 8, 9, 9, 8, 5], float)
_STAFF = np.array(
    [0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 9, 7, 9, 10, 10, 9, 6, 3, 1, 1, 1, 0, 0], float
)
_SESSIONS = 8.0


@dataclass(frozen=True)
class Sessions:
    """Sessions in order of account: `first[i]` to `first[i + 1]` are those of account i."""

    account: Ints
    first: Ints
    at: Reals
    together: Flags
    address: Ints
    device: Ints


def sessions(rng: Rng, books: Books, accounts: Cohort) -> Sessions:
    """Return what the accounts do in the period; times in seconds from its start."""
    length = books.options.length
    begin = np.clip(accounts.created, 0, length)
    end = np.clip(accounts.ended, begin + 60, length)
    share = np.sqrt((end - begin) / length)
    count = rng.poisson(_SESSIONS * np.minimum(accounts.volume, 4) * share) + 1
    who = np.repeat(np.arange(len(accounts)), count)
    at = _moments(rng, accounts, who, begin, end)
    common = rng.random(len(who)) < accounts.together[who]
    at[common] = _scheduled(rng, books, accounts, who[common], begin, end)
    at = np.clip(at, begin[who], end[who] - 1)
    order = np.lexsort((at, who))
    at, common = at[order], common[order]
    pool = _habit(rng, accounts.address, accounts.address_weight, who)
    device = _habit(rng, accounts.device, accounts.device_weight, who)
    careless = rng.random(len(who)) < books.options.assumptions.artefact
    pool[careless], device[careless] = books.gateway, books.placeholder
    return Sessions(
        who,
        np.concatenate([[0], np.cumsum(count)]),
        at,
        common,
        books.networks.choose(rng, pool, at),
        device,
    )


def _moments(rng: Rng, accounts: Cohort, who: Ints, begin: Reals, end: Reals) -> Reals:
    """Draw times by each account's rhythm, in its own time zone."""
    rhythm = accounts.rhythm[who]
    offset = np.array([c.offset for c in COUNTRIES])[accounts.country[who]] * 3600
    day = np.floor((begin[who] + rng.random(len(who)) * (end - begin)[who] + offset) / DAY)
    # The period starts on a Thursday: days 2 and 3 are a weekend, on which staff rest.
    weekend = (rhythm == OFFICE) & np.isin(day % 7, (2, 3)) & (rng.random(len(who)) < 0.9)
    day = np.where(weekend, day + 2, day)
    hour = rng.random(len(who)) * 24
    for kind, curve in ((DIURNAL, _PEOPLE), (OFFICE, _STAFF)):
        mine = rhythm == kind
        hour[mine] = rng.choice(24, int(mine.sum()), p=curve / curve.sum()) + rng.random(
            int(mine.sum())
        )
    scripted = rhythm == CRON
    hour[scripted] = np.floor(hour[scripted]) + rng.exponential(0.005, int(scripted.sum()))
    at = day * DAY + hour * 3600 - offset
    outside = (at < begin[who]) | (at >= end[who])
    first_day = np.minimum(DAY / 4, (end - begin)[who])
    return np.where(outside, begin[who] + rng.random(len(who)) ** 2 * first_day, at)


def _scheduled(
    rng: Rng, books: Books, accounts: Cohort, who: Ints, begin: Reals, end: Reals
) -> Reals:
    """Draw moments of the shared schedules, seconds apart."""
    at = np.zeros(len(who))
    for number in np.unique(accounts.schedule[who]):
        times = books.schedules.times[number]
        mine = accounts.schedule[who] == number
        low = np.searchsorted(times, begin[who[mine]])
        high = np.searchsorted(times, end[who[mine]])
        pick = low + (rng.random(int(mine.sum())) * (high - low)).astype(np.int64)
        at[mine] = times[np.minimum(pick, len(times) - 1)]
    return at + rng.exponential(25, len(who))


def _habit(rng: Rng, choices: Ints, weights: Reals, who: Ints) -> Ints:
    """Choose one of each account's habits per session."""
    total = np.cumsum(np.where(choices >= 0, weights, 0), axis=1)
    draw = rng.random(len(who)) * total[who, -1]
    slot = (draw[:, None] >= total[who]).sum(axis=1).clip(max=choices.shape[1] - 1)
    return np.asarray(choices[who, slot])
