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
from forensics.simulate.cohort import ACTIVE, API, DIURNAL, FREE, SUSPENDED, TEAM, Cohort, blank
from forensics.simulate.draws import Rng, firsts, group_sizes
from forensics.simulate.options import DAY
from forensics.simulate.plan import OWN, VPN, Plan, campaign_sizes


def proxy_networks(rng: Rng, books: Books, count: int) -> Cohort:
    """Large networks that resell access: mixed traffic, residential proxies, quick replacement."""
    p = Plan(rng, books, campaign_sizes(count, 30_000), "proxy_network")
    p.cards(18, cards.VIRTUAL, one_issue=True)
    p.devices(12)
    p.own_network(24, 0.35)
    p.proxies(0.25, 1.0)
    p.prompts(16, 0.45)
    p.synchronised(0.5, 60)
    p.sign_up(20, 25, 1_800)
    p.replace_banned(0.35, 5_400)
    p.phones(4, 0.3)
    p.accounts.topic[:] = -1
    return p.accounts


def datacentre_labs(rng: Rng, books: Books, count: int) -> Cohort:
    """One lab in a data centre of its own, on few cards, with a mail domain that looks decent."""
    p = Plan(rng, books, campaign_sizes(count, 1_500), "datacentre_lab")
    p.cards(60, cards.CARD)
    p.devices(20)
    p.own_network(60, 1.0)
    p.proxies(0.15, 0.15 + 0.5 * p.e)
    p.prompts(8, 0.85)
    p.synchronised(0.6, 40)
    p.sign_up(6, 40, 3_600)
    own = books.domains.own(len(p.sizes))
    decent = rng.random(len(p.group)) < 0.8 * (1 - p.e)
    p.accounts.domain = np.where(decent, own[p.group], p.accounts.domain)
    # It looks like a company: a name, a team plan.
    looks = rng.random(len(p.sizes)) < 0.7
    named = books.new_organisations(len(p.sizes))
    p.accounts.organisation = np.where(looks, named, -1)[p.group]
    p.accounts.plan = np.where(looks, TEAM, API)[p.group]
    p.accounts.client = 4 + rng.integers(0, 3, len(p.sizes))[p.group]
    return p.accounts


def careful_campaigns(rng: Rng, books: Books, count: int) -> Cohort:
    """Accounts with a card, a device and addresses each: they share prompts, rhythm, card issue."""
    p = Plan(rng, books, campaign_sizes(count, 150), "careful")
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
    p = Plan(rng, books, campaign_sizes(count, 200), "trial_abuse")
    p.cards(5, cards.PREPAID, 0.6)
    p.devices(9)
    p.homes(0.5, per=12)
    p.vpn(0.6)
    p.prompts(6, 0.4)
    p.synchronised(0.15, 20)
    p.accounts.rhythm[:] = DIURNAL
    p.phones(6, 0.4)
    p.sign_up(30, 3, 1_200)
    throw_away = rng.random(len(p.group)) < 1 - 0.7 * p.e
    p.accounts.domain = np.where(
        throw_away, books.domains.throw_away(len(p.group), 4), p.accounts.domain
    )
    p.aliases(8, 0.3)
    p.accounts.plan[:] = FREE
    # A trial lasts until it is used up.
    p.accounts.ended = p.accounts.created + rng.uniform(4, 12, len(p.group)) * DAY
    caught = (rng.random(len(p.group)) < 0.3) & (p.accounts.ended < books.options.length)
    p.accounts.status = np.where(caught, SUSPENDED, ACTIVE)
    return p.accounts


def device_farms(rng: Rng, books: Books, count: int) -> Cohort:
    """Racks of phones: few devices, many accounts, mobile addresses."""
    p = Plan(rng, books, campaign_sizes(count, 200), "device_farm")
    p.settle()
    p.cards(4, cards.PREPAID, 0.7)
    p.devices(14)
    p.homes(0.4, per=40)
    p.accounts.address[:, OWN] = books.carriers[p.accounts.country]
    p.accounts.address_weight[:, OWN] = 1.0
    p.prompts(6, 0.5)
    p.synchronised(0.4, 30)
    p.sign_up(14, 12, 1_800)
    return p.accounts


def small_rings(rng: Rng, books: Books, count: int) -> Cohort:
    """Rings of 3 to 12 accounts: one or two cards, few devices, a home, one task."""
    if count < 3:
        return blank(0, "small_ring", abusive=True)
    p = Plan(rng, books, group_sizes(rng, count, 3, 12, 1.2), "small_ring")
    p.settle()
    p.cards(6, cards.CARD)
    p.devices(3)
    p.homes(1.0, per=4)
    p.vpn(0.3)
    p.prompts(2, 0.7)
    p.synchronised(0.5, 12)
    p.sign_up(5, 4, 1_800)
    p.aliases(4, 0.15)
    _bridges(rng, p)
    return p.accounts


def _bridges(rng: Rng, p: Plan) -> None:
    """Some rings lend another ring a card; some share one VPN exit."""
    a, number = p.accounts, len(p.sizes)
    first = firsts(p.sizes)
    lender = np.arange(0, number - 1, 3)
    a.card[first[lender + 1], 1] = a.card[first[lender], 0]
    for ring in np.arange(1, number - 1, 4):
        vpn = np.array(p.books.networks.vpns)[[int(rng.integers(0, 6))]]
        both = (p.group == ring) | (p.group == ring + 1)
        a.address[both, VPN] = p.books.networks.pools(vpn, 1)[0]
