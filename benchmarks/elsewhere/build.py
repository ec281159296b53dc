"""One platform: honest people first, then the campaigns among them, then their victims."""

import argparse
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.elsewhere.campaigns import CAMPAIGNS, campaign, victim
from benchmarks.elsewhere.draws import DAY, HOUR, happens, pick
from benchmarks.elsewhere.honest import GROUPS, Account, Setting, group, someone
from benchmarks.elsewhere.people import Bank, People
from benchmarks.elsewhere.places import Atlas
from benchmarks.elsewhere.tables import Tables
from benchmarks.elsewhere.tasks import Library
from benchmarks.elsewhere.worlds import WORLDS


def platform(name: str, evasion: float, seed: int, accounts: int) -> Tables:
    """All rows of one platform; the same arguments give the same rows."""
    world = WORLDS[name]
    rng = np.random.default_rng([zlib.crc32(name.encode()), round(evasion * 100), seed, accounts])
    end, lands = world.days * DAY, world.countries
    s = Setting(
        rng, world, Atlas(rng, lands, world.nat_pool), People(rng, lands),
        Bank(rng, lands, world.cardless), Library(rng, world.dimension), end,
        launch=round(rng.uniform(0.2, 0.6) * world.days) * DAY + 14 * HOUR,
        releases=(float(rng.uniform(0.3, 0.45) * end), float(rng.uniform(0.6, 0.8) * end)),
    )  # fmt: skip
    population, tables = everybody(s, evasion, accounts), Tables(s)
    for number in rng.permutation(len(population)).tolist():
        tables.add(population[number])
    tables.rows["networks"] += [x for x in s.atlas.networks if happens(rng, 0.9)]
    tables.rows["events"] = [(at, "release", "model_release") for at in s.releases]
    tables.rows["events"].append((s.launch, "spring launch", "launch_day"))
    return tables


def everybody(s: Setting, evasion: float, accounts: int) -> list[Account]:
    """Exactly as many accounts as asked for."""
    abusive = round(s.world.abuse * accounts)
    hit = round(0.004 * accounts) if abusive else 0
    due, total, made = 0.0, max(1.0, 1.2 * sum(s.world.honest.values())), list[Account]()
    for kind, share in s.world.honest.items():
        due += share / total * (accounts - abusive)
        while len(made) < due:
            more = group(s, kind) if kind in GROUPS else [someone(s, kind)]
            if len(made) + len(more) / 2 > due + 1:
                break
            made += more
    made += [someone(s, "single") for _ in range(accounts - abusive - 2 * hit - len(made))]
    bad = campaigns(s, evasion, abusive)
    for kind in ("compromised", "stolen_card"):
        made += [victim(s, kind, pick(s.rng, bad)) for _ in range(hit if bad else 0)]
    made += [someone(s, "single") for _ in range(accounts - len(made) - len(bad))]
    return [*(recycled(s, a, pick(s.rng, made)) for a in made), *bad]


def campaigns(s: Setting, evasion: float, budget: int) -> list[Account]:
    """Campaigns of every kind; what one kind leaves of its share goes to the next."""
    made: list[Account] = []
    due, total = 0.0, sum(s.world.campaigns.values())
    for kind, share in s.world.campaigns.items():
        due += budget * share / total
        low, high = CAMPAIGNS[kind].size
        while due - len(made) >= low:
            most = int(min(high, s.world.largest, due - len(made)))
            made += campaign(s, kind, pick(s.rng, range(max(low, most // 2), most + 1)), evasion)
    return made


def recycled(s: Setting, a: Account, old: Account) -> Account:
    """The account, with the other's telephone number if that was given up long before."""
    gap = old.created + 60 * DAY < a.created and old.person.country == a.person.country
    reused = replace(a, person=replace(a.person, phone=old.person.phone))
    return reused if gap and happens(s.rng, s.world.recycled) else a


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elsewhere")
    parser.add_argument("out", type=Path)
    parser.add_argument("--world", choices=sorted(WORLDS), default="town")
    for name, default in (("evasion", 0.0), ("seed", 1), ("accounts", 4_000)):
        parser.add_argument(f"--{name}", type=type(default), default=default)
    a = parser.parse_args()
    platform(a.world, a.evasion, a.seed, a.accounts).write(a.out)
