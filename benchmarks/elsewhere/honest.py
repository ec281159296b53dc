"""Accounts, and the honest people who hold them; a group with one payer is one operator."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.elsewhere import draws
from benchmarks.elsewhere.draws import DAY, HOUR, Floats, Rng, amount, happens, pick, several, token
from benchmarks.elsewhere.people import Bank, Card, People, Person
from benchmarks.elsewhere.places import Atlas, Place
from benchmarks.elsewhere.tasks import Library, Task
from benchmarks.elsewhere.worlds import World


@dataclass(frozen=True)
class Stint:
    """Requests made in one way: when, from where, on what, about what, how long the answers."""

    times: Floats
    places: tuple[Place, ...]  # the first one is the usual one
    devices: tuple[str, ...]
    tasks: tuple[Task, ...]
    output: float = 300.0


@dataclass(frozen=True)
class Account:
    operator: str
    kind: str
    person: Person
    created: float
    stints: tuple[Stint, ...]
    cards: tuple[Card, ...] = ()
    plan: str = "free"
    organisation: str = ""
    abusive: bool = False
    suspended: float | None = None
    extras: tuple[tuple[str, str], ...] = ()  # kind and value of other identifiers
    declared: tuple[str, str, str] | None = None  # group, kind, verified by
    adopts: float = 20.0  # mean days until it moves to a new model


@dataclass(frozen=True)
class Setting:
    rng: Rng
    world: World
    atlas: Atlas
    people: People
    bank: Bank
    library: Library
    end: float
    launch: float
    releases: tuple[float, ...]


@dataclass(frozen=True)
class Group:
    size: tuple[int, int]  # at least, and below
    place: str = "corporate"
    window: float = 0.0  # days over which the accounts are opened; 0 for any time
    one_payer: float = 1.0
    mail: str = ""  # own domain, each client's own domain, plus aliases, one person again
    rhythm: str = "human"
    task: str = ""
    devices: int = 0  # shared ones; 0 for each his own
    declared: float = 0.0
    busy: float = 1.0


PLACES = {"education": 0.0, "vpn": 0.06, "home": 0.9}  # chances that a person uses one
HABITS = {  # who differs from that
    "mobile": {"home": 0.1, "mobile": 1.0}, "traveller": {"abroad": 1.0},
    "student": {"home": 0.5, "education": 1.0}, "vpn": {"home": 0.3, "vpn": 1.0},
}  # fmt: skip
CUSTOMERS = {"fleet": "internal", "reseller": "reseller", "research": "research"}
TASKS = {"benchmarker": "benchmark", "default": "default", "repeater": "template"}
GROUPS = {
    "family": Group((2, 6), "home", one_payer=0.5, devices=1),
    "several": Group((2, 4), "home", 90, mail="again", task="client", devices=1),
    "returner": Group((2, 4), "home", 99, mail="again", rhythm="short", task="client", devices=1),
    "flatmates": Group((2, 6), "home", one_payer=0),
    "course": Group((14, 41), "education", 4, 0, rhythm="deadline", task="homework"),
    "hackathon": Group((18, 51), "other", 0.12, 0, rhythm="day", task="starter"),
    "cafe": Group((5, 19), "other", one_payer=0, devices=5),
    "library": Group((5, 16), "education", one_payer=0, devices=4),
    "shared_phone": Group((2, 7), "mobile", one_payer=0, devices=1),
    "company": Group((4, 29), window=60, mail="own", declared=0.5),
    "freemail_company": Group((3, 10), window=60, declared=0.1),
    "fleet": Group((4, 17), "cloud", 2, 1, "own", "nightly", "template", declared=0.4, busy=2),
    "qa": Group((4, 13), window=25, mail="plus", rhythm="short", devices=1, declared=0.3),
    "agency": Group((5, 19), window=60, mail="client", declared=0.35),
    "reseller": Group((8, 31), "", 90, mail="client", declared=0.5),
    "research": Group((4, 11), "education", 20, 1, "own", "human", "benchmark", declared=0.6),
    "redteam": Group((3, 8), "vpn", 6, mail="own", task="attack", declared=0.5, busy=2),
    "product": Group((1, 5), "cloud", 10, 1, "own", "even", "template", declared=0.2, busy=4),
}  # fmt: skip


def someone(s: Setting, kind: str, created: float = 0.0, country: str = "") -> Account:
    """One person with one account."""
    rng, person, task = s.rng, s.people.person(country), TASKS.get(kind, "")
    if kind == "launch":
        created = s.launch + rng.exponential(10 * HOUR)
    created = min(created or draws.signup(rng, s.end, person.zone), s.end - DAY)
    times = draws.human(rng, created, s.end, amount(rng, s.world.prompts), person.zone)
    chances = PLACES | {"mobile": s.world.on_mobile, "abroad": 0.05} | HABITS.get(kind, {})
    kinds = [k for k, p in chances.items() if happens(rng, p)] or ["mobile"]
    places = [s.atlas.place(k, person.country) for k in kinds]
    devices = tuple(token(rng) for _ in range(pick(rng, (1, 1, 1, 2, 2, 3))))
    own = s.library.interests(pick(rng, range(2, 6)))
    tasks = (*own[: 2 if task else 5], *s.library.tasks(task))
    number = pick(rng, (1, 1, 1, 1, 2)) if happens(rng, s.world.paying) else 0
    code = (("referral", f"R{rng.integers(1, 40) ** 2}"),) if happens(rng, 0.15) else ()
    return Account(
        token(rng, 10), kind, person, created, (Stint(times, tuple(places), devices, tasks),),
        cards=tuple(s.bank.private(person.country) for _ in range(number)), extras=code,
        plan=pick(rng, ("pro", "api")) if number else "free",
        suspended=created + rng.uniform(5, 60) * DAY if happens(rng, 0.008) else None,
    )  # fmt: skip


def group(s: Setting, kind: str) -> list[Account]:
    plan, rng, boss, domain = GROUPS[kind], s.rng, s.people.person(), s.people.domain()
    day = np.floor(rng.uniform(0.02, 0.8) * s.end / DAY) * DAY + (9 - boss.zone) % 24 * HOUR
    place = (s.atlas.place(plan.place, boss.country),) if plan.place else ()
    tasks, devices = s.library.tasks(plan.task), [token(rng) for _ in range(plan.devices)]
    mark = day + (rng.uniform(0, DAY) if plan.rhythm == "nightly" else 0.0)
    operator, payers = token(rng, 10), [s.bank.private(boss.country) for _ in range(2)]
    if plan.place != "home" and happens(rng, 0.25):
        payers = [replace(payers[0], kind="invoice", bin="")]
    said = (
        token(rng, 8),
        CUSTOMERS.get(kind, "organisation"),
        pick(rng, ("contract", "domain", "review")),
    )
    tax = (("street_address" if plan.place == "home" else "tax_id", token(rng, 11)),)
    paid, listed, taxed = (happens(rng, p) for p in (plan.one_payer, plan.declared, 0.5))
    made = []
    for _ in range(pick(rng, range(*plan.size))):
        width = min(plan.window * DAY, s.end - DAY - day)
        created = day + rng.random() * width if plan.window else 0.0
        one = someone(s, kind, created, boss.country)
        own, count = one.stints[0], amount(rng, s.world.prompts * plan.busy)
        last = s.end if plan.rhythm == "human" else min(s.end, one.created + 9 * DAY)
        times = draws.human(rng, one.created, last, count, boss.zone)
        if plan.rhythm not in ("human", "short"):
            times = draws.together(rng, plan.rhythm, one.created, s.end, count, mark)
        used = several(rng, devices, 2) if kind != "family" or happens(rng, 0.5) else ()
        stays = plan.place == "cloud" or (place and happens(rng, 0.4))
        away = () if stays else own.places[-1:] if place else own.places
        about = s.library.tasks("client") if plan.mail == "client" else tasks or own.tasks
        hardware = () if plan.place == "cloud" else used or own.devices
        shared = Stint(times, (*place, *away), hardware, about, 150.0 * (2 + plan.busy))
        one = replace(
            one, stints=(shared, own) if plan.rhythm in ("day", "deadline") else (shared,)
        )
        if paid:
            one = replace(
                one, operator=operator, person=member(s, plan.mail, one.person, boss, domain),
                cards=(payers[-int(happens(rng, 0.1))],), extras=tax if taxed else (),
                plan="pro" if plan.place == "home" else "team", declared=said if listed else None,
                organisation=domain.split("-")[0] if plan.mail == "own" else "",
            )  # fmt: skip
        made.append(one)
    return made


def member(s: Setting, mail: str, who: Person, boss: Person, domain: str) -> Person:
    """The member as the platform knows him; in the last two cases it is the same man."""
    if mail in ("own", "client"):
        host = domain if mail == "own" else s.people.domain()
        return replace(who, email=s.people.mail(who.name, host))
    again = replace(boss, email=s.people.mail(boss.name))
    if mail == "plus":
        again = replace(boss, email=boss.email.replace("@", f"+{token(s.rng, 3)}@"), phone="")
    return again if mail else who
