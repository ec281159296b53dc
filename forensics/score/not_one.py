"""Innocent explanations that a cluster is not one operator: one that holds lowers coordination."""

from __future__ import annotations

from dataclasses import replace

from forensics.score.grounds import (
    CONCEALED,
    EXTRACTING,
    EXTRACTION,
    LOCKSTEP,
    NOT_ONE,
    REPLACED,
    SUSPENDED,
    TEMPLATES,
    THROW_AWAY,
    Explanation,
    Ground,
    by_turns,
    over,
    own_devices,
    own_domain,
)
from forensics.score.readings import Facts, ramp


def within_days(f: Facts) -> bool | None:
    """Return whether the accounts signed up within days of one another."""
    return None if f["signup_days"] is None else f["signup_days"] < 5


def one_day(f: Facts) -> float | None:
    """Return how far most accounts were in use on a day or two, none on another's device."""
    if f["days_in_use"] is None:
        return None
    return (1 - (ramp(f["days_in_use"], 1.5, 3) or 0.0)) * (own_devices(f) or 0.0)


def apart_since(f: Facts) -> float | None:
    """Return how far accounts met for some of the weeks they are in use, and live apart since."""
    if f["days_in_use"] is None or f["days_together"] is None:
        return None
    briefly = 1 - (ramp(f["days_together"], 3, 7) or 0.0)
    apart = ramp(f["lives_apart"], 0.6, 0.9) or 0.0
    return briefly * apart * (ramp(f["days_in_use"], 10, 21) or 0.0)


ONE_CUSTOMER = Ground(
    -0.6,
    "the platform knows them as one customer",
    lambda f: f["declared_kind"] != "education" and ramp(f["declared_share"], 0.3, 0.6),
)
OWN_DOMAIN = Ground(-0.4, "a mail domain of their own", own_domain)

NOT_ONE_OPERATOR = (
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
            ONE_CUSTOMER,
            OWN_DOMAIN,
            TEMPLATES,
        ),
        covers=("ip",),
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
        covers=("prompt",),
    ),
    Explanation(
        "course, hackathon or launch day",
        NOT_ONE,
        (
            Ground(
                0.35,
                "lives apart: lines and devices that no other member uses",
                over("lives_apart", 0.4, 0.8),
            ),
            Ground(
                0.4,
                "addresses or mail of a school",
                lambda f: max(
                    ramp(f["on_education"], 0.4, 0.9) or 0, ramp(f["school_mail"], 0.2, 0.5) or 0
                ),
            ),
            Ground(0.2, "signed up within days", within_days),
            Ground(
                0.25, "signed up at an event that the case knows of", lambda f: f["at_an_event"]
            ),
            Ground(0.1, "many were gone within two weeks", over("gone", 0.3, 0.6)),
            Ground(0.2, "used on a day or two, from devices of their own", one_day),
            Ground(-0.5, "shared cards", over("payer_share", 0.3, 0.6)),
            Ground(-0.5, "cards of one issue or kind", over("cards_alike", 0.8, 2.0)),
            ONE_CUSTOMER,
            OWN_DOMAIN,
            THROW_AWAY,
            CONCEALED,
            REPLACED,
            EXTRACTING,
            # A hackathon goes on through the night.
            replace(LOCKSTEP, weight=-0.15),
        ),
        # The devices of a class are its school's.
        covers=("ip", "device", "prompt", "identifier", "timing"),
    ),
    Explanation(
        "shared computer",
        NOT_ONE,
        (
            Ground(
                0.4,
                "few devices for all, and mail of many providers",
                lambda f: (
                    f["devices"] is not None
                    and f["devices"] <= max(2, f["accounts"] / 3)
                    and (f["domain_share"] or 0) < 0.6
                ),
            ),
            Ground(
                0.15,
                "seldom in use on the same day",
                lambda f: None if f["parallel"] is None else f["parallel"] < 0.2,
            ),
            Ground(0.15, "hardly ever in use in the same hour", by_turns),
            Ground(-0.4, "in use in the same hours", over("same_hours", 0.4, 0.7)),
            Ground(-0.5, "one payer", over("payer_share", 0.3, 0.6)),
            TEMPLATES,
        ),
        covers=("ip", "device", "identifier", "timing"),
    ),
    Explanation(
        "met once",
        NOT_ONE,
        (
            Ground(
                0.9,
                "use what they share for a few days of weeks, and live apart",
                apart_since,
            ),
            Ground(-0.6, "one payer", over("payer_share", 0.5, 0.8)),
            ONE_CUSTOMER,
            OWN_DOMAIN,
            TEMPLATES,
            THROW_AWAY,
            REPLACED,
            SUSPENDED,
            replace(EXTRACTION, weight=-0.6),
        ),
    ),
    Explanation(
        "coarse or recycled values",
        NOT_ONE,
        (
            Ground(
                0.6,
                "what they share had lain idle for a month when the next took it up",
                over("handed_on", 0.5, 1.0),
            ),
            Ground(
                0.6,
                "nothing finer than a card range, a network or a mail domain is shared",
                lambda f: f["sharing"] == 0 and not f["own_prompt_share"],
            ),
        ),
    ),
    Explanation(
        "data artefact",
        NOT_ONE,
        (
            Ground(
                0.6,
                "what they share is on most accounts of the platform, and nothing rarer",
                lambda f: (f["platform_share"] or 0) > 0.3 and f["sharing"] < 0.5,
            ),
            Ground(
                -0.3,
                "the values vary",
                lambda f: (f["instruments"] or 0) > 1 or (f["devices"] or 0) > 1,
            ),
        ),
    ),
)
