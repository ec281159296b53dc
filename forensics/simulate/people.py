"""Honest people: alone, in families, on campuses, at shared computers, with odd habits."""

from __future__ import annotations

import numpy as np

from forensics.simulate.books import Books
from forensics.simulate.cohort import (
    API,
    CRON,
    DELETED,
    FREE,
    OFFICE,
    PRO,
    SUSPENDED,
    Cohort,
    blank,
)
from forensics.simulate.draws import Ints, Rng, group_sizes, members, rank_within, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY

_HOME, _MOBILE, _OTHER, _TRAVEL = range(4)


def singles(rng: Rng, books: Books, count: int, kind: str = "honest") -> Cohort:
    """Return `count` unrelated people, each with a home, most with a phone, some with a VPN."""
    people = blank(count, kind)
    people.country = countries(rng, count)
    live(rng, books, people, books.networks.home(rng, people.country))
    own_things(rng, books, people)
    return people


def live(rng: Rng, books: Books, people: Cohort, home: Ints) -> None:
    """Give people a home, a mobile network, perhaps a VPN and travel, and when they joined."""
    count, world, networks = len(people), books.options.assumptions, books.networks
    people.created = joined(rng, books, count)
    people.address[:, _HOME] = home
    people.address_weight[:, _HOME] = rng.uniform(0.5, 1.0, count)
    mobile = rng.random(count) < min(1.0, 2.2 * world.mobile)
    people.address[mobile, _MOBILE] = books.carriers[people.country[mobile]]
    people.address_weight[mobile, _MOBILE] = rng.uniform(0.1, 1.2, int(mobile.sum()))
    only = mobile & (rng.random(count) < world.mobile / 2)
    people.address_weight[only, _HOME] = 0
    vpn = rng.random(count) < world.vpn
    exits = books.vpns[rng.integers(0, len(books.vpns), count)]
    people.address[vpn, _OTHER] = exits[vpn]
    people.address_weight[vpn, _OTHER] = rng.uniform(0.3, 3.0, int(vpn.sum()))
    travel = np.flatnonzero(rng.random(count) < 0.08)
    abroad = countries(rng, len(travel))
    people.address[travel, _TRAVEL] = networks.pools(np.array(networks.homes)[abroad], 2, 4 * DAY)
    people.address_weight[travel, _TRAVEL] = 0.15


def own_things(rng: Rng, books: Books, people: Cohort) -> None:
    """Give people devices, cards, a mail provider, interests, hours and a rate of their own."""
    count = len(people)
    people.device[:, 0] = books.new_devices(count)
    people.device_weight[:, 0] = 1
    second = np.flatnonzero(rng.random(count) < 0.35)
    people.device[second, 1] = books.new_devices(len(second))
    people.device_weight[second, 1] = rng.uniform(0.1, 1.0, len(second))
    pay(rng, books, people, books.options.assumptions.paying)
    people.domain = books.domains.free(count)
    people.topic = rng.integers(0, len(books.themes.geometry.topics), count)
    people.volume = rng.lognormal(-0.5, 1.0, count)
    people.volume[rng.random(count) < 0.15] *= 0.05
    scripts = rng.random(count) < 0.03
    people.rhythm[scripts] = CRON
    people.client = np.where(scripts, 4 + rng.integers(0, 3, count), rng.integers(0, 4, count))
    people.plan[scripts] = API
    leave(rng, books, people)


def pay(rng: Rng, books: Books, people: Cohort, share: float) -> None:
    """Give a share of the people an instrument of their own; some change it once."""
    payers = np.flatnonzero(rng.random(len(people)) < share)
    people.card[payers, 0] = books.cards.personal(people.country[payers])
    again = payers[rng.random(len(payers)) < 0.07]
    people.card[again, 1] = books.cards.personal(people.country[again])
    people.plan[payers] = np.where(rng.random(len(payers)) < 0.8, PRO, API)


def leave(rng: Rng, books: Books, people: Cohort) -> None:
    """Let a few accounts be deleted by their owners, and fewer be suspended (for spam, say)."""
    fate = rng.random(len(people))
    people.status[fate < 0.02] = DELETED
    people.status[fate > 0.996] = SUSPENDED
    gone = np.flatnonzero(people.status > 0)
    from_ = np.maximum(people.created[gone], 0)
    people.ended[gone] = from_ + rng.random(len(gone)) * (books.options.length - from_)


def joined(rng: Rng, books: Books, count: int, old: float = 0.6) -> np.ndarray:
    """Return when accounts signed up: a share of `old` ones in the two years before."""
    before = -rng.exponential(200, count).clip(0, 730) * DAY
    during = rng.random(count) * (books.options.length - DAY)
    return np.where(rng.random(count) < old, before, during)


def families(rng: Rng, books: Books, count: int) -> Cohort:
    """Return families of 2 to 6: one home, often one card or one computer."""
    sizes = group_sizes(rng, count, 2, 6, 1.6)
    family = members(sizes)
    people = blank(count, "family")
    people.country = countries(rng, len(sizes))[family]
    home = books.networks.home(rng, countries_of(people, sizes))
    live(rng, books, people, home[family])
    own_things(rng, books, people)
    people.operator = family
    first = np.cumsum(sizes) - sizes
    payer = people.card[first, 0][family]
    one_card = (rng.random(len(sizes)) < 0.5)[family] & (payer >= 0) & (rng.random(count) < 0.8)
    people.card[one_card, 0] = payer[one_card]
    people.plan[one_card] = PRO
    one_device = (rng.random(len(sizes)) < 0.45)[family] & (rng.random(count) < 0.8)
    people.device[one_device, 1] = people.device[first, 0][family][one_device]
    people.device_weight[one_device, 1] = rng.uniform(0.1, 1.0, int(one_device.sum()))
    return people


