"""Innocent explanations that a cluster is one operator, and a legitimate one.

Innocence needs a positive model: many people behind one payer have their own devices, varied
prompts, no common clock, no templates of their own. That there is no sign of guilt is not enough.
"""

from __future__ import annotations

from dataclasses import replace

from forensics.cluster.settled import ACTIVE_DAYS, AGE_DAYS
from forensics.score.grounds import (
    AT_ONCE,
    CONCEALED,
    ESTABLISHED,
    EXTRACTING,
    EXTRACTION,
    FOREIGN_CARDS,
    LEGITIMATE,
    LOCKSTEP,
    ONE_PAYER,
    REPLACED,
    SUSPENDED,
    TEMPLATES,
    THROW_AWAY,
    VARIED,
    Explanation,
    Ground,
    by_turns,
    declared,
    declared_as,
    extracting,
    extraction,
    no_organisation,
    over,
    own_devices,
    own_domain,
    own_templates,
    varied,
)
from forensics.score.readings import MIN_EVENTS, Facts, confirmed, ramp

#: What speaks against a household, and against one person.
NO_PRIVATE_PEOPLE = (AT_ONCE, EXTRACTION, THROW_AWAY, FOREIGN_CARDS, REPLACED, SUSPENDED)


def customers(f: Facts) -> float:
    """Return how far each account has a mail domain that hardly anybody else has."""
    return ramp(f["own_domains"], 0.4, 0.8) or 0.0


def open_payer(f: Facts) -> float:
    """Return how far one card pays for all of a few, or of dozens with no sign of a campaign.

    Who evades limits hides that he is one. Where their requests vary, they speak for themselves.
    """
    does = varied(f)
    few = 1 - (ramp(f["accounts"], 4, 7) or 0.0)
    signs = (ramp(confirmed(f), 0.0, 0.3), ramp(f["shared_devices"], 0.3, 0.7))
    plain = 1 - max(ramp(f["accounts"], 25, 50) or 0.0, *(sign or 0.0 for sign in signs))
    count = few if does is None else max(few, plain)
    count *= 1 - (ramp(f["instruments_per_account"], 2, 5) or 0.0)  # who tests cards has many
    return count * (ramp(f["payer_share"], 0.7, 0.95) or 0.0) * (1 - (does or 0.0))


def apart_on_one_card(f: Facts) -> float:
    """Return how far one pays for many who go home to lines and devices of their own.

    Who pays for a network of his own runs it from where he is.
    """
    apart, many = ramp(f["lives_apart"], 0.5, 0.8), ramp(f["accounts"], 4, 8)
    return (apart or 0.0) * (many or 0.0) * (ramp(f["payer_share"], 0.5, 0.8) or 0.0)


def unexplained(f: Facts) -> float:
    """Return how far neither customers with domains of their own nor a declared reseller are seen.

    What he sells sends the same templates for all of his customers.
    """
    return 1 - max(customers(f), declared(f, "reseller"))


def named(f: Facts) -> float:
    """Return how far they give one organisation's name and have a mail domain of their own.

    A name costs nothing: it counts for nothing where extraction is seen.
    """
    named_alike = ramp(f["organisation_share"], 0.3, 0.6) or 0.0
    return own_domain(f) * named_alike * (1 - extraction(f))


def school_pays(f: Facts) -> float:
    """Return how far a school pays for its pupils, who live apart: a licence for an institution.

    The mail domain of a school alone is of many people, and marks no one operator.
    """
    school = min(ramp(f["school_mail"], 0.5, 0.8) or 0.0, ramp(f["domain_share"], 0.5, 0.8) or 0.0)
    apart = ramp(f["lives_apart"], 0.4, 0.8) or 0.0
    return school * apart * (ramp(f["payer_share"], 0.5, 0.8) or 0.0)


