"""Innocent explanations and their grounds, each read off the facts of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensics.score.readings import Facts, confirmed, ramp, round_the_clock

NOT_ONE = "not one operator"
LEGITIMATE = "one legitimate operator"
#: The strength from which an explanation holds. A legitimate operator's holds sooner: the cluster
#: stays one, and is shown with the reason; but it takes more where abuse is seen.
HOLDS = {NOT_ONE: 0.5, LEGITIMATE: 0.25}
HOLDS_AGAINST_ABUSE = {NOT_ONE: 0.5, LEGITIMATE: 0.3}
#: Where so much looks like a campaign, what a ring can arrange must be as strong as `ACCOUNTS_FOR`
#: to hold: evasive rings call themselves companies. From `CERTAIN` on it holds for none that the
#: platform has not declared.
SURE, ACCOUNTS_FOR = 0.7, 0.75
CERTAIN = 0.95
#: The explanation that a cluster is like honest accounts in all, by its likeness, and up to which
#: probability of a campaign it holds: less where prompts are seen, but not how long answers are.
ALIKE, HONEST, HONEST_UNTOLD = "like honest accounts", 0.3, 0.1


@dataclass(frozen=True)
class Ground:
    """Something that speaks for (weight > 0) or against an explanation, if it applies.

    `unknown` is how far it counts where the case can't tell: what is not recorded is not held
    against anybody.
    """

    weight: float
    words: str
    applies: Callable[[Facts], float | bool | None]
    unknown: float = 0.0


@dataclass(frozen=True)
class Explanation:
    """One innocent explanation; it holds where its grounds add up to its class's `HOLDS`.

    `covers` are the kinds of evidence that it accounts for, empty for all: that a prompt is public
    explains why accounts send it, but not why they share cards. `arranged` is whether a ring can
    have its grounds for the asking, as a mail domain and one card.
    """

    name: str
    claim: str
    grounds: tuple[Ground, ...]
    covers: tuple[str, ...] = ()
    arranged: bool = False


def over(name: str, low: float, high: float) -> Callable[[Facts], float | None]:
    """Return how far a fact has risen from `low` (0) to `high` (1)."""
    return lambda f: ramp(f[name], low, high)


def own_domain(f: Facts) -> float:
    """Return how far the accounts have a mail domain that nobody else has, and that is no school's.

    A school's is of many people.
    """
    if f["domain"] is None or f["domain_members"] is None or (f["throw_away_mail"] or 0) > 0.3:
        return 0.0
    own = (f["domain_inside"] or 0) >= 0.8 and f["domain_members"] >= 3
    school = ramp(f["school_mail"], 0.3, 0.6) or 0.0
    return (ramp(f["domain_share"], 0.3, 0.6) or 0.0) * (1 - school) if own else 0.0


def varied(f: Facts) -> float | None:
    """Return how far prompts follow neither templates of the cluster's own nor public ones."""
    if f["own_prompt_share"] is None:
        return None
    own, common = ramp(f["own_prompt_share"], 0.1, 0.4), ramp(f["common_prompt_share"], 0.3, 0.6)
    return (1 - (own or 0.0)) * (1 - (common or 0.0))


def by_turns(f: Facts) -> bool | None:
    """Return whether hardly any two accounts are active in the same hour."""
    return None if f["same_hours"] is None else f["same_hours"] < 0.15


def own_devices(f: Facts) -> float | None:
    """Return how far accounts don't share devices."""
    return None if f["shared_devices"] is None else 1 - (ramp(f["shared_devices"], 0.2, 0.6) or 0)


def answers_told(f: Facts) -> bool:
    """Return whether it is known how long answers are, if prompts are."""
    return f["own_prompt_share"] is None or f["output_ratio"] is not None


def met_once(f: Facts) -> float | None:
    """Return how far what the accounts share was in use for some days, and they live apart."""
    if f["lives_apart"] is None or f["days_together"] is None:
        return None
    return float(f["lives_apart"] * (1 - (ramp(f["days_together"], 4, 10) or 0.0)))


THROW_AWAY = Ground(-0.6, "throw-away mail", over("throw_away_mail", 0.1, 0.4))
FOREIGN_CARDS = Ground(
    -0.3, "cards of other countries than declared", over("country_differs", 0.3, 0.6)
)
own_templates = over("own_prompt_share", 0.1, 0.4)
TEMPLATES = Ground(-0.6, "most prompts follow templates of their own", own_templates)
LOCKSTEP = Ground(-0.3, "never rests: even activity round the clock", round_the_clock)
AT_ONCE = Ground(
    -0.15,
    "signed up within a day",
    lambda f: None if f["signup_days"] is None else f["signup_days"] < 1,
)


def extraction(f: Facts) -> float:
    """Return how far answers are longer than elsewhere, or prompts went to a new model."""
    return max(ramp(f["output_ratio"], 1.25, 1.75) or 0, ramp(f["pivoted"], 0.1, 0.3) or 0)


EXTRACTION = Ground(-0.15, "longer answers than elsewhere, or a pivot to a new model", extraction)


def extracting(f: Facts) -> float:
    """Return how far they send templates of their own, borne out by other signs of extraction."""
    return (own_templates(f) or 0.0) * confirmed(f)


#: One person repeats himself in all his accounts; that is no sign of a campaign by itself.
EXTRACTING = Ground(
    -0.6,
    "templates of their own, and a capability, longer answers or a pivot to a new model",
    extracting,
)
REPLACED = Ground(
    -0.4, "new accounts after suspensions", lambda f: ramp(f["replaced"] / f["accounts"], 0, 0.3)
)
SUSPENDED = Ground(
    -0.4,
    "accounts suspended by the platform",
    lambda f: ramp(f["suspended"] / f["accounts"], 0.15, 0.5) if f["with_status"] else None,
)
CONCEALED = Ground(-0.3, "prepaid or virtual cards", over("concealed_cards", 0.4, 0.8))
VARIED = Ground(0.25, "varied prompts, no templates of their own", varied)
ESTABLISHED = Ground(
    0.2, "half of them in use for two months and more", over("days_in_use", 60, 120)
)
ONE_PAYER = Ground(0.2, "one payer for many accounts", over("payer_share", 0.4, 0.7))


def declared(f: Facts, kind: str) -> float:
    """Return how far the platform knows the accounts as one group of a kind."""
    return (ramp(f["declared_share"], 0.3, 0.6) or 0.0) if f["declared_kind"] == kind else 0.0


def told(f: Facts) -> bool:
    """Return whether the platform has declared most of the accounts as one group of any kind."""
    return f["declared_kind"] is not None and f["declared_share"] >= 0.45


def no_organisation(f: Facts) -> bool:
    """Return whether nothing marks an organisation: no domain, plan, name, network, declaration."""
    several = (f["organisation_share"] or 0) * f["accounts"] > 1
    named = f["organisation_share"] if several else 0
    marks = (f["declared_share"], f["team_plan"], f["on_corporate"], named)
    return own_domain(f) < 0.5 and all((mark or 0) < 0.4 for mark in marks)


#: What a declared kind of group is called after "one".
DECLARED_WORDS = {
    "organisation": "organisation",
    "internal": "internal group",
    "reseller": "reseller",
    "research": "research programme",
    "education": "school or course",
}


def declared_as(kind: str) -> Ground:
    """Return the ground that the platform knows most accounts as one group of that kind."""
    return Ground(
        0.9,
        f"declared to the platform as one {DECLARED_WORDS[kind]}",
        lambda f: declared(f, kind),
    )
