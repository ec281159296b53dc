"""Honest people whom one place, hour and task bring together: hackathons, evening courses, schools.

They look like a campaign in all that they have from the event, and like strangers in the rest.
"""

from __future__ import annotations

import numpy as np

from forensics.simulate.books import Books
from forensics.simulate.cohort import ACTIVE, DECLARED_KINDS, Cohort
from forensics.simulate.draws import Ints, Rng, firsts, group_sizes, members, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY
from forensics.simulate.people import OTHER, singles

HOUR = 3_600
#: The second device of an account.
SECOND = 1


def hackathons(rng: Rng, books: Books, count: int) -> Cohort:
    """Return guests of one-day events: one line, one morning, the organiser's prompts; most are
    gone the day after. Each is an operator alone.
    """
    sizes = group_sizes(rng, count, 10, 60, 1.4)
    event = members(sizes)
    guests = _guests(rng, books, event, len(sizes), "hackathon")
    day = rng.integers(2, books.options.days - 6, len(sizes)) * DAY
    guests.created = day[event] + 9 * HOUR + rng.gamma(2.0, HOUR / 2, count)
    guests.ended = np.where(rng.random(count) < 0.6, guests.created + 1.5 * DAY, np.inf)
    _tasks(rng, books, guests, event, len(sizes), 3, 0.95)
    return guests


def courses(rng: Rng, books: Books, count: int) -> Cohort:
    """Return people who meet once a week in one room; in half of the rooms two share a computer.
    Each is an operator alone.
    """
    sizes = group_sizes(rng, count, 10, 30, 1.4)
    room = members(sizes)
    guests = _guests(rng, books, room, len(sizes), "course")
    day = rng.integers(2, max(3, books.options.days // 3), len(sizes)) * DAY
    guests.created = day[room] + 18 * HOUR + rng.exponential(HOUR / 4, count)
    guests.ended[:] = np.inf
    _tasks(rng, books, guests, room, len(sizes), 8, 0.9)
    computers, number = shared(rng, room, 2.0)
    equipped = (rng.random(len(sizes)) < 0.5)[room]
    guests.device[equipped, SECOND] = books.new_devices(number)[computers][equipped]
    guests.device_weight[equipped, SECOND] = rng.uniform(0.5, 2.0, int(equipped.sum()))
    return guests


def schools(rng: Rng, books: Books, count: int) -> Cohort:
    """Return pupils whose accounts one administrator made in an afternoon: one operator each
    school, a mail domain of its own, laptops for all, exercises.
    """
    sizes = group_sizes(rng, count, 20, 80, 1.4)
    school = members(sizes)
    pupils = _guests(rng, books, school, len(sizes), "school")
    pupils.operator = school
    first = rng.integers(2, max(3, books.options.days // 2), len(sizes)) * DAY + 14 * HOUR
    order = np.arange(count) - firsts(sizes)[school]
    pupils.created = first[school] + order * rng.uniform(5, 60, count)
    pupils.ended[:] = np.inf
    _tasks(rng, books, pupils, school, len(sizes), 8, 0.92)
    laptops, number = shared(rng, school, 3.0)
    pupils.device[:, 0] = books.new_devices(number)[laptops]
    pupils.domain = books.domains.own(len(sizes), "school")[school]
    pupils.card[:] = -1
    listed = (rng.random(len(sizes)) < books.options.assumptions.declared)[school]
    pupils.declared = np.where(listed, books.new_groups(len(sizes))[school], -1)
    pupils.declared_kind[:] = DECLARED_KINDS.index("education")
    return pupils


def _guests(rng: Rng, books: Books, place: Ints, places: int, kind: str) -> Cohort:
    """Return people of one country each place, who also use its line; few ever pay."""
    guests = singles(rng, books, len(place), kind, countries(rng, places)[place])
    guests.status[:] = ACTIVE
    net = np.array(books.networks.business)[guests.country[np.unique(place, return_index=True)[1]]]
    guests.address[:, OTHER] = books.networks.pools(net, 1)[place]
    guests.address_weight[:, OTHER] = rng.uniform(0.5, 3.0, len(place))
    guests.card[rng.random(len(place)) < 0.7] = -1
    return guests


def _tasks(
    rng: Rng, books: Books, guests: Cohort, place: Ints, places: int, number: int, closeness: float
) -> None:
    """Let a part of the prompts of all at one place follow its tasks."""
    topics = len(books.themes.geometry.topics)
    tasks = [
        books.themes.narrow(int(rng.integers(0, topics)), number, closeness) for _ in range(places)
    ]
    guests.theme = np.array(tasks, np.int64)[place]
    guests.theme_share = rng.uniform(0.2, 0.7, len(place))
