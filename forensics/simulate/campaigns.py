"""Abusive operators: six kinds of campaign, each of which leaks different things.

Evasion e: cards and devices are shared by (1 - e) as many accounts, own infrastructure is used
(1 - e) as often, templates and synchronised traffic shrink to 1 - 0.7 e and 1 - 0.8 e of
themselves, variants of a template move apart, a proxy network has 1 + 10 e times the addresses,
and sign-ups spread over 1 + 2 e times the days.
"""

from __future__ import annotations

import numpy as np

from forensics.simulate import cards
from forensics.simulate.books import Books
from forensics.simulate.cohort import ACTIVE, API, PRO, ROUND_THE_CLOCK, SUSPENDED, Cohort, blank
from forensics.simulate.draws import Ints, Rng, group_sizes, members, rank_within, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY

_OWN, _PROXY, _VPN, _HOME = range(4)


def closeness(evasion: float) -> float:
    """Return the cosine of a paraphrase to its template's centre.

    Two paraphrases then have the square of it: 0.90 without evasion, 0.64 from e = 0.7 on.
    """
    return float(np.sqrt(0.90 - 0.26 * min(1.0, evasion / 0.7)))


def campaign_sizes(count: int, largest: int) -> Ints:
    """Return the sizes of equal campaigns of at most `largest` accounts."""
    if count < 3:
        return np.zeros(0, np.int64)
    number = -(-count // largest)
    return np.full(number, count // number) + (np.arange(number) < count % number)


class _Plan:
    """One kind's accounts, being planned; `group` is the campaign of each."""

    def __init__(self, rng: Rng, books: Books, sizes: Ints, kind: str) -> None:
        self.rng, self.books, self.sizes = rng, books, sizes
        self.e = books.options.evasion
        self.group = members(sizes)
        self.accounts = blank(len(self.group), kind, abusive=True)
        self.accounts.operator = self.group
        self.accounts.country = countries(rng, len(self.group))
        self.accounts.domain = books.domains.free(len(self.group))
        self.accounts.topic = rng.integers(0, len(books.themes.geometry.topics), len(self.group))
        self.accounts.volume = rng.lognormal(0.35, 0.35, len(self.group))
        self.accounts.client = rng.integers(0, 4, len(self.group))
        self.accounts.plan[:] = PRO

    def cards(self, per: float, kind: int, share: float = 1.0, *, one_issue: bool = False) -> None:
        """About `per` accounts a card; with `one_issue` all cards of a campaign have one BIN."""
        payers = np.flatnonzero(self.rng.random(len(self.group)) < share)
        group = self.group[payers]
        card, number = shared(self.rng, group, per * (1 - self.e))
        owner = np.zeros(number, np.int64)
        owner[card] = group
        batch = owner + self.books.cards.count if one_issue else np.full(number, -1)
        country = countries(self.rng, len(self.sizes))[owner]
        self.accounts.card[payers, 0] = self.books.cards.add(country, np.full(number, kind), batch)[
            card
        ]

    def devices(self, per: float) -> None:
        """About `per` accounts a device."""
        device, number = shared(self.rng, self.group, per * (1 - self.e))
        self.accounts.device[:, 0] = self.books.new_devices(number)[device]
        self.accounts.device_weight[:, 0] = 1

    def own_network(self, kind: str, addresses: int, weight: float, length: int = 24) -> None:
        """Addresses in a block of the campaign's own."""
        net = [self.books.networks.add(kind, length, f"Hosting {n}") for n in self._numbers()]
        pools = self.books.networks.pools(np.array(net, int), addresses)
        self.accounts.address[:, _OWN] = pools[self.group]
        self.accounts.address_weight[:, _OWN] = weight * (1 - self.e)

    def _numbers(self) -> list[int]:
        first = len(self.books.networks.networks)
        return list(range(first, first + len(self.sizes)))

    def proxies(self, per_account: float, weight: float) -> None:
        """Residential proxies: homes of honest people, rotated at every session."""
        for i, size in enumerate(self.sizes):
            many = max(4, round(size * per_account * (1 + 10 * self.e)))
            pool = self.books.networks.borrow(self.books.honest_homes, many)
            self.accounts.address[self.group == i, _PROXY] = pool
        self.accounts.address_weight[:, _PROXY] = weight

    def vpn(self, weight: float) -> None:
        """A commercial VPN provider each campaign, used by honest people too."""
        exits = self.books.vpns[self.rng.integers(0, len(self.books.vpns), len(self.sizes))]
        self.accounts.address[:, _VPN] = exits[self.group]
        self.accounts.address_weight[:, _VPN] = weight

    def homes(self, weight: float, per: float = 1.0) -> None:
        """Ordinary home connections, about `per` accounts each (less with evasion)."""
        home, number = shared(self.rng, self.group, per * (1 - self.e))
        country = np.zeros(number, np.int64)
        country[home] = self.accounts.country
        self.accounts.country = country[home]
        self.accounts.address[:, _HOME] = self.books.networks.home(self.rng, country)[home]
        self.accounts.address_weight[:, _HOME] = weight

    def prompts(self, templates: int, share: float) -> None:
        """Templates of one narrow capability, sent by all accounts of a campaign."""
        choices = self.books.capabilities
        theme = [
            self.books.themes.narrow(
                choices[int(self.rng.integers(0, len(choices)))], templates, closeness(self.e)
            )
            for _ in self.sizes
        ]
        self.accounts.theme = np.array(theme, int)[self.group]
        jitter = self.rng.uniform(0.85, 1.15, len(self.group))
        self.accounts.theme_share = (share * (1 - 0.7 * self.e) * jitter).clip(0, 1)

    def synchronised(self, share: float, batches_a_day: int) -> None:
        """Sessions at the moments of one schedule, round the clock."""
        options = self.books.options
        numbers = [
            self.books.schedules.add(self.rng, options.length, batches_a_day * options.days)
            for _ in self.sizes
        ]
        self.accounts.schedule = np.array(numbers, int)[self.group]
        self.accounts.together[:] = share * (1 - 0.8 * self.e)
        self.accounts.rhythm[:] = ROUND_THE_CLOCK

    def sign_up(self, days: float, batch: int, within: float) -> None:
        """Sign up in batches of about `batch` accounts, `within` seconds each, over some days."""
        length = self.books.options.length
        span = min(days * (1 + 2 * self.e) * DAY, length * 0.8)
        begin = self.rng.random(len(self.sizes)) * (length * 0.9 - span)
        block, number = shared(self.rng, self.group, float(batch))
        moments = self.rng.random(number)
        self.accounts.created = (
            begin[self.group]
            + moments[block] * span
            + self.rng.random(len(self.group)) * within * (1 + 20 * self.e)
        )

    def replace_banned(self, share: float, delay: float) -> None:
        """Suspend a share of the accounts; each gets a successor that signs up soon after."""
        a, length = self.accounts, self.books.options.length
        rank = rank_within(self.rng, self.group)
        pairs = (self.sizes * share / 2).astype(np.int64)
        banned = np.flatnonzero(rank < pairs[self.group])
        fresh = np.flatnonzero((rank >= pairs[self.group]) & (rank < 2 * pairs[self.group]))
        order = np.lexsort((rank[banned], self.group[banned]))
        banned = banned[order]
        fresh = fresh[np.lexsort((rank[fresh], self.group[fresh]))]
        room = length - DAY - a.created[banned]
        a.status[banned] = SUSPENDED
        a.ended[banned] = a.created[banned] + room * self.rng.uniform(0.15, 0.7, len(banned))
        a.created[fresh] = a.ended[banned] + self.rng.exponential(delay, len(fresh))
        a.created[fresh] = a.created[fresh].clip(max=length - DAY / 2)


def proxy_networks(rng: Rng, books: Books, count: int) -> Cohort:
    """Large networks that resell access: mixed traffic, residential proxies, quick replacement."""
    p = _Plan(rng, books, campaign_sizes(count, 30_000), "proxy_network")
    p.cards(18, cards.VIRTUAL, one_issue=True)
    p.devices(12)
    p.own_network("datacenter", 24, 0.35)
    p.proxies(0.25, 1.0)
    p.prompts(16, 0.45)
    p.synchronised(0.5, 60)
    p.sign_up(20, 25, 1_800)
    p.replace_banned(0.35, 5_400)
    return p.accounts


def datacentre_labs(rng: Rng, books: Books, count: int) -> Cohort:
    """One lab in a data centre of its own, on few cards, with a mail domain that looks decent."""
    p = _Plan(
        rng, books, campaign_sizes(count, books.options.assumptions.campaign_size), "datacentre_lab"
    )
    p.cards(60, cards.CARD)
    p.devices(20)
    p.own_network("datacenter", 60, 1.0)
    p.proxies(0.15, 0.15 + 0.5 * p.e)
    p.prompts(8, 0.85)
    p.synchronised(0.6, 40)
    p.sign_up(6, 40, 3_600)
    own = books.domains.own(len(p.sizes))
    decent = rng.random(len(p.group)) < 0.8 * (1 - p.e)
    p.accounts.domain = np.where(decent, own[p.group], p.accounts.domain)
    p.accounts.plan[:] = API
    p.accounts.client = 4 + rng.integers(0, 3, len(p.sizes))[p.group]
    return p.accounts


def careful_campaigns(rng: Rng, books: Books, count: int) -> Cohort:
    """Accounts with a card, a device and addresses each: they share prompts, rhythm, card issue."""
    p = _Plan(rng, books, campaign_sizes(count, 400), "careful")
    p.cards(1, cards.VIRTUAL, one_issue=True)
    p.devices(1)
    p.homes(1.0)
    p.vpn(0.25)
    p.prompts(5, 0.75)
    p.synchronised(0.35, 30)
    p.sign_up(10, 6, 2_400)
    return p.accounts


def trial_abusers(rng: Rng, books: Books, count: int) -> Cohort:
    """Free trials again and again: throw-away mail, reused devices, prepaid or virtual cards."""
    p = _Plan(rng, books, campaign_sizes(count, 250), "trial_abuse")
    p.cards(5, cards.PREPAID, 0.6)
    p.devices(9)
    p.homes(0.5, per=12)
    p.vpn(0.6)
    p.prompts(6, 0.4)
    p.synchronised(0.15, 20)
    p.accounts.rhythm[:] = 0
    p.sign_up(30, 3, 1_200)
    throw_away = rng.random(len(p.group)) < 1 - 0.7 * p.e
    p.accounts.domain = np.where(
        throw_away, books.domains.throw_away(len(p.group), 4), p.accounts.domain
    )
    p.accounts.plan[:] = 0
    # A trial lasts until it is used up.
    p.accounts.ended = p.accounts.created + rng.uniform(4, 12, len(p.group)) * DAY
    p.accounts.status = np.where(rng.random(len(p.group)) < 0.3, SUSPENDED, ACTIVE)
    return p.accounts


def device_farms(rng: Rng, books: Books, count: int) -> Cohort:
    """Racks of phones: few devices, many accounts, mobile addresses."""
    p = _Plan(rng, books, campaign_sizes(count, 400), "device_farm")
    p.cards(4, cards.PREPAID, 0.7)
    p.devices(14)
    p.homes(0.4, per=40)
    p.accounts.address[:, _OWN] = books.carriers[p.accounts.country]
    p.accounts.address_weight[:, _OWN] = 1.0
    p.prompts(6, 0.5)
    p.synchronised(0.4, 30)
    p.sign_up(14, 12, 1_800)
    return p.accounts


def small_rings(rng: Rng, books: Books, count: int) -> Cohort:
    """Rings of 3 to 12 accounts: one or two cards, few devices, a home, one task."""
    if count < 3:
        return blank(0, "small_ring", abusive=True)
    p = _Plan(rng, books, group_sizes(rng, count, 3, 12, 1.2), "small_ring")
    p.cards(6, cards.CARD)
    p.devices(3)
    p.homes(1.0, per=4)
    p.vpn(0.3)
    p.prompts(2, 0.7)
    p.synchronised(0.5, 12)
    p.sign_up(5, 4, 1_800)
    _bridges(rng, p)
    return p.accounts


def _bridges(rng: Rng, p: _Plan) -> None:
    """Some rings lend another ring a card; some share one VPN exit."""
    a, number = p.accounts, len(p.sizes)
    first = np.cumsum(p.sizes) - p.sizes
    lender = np.arange(0, number - 1, 3)
    a.card[first[lender + 1], 1] = a.card[first[lender], 0]
    for ring in np.arange(1, number - 1, 4):
        vpn = np.array(p.books.networks.vpns)[[int(rng.integers(0, 6))]]
        both = (p.group == ring) | (p.group == ring + 1)
        a.address[both, _VPN] = p.books.networks.pools(vpn, 1)[0]
