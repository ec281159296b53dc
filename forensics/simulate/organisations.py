"""Honest organisations, one operator each: companies, resellers, agencies, test teams and more."""

from __future__ import annotations

import numpy as np

from forensics.simulate import cards
from forensics.simulate.books import Books
from forensics.simulate.cohort import (
    API,
    CRON,
    DECLARED_KINDS,
    ENTERPRISE,
    OFFICE,
    TEAM,
    Cohort,
    blank,
)
from forensics.simulate.draws import Ints, Rng, firsts, group_sizes, members, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY
from forensics.simulate.people import OTHER, live, own_things, singles


def companies(rng: Rng, books: Books, count: int) -> Cohort:
    """Return companies of 5 to 300 accounts on one card, with their own staff, devices, prompts."""
    sizes = group_sizes(rng, count, 5, int(np.clip(count / 3, 20, 300)), 1.7)
    company = members(sizes)
    staff = _staff(rng, books, sizes, "company")
    card = books.cards.add(
        staff.country[firsts(sizes)],
        rng.choice([cards.CARD, cards.INVOICE, cards.VIRTUAL], len(sizes), p=[0.8, 0.1, 0.1]),
    )
    staff.card[:, 0] = card[company]
    _egress(rng, books, staff, company, sizes)
    domain = books.domains.own(len(sizes))
    # Contractors write from free mail; a few small firms have no domain at all.
    contractors = rng.random(count) < np.where(rng.random(len(sizes)) < 0.2, 0.3, 0.02)[company]
    none = (rng.random(len(sizes)) < 0.06)[company]
    staff.domain = np.where(contractors | none, staff.domain, domain[company])
    _field_of_work(rng, books, staff, company, len(sizes))
    _declare(rng, books, staff, company, sizes, "organisation")
    return staff


def _staff(rng: Rng, books: Books, sizes: Ints, kind: str) -> Cohort:
    group = members(sizes)
    people = blank(len(group), kind)
    people.country = countries(rng, len(sizes))[group]
    remote = rng.random(len(group)) < 0.1
    people.country[remote] = countries(rng, int(remote.sum()))
    live(rng, books, people, books.networks.home(rng, people.country))
    own_things(rng, books, people)
    people.operator = group
    people.card[:] = -1
    start = -rng.exponential(200, len(sizes)).clip(0, 700) * DAY
    late = rng.random(len(sizes)) < 0.35
    start[late] = rng.random(int(late.sum())) * (books.options.length - 5 * DAY)
    # Most are invited on the first day, within office hours; others join later.
    first_day = rng.random(len(group)) < 0.5
    later = rng.random(len(group)) * (books.options.length - start[group])
    people.created = start[group] + np.where(first_day, rng.exponential(7_200, len(group)), later)
    people.created = people.created.clip(max=books.options.length - 3600)
    people.rhythm[:] = OFFICE
    people.plan = np.where(sizes[group] >= 60, ENTERPRISE, TEAM)
    people.ended[:], people.status[:] = np.inf, 0
    people.organisation = books.new_organisations(len(sizes))[group]
    return people