LEGITIMATE_OPERATOR = (
    Explanation(
        "company",
        LEGITIMATE,
        (
            declared_as("organisation"),
            declared_as("internal"),
            Ground(0.45, "a mail domain of their own", own_domain),
            Ground(0.2, "one organisation's name beside it", named),
            Ground(0.45, "a school that pays for its pupils, who live apart", school_pays),
            Ground(0.15, "team plan", over("team_plan", 0.4, 0.8)),
            ONE_PAYER,
            VARIED,
            Ground(
                -0.4,
                "nothing that marks an organisation",
                lambda f: no_organisation(f) and school_pays(f) < 0.5,
            ),
            Ground(0.1, "devices of their own", own_devices),
            Ground(0.1, "a corporate network", over("on_corporate", 0.3, 0.7)),
            Ground(
                0.1,
                "little activity at weekends (UTC)",
                lambda f: (
                    None
                    if (f["events"] or 0) < MIN_EVENTS
                    else 1 - (ramp(f["weekend"], 0.05, 0.15) or 0)
                ),
            ),
            Ground(0.15, "grown over weeks, not in a burst", over("signup_days", 14, 42)),
            ESTABLISHED,
            Ground(0.15, "a dozen accounts at most", lambda f: f["accounts"] <= 12),
            Ground(0.35, "one card pays openly for all, who do one job", open_payer),
            Ground(
                -0.2,
                "many accounts, all signed up within days",
                lambda f: (
                    f["accounts"] >= 20 and f["signup_days"] is not None and f["signup_days"] < 7
                ),
            ),
            Ground(-0.25, "templates of their own, and other signs of extraction", extracting),
            REPLACED,
            THROW_AWAY,
            FOREIGN_CARDS,
            LOCKSTEP,
        ),
        arranged=True,
    ),
    Explanation(
        "reseller or agency",
        LEGITIMATE,
        (
            declared_as("reseller"),
            ONE_PAYER,
            Ground(0.3, "distinct prompts of each account", varied, unknown=0.5),
            Ground(0.2, "devices of their own", own_devices),
            Ground(0.3, "one payer, but lives apart", apart_on_one_card),
            Ground(-0.2, "no more than six accounts", lambda f: f["accounts"] <= 6),
            Ground(0.35, "a mail domain of its own for each customer", customers),
            Ground(
                -0.4,
                "shared devices",
                lambda f: (ramp(f["shared_devices"], 0.3, 0.7) or 0) * (1 - customers(f)),
            ),
            Ground(0.15, "grown over weeks, not in a burst", over("signup_days", 14, 42)),
            ESTABLISHED,
            replace(AT_ONCE, weight=-0.5),
            SUSPENDED,
            REPLACED,
            replace(CONCEALED, weight=-0.15),
            THROW_AWAY,
            # An agency's or a product's own templates are in all of its customers' prompts.
            replace(TEMPLATES, applies=lambda f: (own_templates(f) or 0) * unexplained(f)),
            replace(EXTRACTING, applies=lambda f: extracting(f) * unexplained(f)),
            # Many customers of an agency are between them active at all hours.
            replace(LOCKSTEP, weight=-0.15),
        ),
        arranged=True,
    ),
    Explanation(
        "household",
        LEGITIMATE,
        (
            Ground(0.3, "few accounts", lambda f: 1 - (ramp(f["accounts"], 4, 8) or 0)),
            Ground(0.25, "sign-ups spread over more than a week", over("signup_days", 7, 30)),
            Ground(0.1, "in use at different hours", by_turns),
            VARIED,
            Ground(-0.5, "more than six accounts", lambda f: f["accounts"] > 6),
            TEMPLATES,
            *NO_PRIVATE_PEOPLE,
        ),
        arranged=True,
    ),
    Explanation(
        "one person, several accounts",
        LEGITIMATE,
        (
            Ground(0.3, "few accounts", lambda f: 1 - (ramp(f["accounts"], 4, 8) or 0)),
            Ground(
                0.25,
                "one after another, seldom in use on the same day",
                lambda f: None if f["parallel"] is None else f["parallel"] < 0.15,
            ),
            VARIED,
            Ground(-0.6, "in use side by side", over("parallel", 0.3, 0.6)),
            CONCEALED,
            EXTRACTING,
            *NO_PRIVATE_PEOPLE,
        ),
        arranged=True,
    ),
    Explanation(
        "researchers or red team",
        LEGITIMATE,
        (
            declared_as("research"),
            declared_as("education"),
            Ground(
                -0.3,
                "no declared programme, school or course",
                lambda f: f["declared_kind"] not in ("research", "education"),
            ),
        ),
    ),
    Explanation(
        "compromised accounts or a stolen card",
        LEGITIMATE,
        (
            Ground(
                0.5,
                f"many signed up {AGE_DAYS} days, and were active on {ACTIVE_DAYS}, before they "
                "shared any value of few operators",
                over("settled", 0.2, 0.4),
            ),
            Ground(0.15, "devices of their own", own_devices),
            Ground(
                -0.3,
                "hardly any was in use before",
                lambda f: None if f["settled"] is None else f["settled"] < 0.1,
            ),
            replace(AT_ONCE, weight=-0.3),
        ),
    ),
)
