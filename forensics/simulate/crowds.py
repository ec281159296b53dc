"""Honest strangers under one roof: campuses, cybercafés, libraries. Each is an operator alone."""

from __future__ import annotations

import numpy as np

from forensics.simulate.books import Books
from forensics.simulate.cohort import Cohort
from forensics.simulate.draws import Ints, Rng, firsts, group_sizes, members, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY
from forensics.simulate.people import HOME, OTHER, singles


def campuses(rng: Rng, books: Books, count: int) -> Cohort:
    """Return students and staff: few addresses, course bursts, homework in many versions."""
    sizes = group_sizes(rng, count, max(80, count // 5), max(81, count // 2), 1.2)
    campus, networks = members(sizes), books.networks
    people = singles(rng, books, count, "campus", countries(rng, len(sizes))[campus])
    net = [networks.add("education", 22, f"University {i + 1}") for i in range(len(sizes))]
    pools = networks.pools(np.array(net, np.int64), np.maximum(2, sizes // 150))
    people.address[:, OTHER] = pools[campus]
    people.address_weight[:, OTHER] = rng.uniform(0.4, 3.0, count)
    people.address_weight[rng.random(count) < 0.4, HOME] = 0
    own = books.domains.own(len(sizes), "edu.example")
    people.domain = np.where(rng.random(count) < 0.65, own[campus], people.domain)
    _courses(rng, books, people, campus, len(sizes))
    return people


def _courses(rng: Rng, books: Books, people: Cohort, campus: Ints, number: int) -> None:
    """Two courses a campus: sign-ups in class within hours, and shared homework."""
    count = len(people)
    course = campus * 2 + rng.integers(0, 2, count)
    enrolled = rng.random(count) < 0.5
    lesson = rng.integers(2, books.options.days - 3, number * 2) * DAY + 15 * 3600
    in_class = lesson[course] + rng.exponential(2_400, count).clip(0, 10_000)
    people.created = np.where(enrolled, in_class, people.created)
    gone = people.ended < people.created
    people.status[gone], people.ended[gone] = 0, np.inf
    bank = len(books.themes.geometry.prompts)
    homework = [
        books.themes.known(rng.choice(bank, 5, replace=False), 0.88) for _ in range(number * 2)
    ]
    people.theme = np.where(enrolled, np.array(homework, np.int64)[course], people.theme)
    people.theme_share = np.where(enrolled, rng.uniform(0.1, 0.5, count), people.theme_share)


def shared_computers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return guests of cybercafés and libraries: one address, few devices, strangers."""
    sizes = group_sizes(rng, count, 8, 60, 1.6)
    place = members(sizes)
    people = singles(rng, books, count, "shared_computer", countries(rng, len(sizes))[place])
    net = np.array(books.networks.business)[people.country[firsts(sizes)]]
    people.address[:, OTHER] = books.networks.pools(net, 1)[place]
    people.address_weight[:, OTHER] = rng.uniform(0.5, 4.0, count)
    device, number = shared(rng, place, 7)
    people.device[:, 1] = books.new_devices(number)[device]
    people.device_weight[:, 1] = rng.uniform(0.5, 4.0, count)
    people.card[rng.random(count) < 0.7] = -1
    return people