def _egress(rng: Rng, books: Books, staff: Cohort, company: Ints, sizes: Ints) -> None:
    """Offices share an address of their own, or a gateway in a public cloud."""
    country = staff.country[firsts(sizes)]
    cloud = rng.random(len(sizes)) < 0.3
    net = np.where(
        cloud,
        np.array(books.networks.clouds)[rng.integers(0, 5, len(sizes))],
        np.array(books.networks.business)[country],
    )
    pools = books.networks.pools(net, 1 + sizes // 60)
    present = (rng.random(len(sizes)) < 0.85)[company]
    staff.address[:, OTHER] = np.where(present, pools[company], staff.address[:, OTHER])
    staff.address_weight[:, OTHER] = np.where(present, rng.uniform(0.3, 3.0, len(company)), 0.1)


def _field_of_work(rng: Rng, books: Books, staff: Cohort, company: Ints, number: int) -> None:
    topics = len(books.themes.geometry.topics)
    mine = rng.random(len(company)) < 0.4
    staff.topic = np.where(mine, rng.integers(0, topics, number)[company], staff.topic)
    # One in six companies has a prompt of its own that many of its staff use.
    tool = np.full(number, -1)
    for i in np.flatnonzero(rng.random(number) < 0.17):
        tool[i] = books.themes.narrow(int(rng.integers(0, topics)), 3, 0.93)
    staff.theme = tool[company]
    staff.theme_share = np.where(staff.theme >= 0, rng.uniform(0.0, 0.35, len(company)), 0)


def _declare(
    rng: Rng, books: Books, staff: Cohort, group: Ints, sizes: Ints, kind: str, share: float = -1
) -> None:
    share = books.options.assumptions.declared if share < 0 else share
    known = rng.random(len(sizes)) < share
    numbers = books.new_groups(len(sizes))
    # A declaration misses a few accounts: new staff, contractors.
    listed = known[group] & (rng.random(len(group)) < 0.93)
    staff.declared = np.where(listed, numbers[group], -1)
    staff.declared_kind[:] = DECLARED_KINDS.index(kind)


def resellers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return agencies: one payer, many end customers with their own homes, devices, prompts."""
    sizes = group_sizes(rng, count, 8, int(np.clip(count / 2, 30, 400)), 1.5)
    agency = members(sizes)
    clients = singles(rng, books, count, "reseller", countries(rng, len(sizes))[agency])
    clients.operator = agency
    payer = books.cards.add(
        clients.country[firsts(sizes)],
        rng.choice([cards.CARD, cards.BANK, cards.INVOICE], len(sizes), p=[0.7, 0.2, 0.1]),
    )
    clients.card[:, 0], clients.card[:, 1] = payer[agency], -1
    domain = books.domains.own(len(sizes))
    hosted = (rng.random(len(sizes)) < 0.5)[agency]
    clients.domain = np.where(hosted & (rng.random(count) < 0.9), domain[agency], clients.domain)
    clients.plan[:] = API
    start = -rng.exponential(150, len(sizes)).clip(0, 500) * DAY
    clients.created = start[agency] + rng.random(count) * (books.options.length - start[agency])
    clients.status[:], clients.ended[:] = 0, np.inf
    clients.organisation = books.new_organisations(len(sizes))[agency]
    # The agency's own office sets accounts up: its address is on many of them, seldom.
    office = books.networks.pools(
        np.array(books.networks.business)[clients.country[firsts(sizes)]], 1
    )
    helped = rng.random(count) < 0.5
    clients.address[helped, OTHER] = office[agency][helped]
    clients.address_weight[helped, OTHER] = 0.1
    _declare(rng, books, clients, agency, sizes, "reseller")
    return clients


def researchers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return red teams under a verified programme: adversarial prompts, shared set-up."""
    sizes = group_sizes(rng, count, 4, 15, 1.4)
    team = members(sizes)
    staff = _staff(rng, books, sizes, "researchers")
    _egress(rng, books, staff, team, sizes)
    staff.domain = books.domains.own(len(sizes), "org.example")[team]
    staff.volume = rng.lognormal(0.2, 0.4, count)
    capability = int(books.capabilities[0])
    attack = np.array([books.themes.narrow(capability, 4, 0.9) for _ in sizes], int)
    staff.theme, staff.theme_share = attack[team], rng.uniform(0.3, 0.8, count)
    _declare(rng, books, staff, team, sizes, "research", share=1.0)
    return staff


def build_fleets(rng: Rng, books: Books, count: int) -> Cohort:
    """Return service accounts of build systems: one cloud address, fixed prompts, on the hour."""
    sizes = group_sizes(rng, count, 5, 40, 1.6)
    fleet = members(sizes)
    robots = _staff(rng, books, sizes, "build_fleet")
    country = robots.country[firsts(sizes)]
    cloud = np.array(books.networks.clouds)[rng.integers(0, 5, len(sizes))]
    robots.address[:], robots.address_weight[:] = -1, 0
    robots.address[:, OTHER] = books.networks.pools(cloud, 2)[fleet]
    robots.address_weight[:, OTHER] = 1
    robots.card[:, 0] = books.cards.add(country, np.full(len(sizes), cards.CARD))[fleet]
    robots.device[:], robots.device_weight[:] = -1, 0
    robots.domain = books.domains.own(len(sizes))[fleet]
    robots.rhythm[:] = CRON
    robots.schedule = np.array(
        [books.schedules.add(rng, books.options.length, books.options.days * 24) for _ in sizes],
        int,
    )[fleet]
    robots.together[:] = 0.5
    topics = len(books.themes.geometry.topics)
    task = [books.themes.narrow(int(rng.integers(0, topics)), 3, 0.95) for _ in sizes]
    robots.theme, robots.theme_share = np.array(task, int)[fleet], np.full(count, 0.85)
    robots.client = 4 + rng.integers(0, 3, len(sizes))[fleet]
    robots.plan[:] = API
    _declare(rng, books, robots, fleet, sizes, "internal")
    return robots


def testers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return test accounts of software firms: own mail, a few devices, the same prompts."""
    sizes = group_sizes(rng, count, 8, 30, 1.4)
    firm = members(sizes)
    tests = _staff(rng, books, sizes, "testers")
    _egress(rng, books, tests, firm, sizes)
    devices, number = shared(rng, firm, 4.0)
    tests.device[:, 0] = books.new_devices(number)[devices]
    tests.domain = books.domains.own(len(sizes))[firm]
    paid = rng.random(count) < 0.5
    card = books.cards.add(tests.country[firsts(sizes)], np.full(len(sizes), cards.CARD))
    tests.card[:, 0] = np.where(paid, card[firm], -1)
    topics = len(books.themes.geometry.topics)
    task = [books.themes.narrow(int(rng.integers(0, topics)), 4, 0.97) for _ in sizes]
    tests.theme, tests.theme_share = np.array(task, int)[firm], np.full(count, 0.85)
    return tests


def agencies(rng: Rng, books: Books, count: int) -> Cohort:
    """Return accounts that agencies run for their customers: mail of each customer's own domain,
    three people's devices, the agency's office and prompts, some on the agency's card.
    """
    sizes = group_sizes(rng, count, 8, 30, 1.4)
    agency = members(sizes)
    clients = _staff(rng, books, sizes, "agency")
    _egress(rng, books, clients, agency, sizes)
    staff = books.new_devices(3 * len(sizes))
    clients.device[:, 0] = staff[3 * agency + rng.integers(0, 3, count)]
    clients.domain = books.domains.own(count)
    clients.organisation = books.new_organisations(count)
    own = books.cards.add(clients.country[firsts(sizes)], np.full(len(sizes), cards.CARD))
    theirs = books.cards.personal(clients.country)
    clients.card[:, 0] = np.where(rng.random(count) < 0.5, own[agency], theirs)
    topics = len(books.themes.geometry.topics)
    house = [books.themes.narrow(int(rng.integers(0, topics)), 5, 0.87) for _ in sizes]
    clients.theme, clients.theme_share = np.array(house, int)[agency], rng.uniform(0.3, 0.6, count)
    return clients