def countries_of(people: Cohort, sizes: Ints) -> Ints:
    """Return the country of the first account of each group."""
    return people.country[np.cumsum(sizes) - sizes]


def campuses(rng: Rng, books: Books, count: int) -> Cohort:
    """Return students and staff: few addresses, course bursts, homework in many versions."""
    sizes = group_sizes(rng, count, min(count, max(80, count // 5)), max(81, count // 2), 1.2)
    campus = members(sizes)
    people = singles(rng, books, count, "campus")
    people.country = countries(rng, len(sizes))[campus]
    networks = books.networks
    net = np.array(
        [networks.add("education", 22, f"University {i + 1}") for i in range(len(sizes))], int
    )
    pools = networks.pools(net, np.maximum(2, sizes // 150))
    people.address[:, _OTHER] = pools[campus]
    people.address_weight[:, _OTHER] = rng.uniform(0.4, 3.0, count)
    resident = rng.random(count) < 0.4
    people.address_weight[resident, _HOME] = 0
    own = books.domains.own(len(sizes), "edu.example")
    mail = rng.random(count) < 0.65
    people.domain[mail] = own[campus][mail]
    _course(rng, books, people, campus, len(sizes))
    return people


def _course(rng: Rng, books: Books, people: Cohort, campus: Ints, number: int) -> None:
    """Two courses a campus: sign-ups in class within hours, and shared homework."""
    course = campus * 2 + rng.integers(0, 2, len(people))
    enrolled = rng.random(len(people)) < 0.5
    day = rng.integers(2, books.options.days - 3, number * 2) * DAY + 15 * 3600
    spread = rng.exponential(2_400, len(people)).clip(0, 10_000)
    people.created = np.where(enrolled, day[course] + spread, people.created)
    gone = people.ended < people.created
    people.status[gone], people.ended[gone] = 0, np.inf
    bank = len(books.themes.geometry.prompts)
    homework = np.array(
        [books.themes.known(rng.choice(bank, 5, replace=False), 0.88) for _ in range(number * 2)]
    )
    people.theme = np.where(enrolled, homework[course], -1)
    people.theme_share = np.where(enrolled, rng.uniform(0.1, 0.5, len(people)), 0)


def shared_computers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return guests of cybercafés and libraries: one address, few devices, strangers."""
    people = singles(rng, books, count, "shared_computer")
    sizes = group_sizes(rng, count, 8, 60, 1.6)
    place = members(sizes)
    people.country = countries(rng, len(sizes))[place]
    net = np.array(books.networks.business)[countries_of(people, sizes)]
    people.address[:, _OTHER] = books.networks.pools(net, 1)[place]
    people.address_weight[:, _OTHER] = rng.uniform(0.5, 4.0, count)
    device, number = shared(rng, place, 7)
    people.device[:, 1] = books.new_devices(number)[device]
    people.device_weight[:, 1] = rng.uniform(0.5, 4.0, count)
    people.card[rng.random(count) < 0.7] = -1
    return people


def serial(rng: Rng, books: Books, count: int) -> Cohort:
    """Return people with two to four accounts, one after another: a lost password, a new job."""
    sizes = group_sizes(rng, count, 2, 4, 1.8)
    person = members(sizes)
    people = blank(count, "serial")
    people.country = countries(rng, len(sizes))[person]
    live(rng, books, people, books.networks.home(rng, countries_of(people, sizes))[person])
    own_things(rng, books, people)
    first = (np.cumsum(sizes) - sizes)[person]
    people.operator = person
    for column in (people.device, people.device_weight, people.card):
        column[:] = column[first]
    for column in (people.topic, people.rhythm, people.client):
        column[:] = column[first]
    rank = rank_within(rng, person)
    stretch = books.options.length / sizes[person]
    people.created = (rank + rng.random(count) * 0.2) * stretch
    people.created[rank == 0] -= rng.exponential(100 * DAY, int((rank == 0).sum()))
    last = rank == sizes[person] - 1
    people.ended = np.where(last, np.inf, (rank + 0.95) * stretch)
    people.status = np.where(last, 0, np.where(rng.random(count) < 0.5, DELETED, 0))
    return people


def benchmarkers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return unrelated people who run the same public benchmarks, word for word."""
    people = singles(rng, books, count, "benchmark")
    choice = rng.integers(0, len(books.benchmarks), count)
    people.theme = np.array(books.benchmarks)[choice]
    people.theme_share = rng.uniform(0.5, 0.98, count)
    people.volume *= 2
    people.client = 4 + rng.integers(0, 3, count)
    people.plan[:] = API
    return people


def default_prompts(rng: Rng, books: Books, count: int) -> Cohort:
    """Return unrelated people whose framework sends its own default prompt."""
    people = singles(rng, books, count, "default_prompt")
    people.theme = np.array(books.defaults)[rng.integers(0, len(books.defaults), count)]
    people.theme_share = rng.uniform(0.2, 0.9, count)
    people.client = 4 + rng.integers(0, 3, count)
    people.rhythm[rng.random(count) < 0.3] = OFFICE
    people.plan[people.plan == FREE] = API
    return people
