"""Abusive operators. Each is a row of levers, which evasion moves from loose to careful."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks.elsewhere import draws
from benchmarks.elsewhere.draws import DAY, HOUR, Rng, amount, deal, happens, pick, several, token
from benchmarks.elsewhere.honest import Account, Setting, Stint, someone
from benchmarks.elsewhere.people import SCRIPTS, Card, Person
from benchmarks.elsewhere.places import Place

Lever = tuple[float, float]  # at evasion 0 and at evasion 0.7


@dataclass(frozen=True)
class Campaign:
    size: tuple[int, int]  # at least, and below
    per_card: Lever = (6, 1.3)  # accounts on one card
    per_device: Lever = (6, 1.3)
    per_address: Lever = (4, 0.6)  # accounts per address of the pool
    borrowed: Lever = (0.1, 0.35)  # addresses that are honest people's lines
    waves: Lever = (30, 3)  # accounts that sign up within the same hours
    spread: Lever = (4, 35)  # days from the first wave to the last
    templates: Lever = (3, 8)
    tightness: Lever = (0.92, 0.81)  # of a prompt to its template
    focus: Lever = (0.95, 0.55)  # prompts that are the campaign's
    jitter: Lever = (4, 40)  # minutes
    batch: Lever = (0.9, 0.5)  # cards that come from one batch
    phones: Lever = (0.8, 0.25)  # telephone numbers of one range
    mails: Lever = (0.9, 0.4)  # addresses of one maker's pattern
    suspended: Lever = (0.2, 0.08)
    style: str = "pattern"
    network: str = "residential"
    turns: bool = False  # one account after another instead of all at common ticks
    cover: int = 2  # topics of the traffic that is not the campaign's
    busy: float = 2.5
    output: float = 1400.0
    cards: range = range(1, 2)
    stolen: float = 0.0
    pays: float = 0.95
    dormant: float = 0.0  # days between the maker and the user


CAMPAIGNS = {
    "distillation": Campaign((60, 261), network="cloud", suspended=(0.3, 0.12), templates=(5, 14)),
    "ring": Campaign((6, 17), waves=(8, 3), spread=(2, 20), templates=(2, 4), style="throwaway"),
    "proxy_network": Campaign((25, 71), focus=(0.45, 0.25), cover=9, output=700, per_card=(8, 1.4)),
    "device_farm": Campaign((20, 46), (6, 1.5), (5, 1.6), (10, 2), phones=(1, 0.5), network="line"),
    "card_testing": Campaign((12, 31), (3, 1.3), style="random", network="vpn", busy=0.4, output=60,
                             cards=range(2, 5), stolen=0.25),
    "bought_batch": Campaign((18, 41), (4, 1.2), dormant=30, waves=(40, 8), spread=(2, 9)),
    "careful_ring": Campaign((7, 15), (1.6, 1.15), (1.5, 1.15), waves=(4, 2), spread=(14, 40),
                             style="random"),
    "replacement": Campaign((12, 27), turns=True, suspended=(1, 0.9), per_card=(3, 1.4)),
    "trial_farm": Campaign((10, 27), turns=True, pays=0.05, style="plus", templates=(3, 6),
                           focus=(0.8, 0.5), per_device=(9, 2), output=600, per_address=(5, 1)),
}  # fmt: skip


def lever(rng: Rng, evasion: float, pair: Lever) -> float:
    """Where this operator stands: with some evasion, better at one part than at another."""
    skill = min(0.85, max(0.0, evasion + rng.uniform(-1, 1) * min(evasion, 0.3)))
    return float(pair[0] * (pair[1] / pair[0]) ** (skill / 0.7))


def campaign(s: Setting, kind: str, size: int, evasion: float) -> list[Account]:
    plan, rng, country = CAMPAIGNS[kind], s.rng, pick(s.rng, s.world.countries)
    at = partial(lever, rng, evasion)
    operator, share = token(rng, 10), at(plan.batch)
    batch = ("virtual", pick(rng, [*s.bank.virtual_bins[:3], s.bank.bin()]), country)

    def card() -> Card:
        if s.bank.issued and happens(rng, plan.stolen):
            return pick(rng, s.bank.issued)
        single = ("card", s.bank.bin(), pick(rng, s.world.countries))
        return Card(token(rng, 18), *(batch if happens(rng, share) else single))

    created, ends = signups(rng, size, at(plan.waves), at(plan.spread), s.end), [s.end] * size
    if plan.turns:
        created, ends = lanes(rng, size, s.end)
    handed = min(created[-1] + plan.dormant * DAY, 0.9 * s.end) if plan.dormant else 0.0
    hands = [deal(rng, size, at(plan.per_card), card) for _ in range(pick(rng, plan.cards))]
    devices = deal(rng, size, at(plan.per_device), lambda: token(rng))
    lines = pool(s, plan.network, country, size / at(plan.per_address), at(plan.borrowed))
    near, number = at(plan.tightness), max(1, round(at(plan.templates)))
    tasks = s.library.texts(number, near - 0.05, min(0.97, near + 0.05))
    ticks = rng.uniform(created[0], s.end, 40 + int(s.end / DAY))
    focus, jitter, ban = at(plan.focus), at(plan.jitter) * 60, at(plan.suspended)
    marks = (at(plan.mails), at(plan.phones), s.people.phone(country)[:-3], token(rng, 6))
    made = []
    for i in range(size):
        start, who = max(created[i], handed), s.people.person(country)
        count = 3 + amount(rng, s.world.prompts * plan.busy)
        mine = int(rng.binomial(count, focus))
        when = draws.jobs(rng, ticks, start, ends[i], mine, jitter)
        if plan.turns:
            when = draws.human(rng, start, ends[i], mine, who.zone)
        own = Place(several(rng, lines, 6))
        work = Stint(when, (own,), (devices[i],), several(rng, tasks, 6), plan.output)
        cover = draws.human(rng, start, ends[i], count - mine, rng.uniform(-8, 8))
        rest = replace(work, times=cover, tasks=s.library.interests(plan.cover), output=300.0)
        warm = replace(rest, times=np.array([created[i] + 200.0]))
        stop = ends[i] if plan.turns else start + rng.uniform(0.3, 1.0) * (ends[i] - start)
        pays = happens(rng, plan.pays)
        made.append(Account(
            operator, kind, mask(s, plan.style, who, marks), created[i], (work, rest, warm),
            cards=tuple(x[i] for x in hands) if pays else (), plan="api" if pays else "free",
            suspended=stop if happens(rng, ban) and stop < s.end else None, abusive=True,
            adopts=pick(rng, (0.4, 0.4, 6.0)),
        ))  # fmt: skip
    return made


def signups(rng: Rng, size: int, wave: float, spread: float, end: float) -> list[float]:
    """Waves of a few hours over some days."""
    length = min(spread * DAY, 0.5 * end)
    first = rng.uniform(0.05 * end, 0.85 * end - length)
    starts = first + length * rng.random(max(1, round(size / wave)))
    times = starts[rng.integers(0, len(starts), size)] + rng.exponential(1.5 * HOUR, size)
    return [float(x) for x in np.sort(times)]


def lanes(rng: Rng, size: int, end: float) -> tuple[list[float], list[float]]:
    """Two lanes in which an account begins when the one before it is spent."""
    lives = rng.uniform(1.5, 0.8 * end / DAY / (1 + size / 2), size) * DAY
    first = rng.uniform(0.02, 0.1, 2) * end
    starts = [float(first[i % 2] + lives[i % 2 : i : 2].sum()) for i in range(size)]
    ends = [min(end, x + float(y)) for x, y in zip(starts, lives, strict=True)]
    return [x + min(rng.exponential(3 * HOUR), DAY) for x in starts], ends


def pool(s: Setting, network: str, country: str, count: float, borrowed: float) -> list[str]:
    """The addresses of the whole campaign; careful ones go through households."""
    homes = [s.atlas.exit(country, borrowed) for _ in range(max(3, round(count)))]
    rented, vpn, carrier = (s.atlas.place(k, country).addresses for k in ("cloud", "vpn", "mobile"))
    if network == "vpn":
        return [*vpn[:6], *homes[::2]]
    if network == "line":
        return [*s.atlas.home(country).addresses, *carrier[:3], *homes[::2]]
    if network == "cloud":
        return [*s.atlas.cloud(len(homes)).addresses] if borrowed < 0.18 else [*homes, *rented]
    return homes


def mask(s: Setting, style: str, who: Person, made: tuple[float, float, str, str]) -> Person:
    """The false person: some of the mail addresses and numbers betray their maker."""
    mails, phones, prefix, stem = made
    mail = s.people.made_up(style if happens(s.rng, mails) else "random", stem)
    mail = mail if happens(s.rng, max(mails, 0.6)) else who.email
    number = f"{prefix}{pick(s.rng, range(1000)):03d}" if happens(s.rng, phones) else who.phone
    agent = pick(s.rng, SCRIPTS) if happens(s.rng, mails / 2) else who.agent
    return replace(who, email=mail, phone=number, agent=agent)


def victim(s: Setting, kind: str, culprit: Account) -> Account:
    """An honest account that was taken over late, or was charged to the culprit's card."""
    one = someone(s, kind, created=s.rng.uniform(0, 0.4) * s.end)
    if kind == "stolen_card":
        return replace(one, cards=(*one.cards, *culprit.cards[:1]), plan="pro")
    taken = max(culprit.created, one.created + 0.3 * s.end)
    times = draws.together(s.rng, "even", taken, min(s.end, taken + 6 * DAY), 15, 0.0)
    theirs = replace(culprit.stints[0], times=times, devices=(token(s.rng),))
    return replace(one, stints=(*one.stints, theirs))
