"""Innocent explanations, each weighed in every finding.

They are of two classes. *Not one operator* (a shared network, a public prompt) lowers
`coordination`; *one legitimate operator* (a company, a reseller) leaves it as it is. Innocence
needs a positive model: many people behind one payer have their own devices, varied prompts, no
common clock and no templates of their own; that there is no sign of guilt is not enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forensics.score.signals import Facts, confirmed, ramp

NOT_ONE = "not one operator"
LEGITIMATE = "one legitimate operator"
HOLDS = 0.5


@dataclass(frozen=True)
class Ground:
    """Something that speaks for (weight > 0) or against an explanation, if it applies."""

    weight: float
    words: str
    applies: Callable[[Facts], float | bool | None]


@dataclass(frozen=True)
class Explanation:
    """One innocent explanation; it holds where its grounds add up to `HOLDS`."""

    name: str
    claim: str
    grounds: tuple[Ground, ...]


def _over(name: str, low: float, high: float) -> Callable[[Facts], float | None]:
    return lambda f: ramp(f[name], low, high)


def _own_domain(f: Facts) -> float:
    if f["domain"] is None or f["domain_members"] is None or (f["throw_away_mail"] or 0) > 0.3:
        return 0.0
    own = (f["domain_inside"] or 0) >= 0.8 and f["domain_members"] >= 3
    return (ramp(f["domain_share"], 0.3, 0.6) or 0.0) if own else 0.0


def _varied(f: Facts) -> float | None:
    return (
        None if f["own_prompt_share"] is None else 1 - (ramp(f["own_prompt_share"], 0.1, 0.4) or 0)
    )


def _own_devices(f: Facts) -> float | None:
    return None if f["shared_devices"] is None else 1 - (ramp(f["shared_devices"], 0.2, 0.6) or 0)


_THROW_AWAY = Ground(-0.6, "throw-away mail", _over("throw_away_mail", 0.1, 0.4))
_FOREIGN_CARDS = Ground(
    -0.3, "cards of other countries than declared", _over("country_differs", 0.3, 0.6)
)
_own_templates = _over("own_prompt_share", 0.1, 0.4)
_TEMPLATES = Ground(-0.6, "most prompts follow templates of their own", _own_templates)
_LOCKSTEP = Ground(
    -0.3,
    "even activity round the clock",
    lambda f: (
        (f["events"] or 0) >= 40
        and (ramp(f["evenness"], 0.93, 0.985) or 0) * (ramp(f["weekend"], 0.15, 0.25) or 0)
    ),
)
_VARIED = Ground(0.25, "varied prompts, no templates of their own", _varied)
_ESTABLISHED = Ground(0.2, "accounts of more than half a year", _over("signup_days", 90, 180))
_ONE_PAYER = Ground(0.2, "one payer for most accounts", _over("payer_share", 0.4, 0.7))


def _no_organisation(f: Facts) -> bool:
    several = (f["organisation_share"] or 0) * f["accounts"] > 1
    named = f["organisation_share"] if several else 0
    marks = (f["declared_share"], f["team_plan"], f["on_corporate"], named)
    return _own_domain(f) < 0.5 and all((mark or 0) < 0.4 for mark in marks)


def _declared_as(kind: str) -> Ground:
    return Ground(
        0.9,
        f"declared to the platform as one {kind}",
        lambda f: f["declared_kind"] == kind and ramp(f["declared_share"], 0.3, 0.6),
    )


EXPLANATIONS = (
    Explanation(
        "shared network",
        NOT_ONE,
        (
            Ground(
                0.5,
                "mobile, education or VPN addresses",
                lambda f: max(
                    ramp(f[k], 0.4, 0.9) or 0 for k in ("on_mobile", "on_education", "on_vpn")
                ),
            ),
            Ground(0.2, "devices of their own", _own_devices),
            Ground(-0.5, "one payer", _over("payer_share", 0.3, 0.6)),
            Ground(-0.4, "shared devices", _over("shared_devices", 0.3, 0.7)),
            _TEMPLATES,
        ),
    ),
    Explanation(
        "public prompt or benchmark",
        NOT_ONE,
        (
            Ground(
                0.7,
                "prompts that are public, or that many outsiders send",
                _over("common_prompt_share", 0.2, 0.5),
            ),
            Ground(-0.5, "one payer", _over("payer_share", 0.3, 0.6)),
            _TEMPLATES,
        ),
    ),
    Explanation(
        "course, hackathon or launch day",
        NOT_ONE,
        (
            Ground(0.5, "addresses of a school", _over("on_education", 0.4, 0.9)),
            Ground(
                0.2,
                "signed up within days",
                lambda f: None if f["signup_days"] is None else f["signup_days"] < 5,
            ),
            Ground(-0.5, "shared cards", _over("payer_share", 0.3, 0.6)),
            _LOCKSTEP,
        ),
    ),
    Explanation(
        "shared computer",
        NOT_ONE,
        (
            Ground(
                0.4,
                "one device for most, and free mail of many providers",
                lambda f: (
                    f["devices"] is not None
                    and f["devices"] <= 2
                    and (f["domain_share"] or 0) < 0.6
                ),
            ),
            Ground(
                0.3,
                "seldom in use on the same day",
                lambda f: None if f["parallel"] is None else f["parallel"] < 0.2,
            ),
            Ground(-0.5, "one payer", _over("payer_share", 0.3, 0.6)),
            _TEMPLATES,
        ),
    ),
    Explanation(
        "coarse values only",
        NOT_ONE,
        (
            Ground(
                0.6,
                "nothing finer than a card range, a network or a mail domain is shared",
                lambda f: f["sharing"] == 0 and not f["own_prompt_share"],
            ),
        ),
    ),
    Explanation(
        "company",
        LEGITIMATE,
        (
            _declared_as("organisation"),
            _declared_as("internal"),
            Ground(0.45, "a mail domain of their own", _own_domain),
            Ground(0.15, "team plan", _over("team_plan", 0.4, 0.8)),
            _ONE_PAYER,
            _VARIED,
            Ground(-0.4, "nothing that marks an organisation", _no_organisation),
            Ground(0.1, "devices of their own", _own_devices),
            Ground(0.1, "a corporate network", _over("on_corporate", 0.3, 0.7)),
            Ground(
                0.1,
                "office hours",
                lambda f: (
                    None
                    if not f["events"] or f["events"] < 40
                    else 1 - (ramp(f["weekend"], 0.05, 0.15) or 0)
                ),
            ),
            Ground(0.15, "grown over weeks, not in a burst", _over("signup_days", 14, 42)),
            _ESTABLISHED,
            Ground(0.15, "a handful of accounts", lambda f: f["accounts"] <= 12),
            Ground(
                -0.2,
                "many accounts, all signed up within days",
                lambda f: f["accounts"] >= 20 and (f["signup_days"] or 99) < 7,
            ),
            Ground(
                -0.25,
                "templates of their own, and other signs of extraction",
                lambda f: (_own_templates(f) or 0.0) * confirmed(f),
            ),
            _THROW_AWAY,
            _FOREIGN_CARDS,
            _LOCKSTEP,
        ),
    ),
    Explanation(
        "reseller or agency",
        LEGITIMATE,
        (
            _declared_as("reseller"),
            _ONE_PAYER,
            Ground(0.3, "distinct prompts of each account", _varied),
            Ground(0.2, "devices of their own", _own_devices),
            Ground(-0.2, "no more than six accounts", lambda f: f["accounts"] <= 6),
            Ground(-0.4, "shared devices", _over("shared_devices", 0.3, 0.7)),
            Ground(0.15, "grown over weeks, not in a burst", _over("signup_days", 14, 42)),
            _ESTABLISHED,
            _THROW_AWAY,
            _FOREIGN_CARDS,
            _TEMPLATES,
            _LOCKSTEP,
        ),
    ),
    Explanation(
        "household",
        LEGITIMATE,
        (
            Ground(0.3, "no more than six accounts", lambda f: f["accounts"] <= 6),
            Ground(0.25, "sign-ups weeks apart", _over("signup_days", 7, 30)),
            _VARIED,
            Ground(-0.5, "more than six accounts", lambda f: f["accounts"] > 6),
            _THROW_AWAY,
            _FOREIGN_CARDS,
            _TEMPLATES,
        ),
    ),
    Explanation(
        "one person, several accounts",
        LEGITIMATE,
        (
            Ground(0.3, "few accounts", lambda f: f["accounts"] <= 6),
            Ground(
                0.25,
                "one after another, seldom in use on the same day",
                lambda f: None if f["parallel"] is None else f["parallel"] < 0.15,
            ),
            _VARIED,
            Ground(-0.6, "in use side by side", _over("parallel", 0.3, 0.6)),
            _THROW_AWAY,
            _FOREIGN_CARDS,
            _TEMPLATES,
        ),
    ),
    Explanation(
        "researchers or red team",
        LEGITIMATE,
        (
            _declared_as("research"),
            _declared_as("education"),
            Ground(-0.3, "no declared programme", lambda f: f["declared_kind"] != "research"),
        ),
    ),
    Explanation(
        "compromised accounts or a stolen card",
        LEGITIMATE,
        (
            Ground(0.25, "a long history before", _over("signup_days", 180, 365)),
            Ground(0.15, "devices of their own", _own_devices),
            Ground(
                -0.4,
                "sign-ups close together",
                lambda f: None if f["signup_days"] is None else f["signup_days"] < 60,
            ),
        ),
    ),
    Explanation(
        "data artefact",
        NOT_ONE,
        (
            Ground(
                0.6,
                "the shared value is on most accounts of the platform",
                lambda f: (f["platform_share"] or 0) > 0.3,
            ),
            Ground(
                -0.3,
                "the values vary",
                lambda f: (f["instruments"] or 0) > 1 or (f["devices"] or 0) > 1,
            ),
        ),
    ),
)


def weigh_explanations(facts: Facts) -> list[dict[str, Any]]:
    """Return one row per explanation, the strongest first."""
    rows = [_weigh(explanation, facts) for explanation in EXPLANATIONS]
    return sorted(rows, key=lambda row: -row["strength"])


def _weigh(explanation: Explanation, facts: Facts) -> dict[str, Any]:
    total = 0.0
    speaks_for: list[str] = []
    speaks_against: list[str] = []
    for ground in explanation.grounds:
        part = float(ground.applies(facts) or 0.0)
        if part > 0:
            total += ground.weight * part
            (speaks_for if ground.weight > 0 else speaks_against).append(ground.words)
    strength = round(min(1.0, max(0.0, total)), 3)
    return {
        "explanation": explanation.name,
        "claim": explanation.claim,
        "strength": strength,
        "holds": strength >= HOLDS,
        "speaks_for": speaks_for,
        "speaks_against": speaks_against,
    }
