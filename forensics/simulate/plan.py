"""How campaigns leak, and how evasion makes them leak less."""

from __future__ import annotations

import numpy as np

from forensics.simulate.books import Books
from forensics.simulate.cohort import PRO, ROUND_THE_CLOCK, SUSPENDED, blank
from forensics.simulate.draws import Ints, Rng, members, rank_within, shared
from forensics.simulate.networks import countries
from forensics.simulate.options import DAY

#: The columns of `address` that campaigns use.
OWN, PROXY, VPN, HOME = range(4)


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


class Plan:
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

    def settle(self) -> None:
        """All accounts of a campaign in one country."""
        self.accounts.country = countries(self.rng, len(self.sizes))[self.group]

    def cards(self, per: float, kind: int, share: float = 1.0, *, one_issue: bool = False) -> None:
        """About `per` accounts a card; with `one_issue` all cards of a campaign have one BIN."""
        share *= min(1.0, self.books.options.assumptions.paying / 0.6)
        payers = np.flatnonzero(self.rng.random(len(self.group)) < share)
        group = self.group[payers]
        card, number = shared(self.rng, group, per * (1 - self.e))
        owner = np.zeros(number, np.int64)
        owner[card] = group
        batch = owner + self.books.cards.count if one_issue else np.full(number, -1)
        country = countries(self.rng, len(self.sizes))[owner]
        issued = self.books.cards.add(country, np.full(number, kind), batch)
        self.accounts.card[payers, 0] = issued[card]

    def devices(self, per: float) -> None:
        """About `per` accounts a device."""
        device, number = shared(self.rng, self.group, per * (1 - self.e))
        self.accounts.device[:, 0] = self.books.new_devices(number)[device]
        self.accounts.device_weight[:, 0] = 1

    def phones(self, per: float, share: float) -> None:
        """Numbers rented to receive codes: about `per` accounts each."""
        given = np.flatnonzero(self.rng.random(len(self.group)) < share)
        phone, number = shared(self.rng, self.group[given], per * (1 - self.e))
        self.accounts.phone[given] = self.books.new_phones(number)[phone]

    def aliases(self, per: float, share: float) -> None:
        """Mail addresses that are aliases of one mailbox: about `per` accounts each."""
        given = np.flatnonzero(self.rng.random(len(self.group)) < share * (1 - self.e))
        mailbox, number = shared(self.rng, self.group[given], per)
        self.accounts.mailbox[given] = self.books.new_mailboxes(number)[mailbox]
        self.accounts.domain[given] = 0

    def own_network(self, addresses: int, weight: float) -> None:
        """Addresses in a /24 of the campaign's own, in a data centre."""
        first = len(self.books.networks.networks) + 1
        net = [
            self.books.networks.add("datacenter", 24, f"Hosting {first + i}")
            for i in range(len(self.sizes))
        ]
        pools = self.books.networks.pools(np.array(net, np.int64), addresses)
        self.accounts.address[:, OWN] = pools[self.group]
        self.accounts.address_weight[:, OWN] = weight * (1 - self.e)

    def proxies(self, per_account: float, weight: float) -> None:
        """Residential proxies: homes of honest people, rotated at every session."""
        for i, size in enumerate(self.sizes):
            many = max(4, round(size * per_account * (1 + 10 * self.e)))
            pool = self.books.networks.borrow(self.books.honest_homes, many)
            self.accounts.address[self.group == i, PROXY] = pool
        self.accounts.address_weight[:, PROXY] = weight

    def vpn(self, weight: float) -> None:
        """A commercial VPN provider each campaign, used by honest people too."""
        exits = self.books.vpns[self.rng.integers(0, len(self.books.vpns), len(self.sizes))]
        self.accounts.address[:, VPN] = exits[self.group]
        self.accounts.address_weight[:, VPN] = weight

    def homes(self, weight: float, per: float = 1.0) -> None:
        """Ordinary home connections, about `per` accounts each (less with evasion)."""
        home, number = shared(self.rng, self.group, per * (1 - self.e))
        country = np.zeros(number, np.int64)
        country[home] = self.accounts.country
        self.accounts.country = country[home]
        self.accounts.address[:, HOME] = self.books.networks.home(self.rng, country)[home]
        self.accounts.address_weight[:, HOME] = weight

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
        stagger = self.rng.random(len(self.group)) * within * (1 + 2 * self.e)
        created = begin[self.group] + moments[block] * span + stagger
        self.accounts.created = created.clip(max=length - 2 * DAY)

    def replace_banned(self, share: float, delay: float) -> None:
        """Suspend a share of the accounts; each gets a successor that signs up soon after."""
        a, length = self.accounts, self.books.options.length
        rank = rank_within(self.rng, self.group)
        pairs = (self.sizes * share / 2).astype(np.int64)[self.group]
        order = np.lexsort((rank, self.group))
        banned = order[rank[order] < pairs[order]]
        fresh = order[(rank[order] >= pairs[order]) & (rank[order] < 2 * pairs[order])]
        room = length - DAY - a.created[banned]
        a.status[banned] = SUSPENDED
        a.ended[banned] = a.created[banned] + room * self.rng.uniform(0.15, 0.7, len(banned))
        a.created[fresh] = a.ended[banned] + self.rng.exponential(delay, len(fresh))
        a.created[fresh] = a.created[fresh].clip(max=length - DAY / 2)
