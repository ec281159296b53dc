"""Honest people: alone, in families, with several accounts, or sending what others send too."""

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
from forensics.simulate.draws import (
    Flags,
    Ints,
    Reals,
    Rng,
    firsts,
    group_sizes,
    members,
    rank_within,
)
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY

#: The columns of `address` that honest accounts use.
HOME, MOBILE, OTHER, TRAVEL = range(4)


def singles(
    rng: Rng, books: Books, count: int, kind: str = "honest", country: Ints | None = None
) -> Cohort:
    """Return `count` unrelated people, each with a home, most with a phone, some with a VPN."""
    people = blank(count, kind)
    people.country = countries(rng, count) if country is None else country
    live(rng, books, people, books.networks.home(rng, people.country))
    own_things(rng, books, people)
    viral = rng.random(count) < 0.05
    people.theme[viral] = rng.choice(books.viral, int(viral.sum()))
    people.theme_share[viral] = rng.uniform(0.05, 0.4, int(viral.sum()))
    if kind == "honest":
        _chance_ties(rng, people)
    return people


def live(rng: Rng, books: Books, people: Cohort, home: Ints) -> None:
    """Give people a home, a mobile network, perhaps a VPN and travel, and when they joined."""
    count, world = len(people), books.options.assumptions
    people.created = joined(rng, books, count)
    people.address[:, HOME] = home
    people.address_weight[:, HOME] = rng.uniform(0.5, 1.0, count)
    mobile = rng.random(count) < min(1.0, 2.2 * world.mobile)
    people.address[mobile, MOBILE] = books.carriers[people.country[mobile]]
    people.address_weight[mobile, MOBILE] = rng.uniform(0.1, 1.2, int(mobile.sum()))
    only = mobile & (rng.random(count) < world.mobile / 2)
    people.address_weight[only, HOME] = 0
    vpn = rng.random(count) < world.vpn
    exits = books.vpns[rng.integers(0, len(books.vpns), count)]
    people.address[vpn, OTHER] = exits[vpn]
    people.address_weight[vpn, OTHER] = rng.uniform(0.3, 3.0, int(vpn.sum()))
    travel = np.flatnonzero(rng.random(count) < 0.08)
    abroad = np.array(books.networks.homes)[countries(rng, len(travel))]
    people.address[travel, TRAVEL] = books.networks.pools(abroad, 2, 4 * DAY)
    people.address_weight[travel, TRAVEL] = 0.15


def own_things(rng: Rng, books: Books, people: Cohort) -> None:
    """Give people devices, cards, a mail provider, interests, hours and a rate of their own."""
    count = len(people)
    people.device[:, 0] = books.new_devices(count)
    people.device_weight[:, 0] = 1
    second = np.flatnonzero(rng.random(count) < 0.35)
    people.device[second, 1] = books.new_devices(len(second))
    people.device_weight[second, 1] = rng.uniform(0.1, 1.0, len(second))
    _pay(rng, books, people, books.options.assumptions.paying)
    people.domain = books.domains.free(count)
    listed = np.flatnonzero(rng.random(count) < 0.4)
    people.phone[listed] = books.new_phones(len(listed))
    people.topic = rng.integers(0, len(books.themes.geometry.topics), count)
    people.volume = rng.lognormal(-0.5, 1.0, count)
    people.volume[rng.random(count) < 0.15] *= 0.05
    scripts = rng.random(count) < 0.03
    people.rhythm[scripts] = CRON
    people.client = np.where(scripts, 4 + rng.integers(0, 3, count), rng.integers(0, 4, count))
    people.plan[scripts] = API
    _leave(rng, books, people)


def joined(rng: Rng, books: Books, count: int) -> Reals:
    """Return when accounts signed up: most in the two years before, some on a launch day."""
    before = -rng.exponential(200, count).clip(0, 730) * DAY
    during = rng.random(count) * (books.options.length - DAY)
    launch = books.launch + rng.exponential(DAY / 2, count).clip(0, 4 * DAY)
    during = np.where(rng.random(count) < 0.1, launch, during)
    return np.where(rng.random(count) < 0.6, before, during)


def _pay(rng: Rng, books: Books, people: Cohort, share: float) -> None:
    """Give a share of the people an instrument of their own; some change it once."""
    payers = np.flatnonzero(rng.random(len(people)) < share)
    people.card[payers, 0] = books.cards.personal(people.country[payers])
    again = payers[rng.random(len(payers)) < 0.07]
    people.card[again, 1] = books.cards.personal(people.country[again])
    people.plan[payers] = np.where(rng.random(len(payers)) < 0.8, PRO, API)


