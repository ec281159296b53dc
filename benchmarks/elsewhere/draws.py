"""Small draws, and when accounts sign up and work, in seconds since the first day."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Floats = npt.NDArray[np.float64]
T = TypeVar("T")
DAY, HOUR = 86_400.0, 3_600.0
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def token(rng: Rng, length: int = 14) -> str:
    """An opaque random id."""
    return "".join([LETTERS[byte % 36] for byte in rng.bytes(length)])


def happens(rng: Rng, probability: float) -> bool:
    return bool(rng.random() < probability)


def pick(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]


def favourite(rng: Rng, items: Sequence[T]) -> T:
    """Early items much more often than late ones."""
    return items[int(len(items) * rng.random() ** 2.5)]


def several(rng: Rng, items: Sequence[T], count: int) -> tuple[T, ...]:
    """Up to count different items."""
    return tuple(items[i] for i in rng.permutation(len(items))[:count].tolist())


def amount(rng: Rng, median: float) -> int:
    """A number of requests: few mostly, sometimes many."""
    return int(np.clip(median * np.exp(rng.normal(0, 0.8)), 2, 12 * median))


def deal(rng: Rng, count: int, per: float, make: Callable[[], T]) -> list[T]:
    """One value for each of count accounts; on average `per` accounts share a value."""
    dealt: list[T] = []
    for _ in range(count):
        fresh = not dealt or happens(rng, 1 / max(per, 1.0))
        dealt.append(make() if fresh else pick(rng, dealt))
    return dealt


def hours(rng: Rng, count: int, zone: float) -> Floats:
    """Seconds of the day, in UTC, at which people of a time zone are awake."""
    day, evening = rng.normal(13.5, 3.2, count), rng.normal(20.5, 2.0, count)
    return np.asarray((np.where(rng.random(count) < 0.6, day, evening) - zone) % 24 * HOUR)


def signup(rng: Rng, end: float, zone: float) -> float:
    """A sign-up: slow growth over the months, fewer at weekends."""
    while True:
        day = int(0.95 * end / DAY * rng.random() ** 0.85)
        if day % 7 < 5 or happens(rng, 0.55):
            return day * DAY + float(hours(rng, 1, zone)[0])


def human(rng: Rng, start: float, end: float, count: int, zone: float) -> Floats:
    """Sessions on some days for as long as the interest lasts, the first one at the start."""
    sessions = 1 + count // 4
    life = min(end - start, 2 * DAY + rng.exponential(40 * DAY))
    days = np.floor((start + life * rng.random(sessions) ** 1.3) / DAY)
    days += (days % 7 >= 5) & (rng.random(sessions) < 0.4)
    begin = days * DAY + hours(rng, sessions, zone)
    begin = np.where(begin < start, begin + DAY, begin)
    begin[0] = start + 90.0
    times = begin[rng.integers(0, sessions, count)] + rng.exponential(900.0, count)
    times[:1] = start + 120.0
    return np.asarray(times)


def together(rng: Rng, rhythm: str, start: float, end: float, count: int, mark: float) -> Floats:
    """The rhythms of groups and machines; the mark is the time that a group has in common."""
    if rhythm == "nightly":  # a scheduled build
        times = np.floor(rng.uniform(start, end, count) / DAY) * DAY + mark % DAY
        times += rng.exponential(240.0, count)
    elif rhythm == "day":  # one day at one place
        times = rng.uniform(start, mark + 10 * HOUR, count)
    elif rhythm == "deadline":  # the evening or two before the work is due
        due = mark + np.arange(1, 5) * 9 * DAY - 12 * HOUR
        times = due[rng.integers(0, 4, count)] - rng.exponential(10 * HOUR, count)
    else:  # load that knows neither night nor weekend
        times = rng.uniform(start, end, count)
    return np.asarray(times)


def jobs(rng: Rng, ticks: Floats, start: float, end: float, count: int, jitter: float) -> Floats:
    """Work handed out at common ticks; each account takes up its part within the jitter."""
    usable = np.append(ticks[(ticks > start) & (ticks < end)], start)
    chosen = usable[rng.integers(0, len(usable), 1 + count // 3)]
    times = chosen[rng.integers(0, len(chosen), count)]
    return np.asarray(times + rng.random(count) * jitter)
