"""What the facts of a cluster say of what its accounts do, as numbers in [0, 1]; None: no data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]


def ramp(value: float | None, low: float, high: float) -> float | None:
    """Return 0 up to `low`, 1 from `high`, and straight between."""
    return None if value is None else min(1.0, max(0.0, (value - low) / (high - low)))


#: What a private template sent by many accounts counts where nothing else is seen of extraction,
#: although it could be: a product or a build fleet sends such templates too.
UNCONFIRMED = 0.45
#: Senders of a template from which it counts as the cluster's at all, and in full: what one person
#: says again in three accounts of his own is no division of work.
SENDERS = (2, 8)
#: Events from which they tell at which hours and on which days people are awake.
MIN_EVENTS = 40


def confirmed(f: Facts) -> float:
    """Return how far other signs of extraction bear out that templates are a campaign's, in [0, 1].

    The mean of the two strongest: a build fleet may well work on what is a capability, but its
    answers are not longer for it. What the columns can't show is not there: templates alone are no
    proof of abuse.
    """
    strongest = [*_signs(f), 0.0, 0.0][:2]
    concealed = [ramp(f["throw_away_mail"], 0.1, 0.4), ramp(f["replaced"] / f["accounts"], 0, 0.1)]
    return max(sum(strongest) / 2, *(c or 0.0 for c in concealed))


def _signs(f: Facts) -> list[float]:
    """Return how far each sign of extraction is there that can be seen, the strongest first."""
    signs = [
        focus(f, 0.3),
        ramp(f["pivoted"], 0.1, 0.3),
        ramp(f["output_ratio"], 1.25, 1.75),
    ]
    return sorted((sign for sign in signs if sign is not None), reverse=True)


def focus(f: Facts, high: float) -> float | None:
    """Return how far the prompts are about one capability, as the work of several accounts."""
    value = ramp(f["capability_share"], 0.1, high)
    return None if value is None else value * _shared_work(f)


def _shared_work(f: Facts) -> float:
    return ramp((f["own_senders"] or 0) * (f["with_prompts"] or 0), *SENDERS) or 0.0


def one_campaign(f: Facts) -> float:
    """Return how far many accounts send templates of their own with two signs of extraction.

    A course or a hackathon has templates of its own, and one sign perhaps: two are one operator's,
    but where the accounts have a school's mail.
    """
    senders = (f["own_senders"] or 0) * (f["with_prompts"] or 0)
    school = ramp(f["school_mail"], 0.3, 0.6) or 0.0
    return (ramp(senders, 3, 8) or 0.0) * [*_signs(f), 0.0, 0.0][1] * (1 - school)


def own_template_share(f: Facts, low: float, high: float) -> float | None:
    """Return how far prompts follow templates of the cluster's own, less where nothing confirms."""
    value = ramp(f["own_prompt_share"], low, high)
    if value is None:
        return None
    return value * _shared_work(f) * _as_confirmed(f)


def _as_confirmed(f: Facts) -> float:
    return UNCONFIRMED + (1 - UNCONFIRMED) * confirmed(f)


def splitting(f: Facts) -> float | None:
    """Return how far accounts send variations of the same templates."""
    if f["own_senders"] is None:
        return None
    return min(ramp(f["own_senders"], 0.3, 0.9) or 0.0, own_template_share(f, 0.1, 0.4) or 0.0)


def even_load(f: Facts) -> float | None:
    """Return how equal the accounts' numbers of prompts are, if enough of them send some."""
    value = ramp(f["even_load"], 1.0, 2.2)
    return None if value is None else value * (ramp(f["with_prompts"], 5, 12) or 0.0)


def never_rests(f: Facts) -> float | None:
    """Return how even activity is over the hours of the day and the days of the week.

    Who is awake for one weekend is at a hackathon.
    """
    if (f["events"] or 0) < MIN_EVENTS:
        return None
    even, weekend = ramp(f["evenness"], 0.93, 0.985), ramp(f["weekend"], 0.15, 0.25)
    outside = ramp(f["weekend"], 0.4, 0.6)
    return min(even or 0.0, weekend or 0.0, 1 - (outside or 0.0))


def round_the_clock(f: Facts) -> float | None:
    """Return how far activity never rests; by half where no extraction is seen that could be.

    A build fleet runs day and night as well.
    """
    value = never_rests(f)
    return None if value is None else value * (1 + confirmed(f)) / 2


def replacement(f: Facts) -> float | None:
    """Return how far suspended accounts were followed by new ones."""
    if not f["with_status"]:
        return None
    return ramp(f["replaced"] / f["accounts"], 0.02, 0.15) if f["suspended"] else 0.0


def untold(f: Facts) -> float:
    """Return how far accounts in use for more than a day or two have no card and no device known.

    What is not on record can't be shared. Guests of an event, who are many people, are gone after
    a day or two.
    """
    if f["instruments"] is not None or f["devices"] is not None:
        return 0.0
    return ramp(f["days_in_use"], 1.5, 3) or 0.0


def mixed(f: Facts) -> float | None:
    """Return whether every account mixes templates of the cluster's own with other prompts.

    Less where nothing confirms it: so do testers of a product.
    """
    if f["own_prompt_share"] is None:
        return None
    mixes = 0.15 <= f["own_prompt_share"] <= 0.75 and (f["own_senders"] or 0) > 0.8
    return _as_confirmed(f) if mixes and f["accounts"] >= 20 else 0.0