def _leave(rng: Rng, books: Books, people: Cohort) -> None:
    """Let a few accounts be deleted by their owners, and fewer be suspended (for spam, say)."""
    fate = rng.random(len(people))
    people.status[fate < 0.02] = DELETED
    people.status[fate > 0.996] = SUSPENDED
    gone = np.flatnonzero(people.status > 0)
    begin = np.maximum(people.created[gone], 0)
    people.ended[gone] = begin + rng.random(len(gone)) * (books.options.length - begin)


def _chance_ties(rng: Rng, people: Cohort) -> None:
    """Strangers that one value ties: a recycled number, a second-hand device, a lent card."""
    for values, share in (
        (people.phone, 0.006),
        (people.device[:, 0], 0.003),
        (people.card[:, 0], 0.003),
    ):
        later = np.flatnonzero((rng.random(len(people)) < share) & (values >= 0))
        values[later] = values[rng.integers(0, len(people), len(later))]


def families(rng: Rng, books: Books, count: int) -> Cohort:
    """Return families of 2 to 6: one home, often one card or one computer."""
    sizes = group_sizes(rng, count, 2, 6, 1.6)
    family, first = members(sizes), firsts(sizes)
    people = blank(count, "family")
    people.country = countries(rng, len(sizes))[family]
    live(rng, books, people, books.networks.home(rng, people.country[first])[family])
    own_things(rng, books, people)
    people.operator = family
    payer = people.card[first, 0][family]
    one_card = _some(rng, family, 0.5) & (payer >= 0)
    people.card[one_card, 0] = payer[one_card]
    people.plan[one_card] = PRO
    one_device = _some(rng, family, 0.45)
    people.device[one_device, 1] = people.device[first, 0][family][one_device]
    people.device_weight[one_device, 1] = rng.uniform(0.1, 1.0, int(one_device.sum()))
    one_phone = _some(rng, family, 0.2)
    people.phone[one_phone] = people.phone[first][family][one_phone]
    return people


def _some(rng: Rng, group: Ints, share: float) -> Flags:
    """Choose a share of the groups, and four in five members of each."""
    chosen = rng.random(int(group.max()) + 1 if len(group) else 0) < share
    return np.asarray(chosen[group] & (rng.random(len(group)) < 0.8))


def serial(rng: Rng, books: Books, count: int) -> Cohort:
    """Return people with two to four accounts, one after another: a lost password, a new job."""
    sizes = group_sizes(rng, count, 2, 4, 1.8)
    person = members(sizes)
    first = firsts(sizes)[person]
    people = blank(count, "serial")
    people.country = countries(rng, len(sizes))[person]
    live(rng, books, people, books.networks.home(rng, people.country[firsts(sizes)])[person])
    own_things(rng, books, people)
    people.operator = person
    for column in (people.device, people.device_weight, people.card, people.topic, people.client):
        column[:] = column[first]
    same_phone = _some(rng, person, 0.6)
    people.phone[same_phone] = people.phone[first][same_phone]
    alias = _some(rng, person, 0.25)
    people.mailbox[alias] = books.new_mailboxes(len(sizes))[person][alias]
    people.domain[alias] = 0
    rank = rank_within(rng, person)
    stretch = books.options.length / sizes[person]
    people.created = (rank + rng.random(count) * 0.2) * stretch
    people.created[rank == 0] -= rng.exponential(100 * DAY, int((rank == 0).sum()))
    last = rank == sizes[person] - 1
    people.ended = np.where(last, np.inf, (rank + 0.95) * stretch)
    people.status = np.where(last | (rng.random(count) < 0.5), 0, DELETED)
    return people


def benchmarkers(rng: Rng, books: Books, count: int) -> Cohort:
    """Return unrelated people who run the same public benchmarks, word for word."""
    people = singles(rng, books, count, "benchmark")
    people.theme = rng.choice(books.benchmarks, count)
    people.theme_share = rng.uniform(0.5, 0.98, count)
    people.volume *= 2
    people.client = 4 + rng.integers(0, 3, count)
    people.plan[:] = API
    return people


def default_prompts(rng: Rng, books: Books, count: int) -> Cohort:
    """Return unrelated people whose framework sends its own default prompt."""
    people = singles(rng, books, count, "default_prompt")
    people.theme = rng.choice(books.defaults, count)
    people.theme_share = rng.uniform(0.2, 0.9, count)
    people.client = 4 + rng.integers(0, 3, count)
    people.rhythm[rng.random(count) < 0.3] = OFFICE
    people.plan[people.plan == FREE] = API
    return people
