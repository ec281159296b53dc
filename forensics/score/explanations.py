"""Innocent explanations, each weighed in every finding.

They are of two classes. *Not one operator* (a shared network, a public prompt) lowers
`coordination`; *one legitimate operator* (a company, a reseller) leaves it as it is. Innocence
needs a positive model: many people behind one payer have their own devices, varied prompts, no
common clock and no templates of their own; that there is no sign of guilt is not enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from forensics.score.grounds import (
    AT_ONCE,
    ESTABLISHED,
    EXTRACTION,
    FOREIGN_CARDS,
    LOCKSTEP,
    ONE_PAYER,
    TEMPLATES,
    THROW_AWAY,
    VARIED,
    Ground,
    declared_as,
    no_organisation,
    over,
    own_devices,
    own_domain,
    own_templates,
    varied,
)
from forensics.score.signals import Facts, confirmed, ramp

NOT_ONE = "not one operator"
LEGITIMATE = "one legitimate operator"
HOLDS = 0.5


@dataclass(frozen=True)
class Explanation:
    """One innocent explanation; it holds where its grounds add up to `HOLDS`."""

    name: str
    claim: str
    grounds: tuple[Ground, ...]


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
            Ground(0.2, "devices of their own", own_devices),
            Ground(-0.5, "one payer", over("payer_share", 0.3, 0.6)),
            Ground(-0.4, "shared devices", over("shared_devices", 0.3, 0.7)),
            TEMPLATES,
        ),
    ),
    Explanation(
        "public prompt or benchmark",
        NOT_ONE,
        (
            Ground(
                0.7,
                "prompts that are public, or that many outsiders send",
                over("common_prompt_share", 0.2, 0.5),
            ),
            Ground(-0.5, "one payer", over("payer_share", 0.3, 0.6)),
            TEMPLATES,
        ),
    ),
    Explanation(
        "course, hackathon or launch day",
        NOT_ONE,
        (
            Ground(0.5, "addresses of a school", over("on_education", 0.4, 0.9)),
            Ground(
                0.2,
                "signed up within days",
                lambda f: None if f["signup_days"] is None else f["signup_days"] < 5,
            ),
            Ground(-0.5, "shared cards", over("payer_share", 0.3, 0.6)),
            LOCKSTEP,
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
            Ground(-0.5, "one payer", over("payer_share", 0.3, 0.6)),
            TEMPLATES,
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
            declared_as("organisation"),
            declared_as("internal"),
            Ground(0.45, "a mail domain of their own", own_domain),
            Ground(0.15, "team plan", over("team_plan", 0.4, 0.8)),
            ONE_PAYER,
            VARIED,
            Ground(-0.4, "nothing that marks an organisation", no_organisation),
            Ground(0.1, "devices of their own", own_devices),
            Ground(0.1, "a corporate network", over("on_corporate", 0.3, 0.7)),
            Ground(
                0.1,
                "office hours",
                lambda f: (
                    None
                    if not f["events"] or f["events"] < 40
                    else 1 - (ramp(f["weekend"], 0.05, 0.15) or 0)
                ),
            ),
            Ground(0.15, "grown over weeks, not in a burst", over("signup_days", 14, 42)),
            ESTABLISHED,
            Ground(0.15, "a handful of accounts", lambda f: f["accounts"] <= 12),
            Ground(
                -0.2,
                "many accounts, all signed up within days",
                lambda f: f["accounts"] >= 20 and (f["signup_days"] or 99) < 7,
            ),
            Ground(
                -0.25,
                "templates of their own, and other signs of extraction",
                lambda f: (own_templates(f) or 0.0) * confirmed(f),
            ),
            THROW_AWAY,
            FOREIGN_CARDS,
            LOCKSTEP,
        ),
    ),
    Explanation(
        "reseller or agency",
        LEGITIMATE,
        (
            declared_as("reseller"),
            ONE_PAYER,
            Ground(0.3, "distinct prompts of each account", varied, unknown=0.5),
            Ground(0.2, "devices of their own", own_devices),
            Ground(-0.2, "no more than six accounts", lambda f: f["accounts"] <= 6),
            Ground(-0.4, "shared devices", over("shared_devices", 0.3, 0.7)),
            Ground(0.15, "grown over weeks, not in a burst", over("signup_days", 14, 42)),
            ESTABLISHED,
            THROW_AWAY,
            FOREIGN_CARDS,
            TEMPLATES,
            # Many customers of an agency are between them active at all hours.
            replace(LOCKSTEP, weight=-0.15),
        ),
    ),
    Explanation(
        "household",
        LEGITIMATE,
        (
            Ground(0.3, "no more than six accounts", lambda f: f["accounts"] <= 6),
            Ground(0.25, "sign-ups weeks apart", over("signup_days", 7, 30)),
            VARIED,
            Ground(-0.5, "more than six accounts", lambda f: f["accounts"] > 6),
            AT_ONCE,
            EXTRACTION,
            THROW_AWAY,
            FOREIGN_CARDS,
            TEMPLATES,
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
            VARIED,
            Ground(-0.6, "in use side by side", over("parallel", 0.3, 0.6)),
            AT_ONCE,
            EXTRACTION,
            THROW_AWAY,
            FOREIGN_CARDS,
            TEMPLATES,
        ),
    ),
    Explanation(
        "researchers or red team",
        LEGITIMATE,
        (
            declared_as("research"),
            declared_as("education"),
            Ground(-0.3, "no declared programme", lambda f: f["declared_kind"] != "research"),
        ),
    ),
    Explanation(
        "compromised accounts or a stolen card",
        LEGITIMATE,
        (
            Ground(0.25, "a long history before", over("signup_days", 180, 365)),
            Ground(0.15, "devices of their own", own_devices),
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
        known = ground.applies(facts)
        part = float(known or 0.0)
        if known is None and ground.unknown:
            total += ground.weight * ground.unknown
            speaks_for.append(f"{ground.words}: not recorded, counted by {ground.unknown}")
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
