"""Accounts as the simulator plans them: one row of numbers each, before any table is written."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from forensics.simulate.draws import Ints, Reals

#: Hours in which accounts act: as people do, in office hours, round the clock, on the full hour.
DIURNAL, OFFICE, ROUND_THE_CLOCK, CRON = range(4)
ACTIVE, SUSPENDED, DELETED = range(3)
FREE, PRO, TEAM, ENTERPRISE, API = range(5)
PLANS = ("free", "pro", "team", "enterprise", "api")
STATUSES = ("active", "suspended", "deleted")
DECLARED_KINDS = ("organisation", "reseller", "research", "education", "internal")


@dataclass
class Cohort:
    """Accounts that live alike, one entry each in every array.

    Times are seconds from the start of the period. `-1` means none. `address` holds address
    pools and `device` devices, one column per habit, chosen per session with the weights beside
    them; `card` up to two instruments. `schedule` with `together`: the share of sessions that
    fall on the moments of a shared schedule. `volume` is activity relative to an average
    account. `theme` with `theme_share`: the share of prompts that come from a shared theme
    rather than from the account's own `topic` (-1: other people's traffic, on any topic).
    `mailbox` numbers the mailbox that an account is an alias of, `phone` a phone number.
    """

    kind: Ints
    abusive: Ints
    operator: Ints
    created: Reals
    country: Ints
    address: Ints
    address_weight: Reals
    device: Ints
    device_weight: Reals
    card: Ints
    rhythm: Ints
    schedule: Ints
    together: Reals
    volume: Reals
    topic: Ints
    theme: Ints
    theme_share: Reals
    domain: Ints
    mailbox: Ints
    phone: Ints
    plan: Ints
    organisation: Ints
    declared: Ints
    declared_kind: Ints
    client: Ints
    status: Ints
    ended: Reals

    def __len__(self) -> int:
        return len(self.operator)


#: Kinds of operator, as the truth file names them.
KINDS = (
    "honest", "family", "company", "campus", "shared_computer", "reseller", "serial", "benchmark",
    "default_prompt", "researchers", "build_fleet", "hackathon", "course", "school", "testers",
    "agency",
    "proxy_network", "datacentre_lab", "careful", "trial_abuse", "device_farm", "small_ring",
)  # fmt: skip
HABITS = 4
DEVICE_HABITS = 2
CARDS = 2
_WIDE = {"address": HABITS, "address_weight": HABITS, "device": DEVICE_HABITS}
_WIDE |= {"device_weight": DEVICE_HABITS, "card": CARDS}


def blank(count: int, kind: str, *, abusive: bool = False) -> Cohort:
    """Return a cohort of `count` accounts, an operator each, with nothing else decided."""
    values: dict[str, Any] = {}
    for slot in fields(Cohort):
        shape = (count, _WIDE[slot.name]) if slot.name in _WIDE else (count,)
        real = slot.type == "Reals"
        values[slot.name] = np.zeros(shape) if real else np.full(shape, -1, dtype=np.int64)
    cohort = Cohort(**values)
    cohort.kind[:] = KINDS.index(kind)
    cohort.abusive[:] = abusive
    cohort.operator = np.arange(count)
    cohort.volume[:] = 1
    cohort.rhythm[:] = DIURNAL
    cohort.plan[:] = FREE
    cohort.status[:] = ACTIVE
    cohort.client[:] = 0
    cohort.ended[:] = np.inf
    return cohort


def together(cohorts: list[Cohort]) -> Cohort:
    """Join cohorts into one; operators stay apart."""
    first = 0
    for cohort in cohorts:
        cohort.operator = cohort.operator + first
        first = int(cohort.operator.max()) + 1 if len(cohort) else first
    return Cohort(
        **{f.name: np.concatenate([getattr(c, f.name) for c in cohorts]) for f in fields(Cohort)}
    )


def reordered(cohort: Cohort, order: Ints) -> Cohort:
    """Return the accounts in another order."""
    return Cohort(**{f.name: getattr(cohort, f.name)[order] for f in fields(Cohort)})
