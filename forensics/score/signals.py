"""Signals of abuse: what the accounts do, each reported on its own.

A signal's value lies in [0, 1]; null says that the case lacks the columns it needs. `abuse` joins
them as a noisy-or (Pearl 1988), each signal weighed by how much it would say alone. Volume,
country and nationality never count by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Signal:
    """One signal: `weight` is the probability of abuse that it would give alone at value 1.

    `measure` reads the value off the facts of a cluster (None: no data), `words` says it,
    `needs` names the columns without which there is no value.
    """

    name: str
    weight: float
    measure: Callable[[Facts], float | None]
    words: Callable[[Facts], str]
    needs: str
    behaviour: bool = True  # False: concealment only, no evidence that anything was done


def ramp(value: float | None, low: float, high: float) -> float | None:
    """Return 0 up to `low`, 1 from `high`, and straight between."""
    return None if value is None else min(1.0, max(0.0, (value - low) / (high - low)))


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"


def _splitting(f: Facts) -> float | None:
    if f["own_senders"] is None:
        return None
    return min(
        ramp(f["own_senders"], 0.3, 0.9) or 0.0, ramp(f["own_prompt_share"], 0.1, 0.4) or 0.0
    )


def _round_the_clock(f: Facts) -> float | None:
    if not f["events"] or f["events"] < 40:
        return None
    even, weekend = ramp(f["evenness"], 0.93, 0.985), ramp(f["weekend"], 0.15, 0.25)
    return min(even or 0.0, weekend or 0.0)


def _replacement(f: Facts) -> float | None:
    if not f["with_status"]:
        return None
    return ramp(f["replaced"] / f["accounts"], 0.02, 0.15) if f["suspended"] else 0.0


def _mixed(f: Facts) -> float | None:
    if f["own_prompt_share"] is None:
        return None
    mixes = 0.15 <= f["own_prompt_share"] <= 0.75 and (f["own_senders"] or 0) > 0.8
    return 1.0 if mixes and f["accounts"] >= 20 else 0.0


SIGNALS = (
    Signal(
        "template_concentration",
        0.75,
        lambda f: ramp(f["own_prompt_share"], 0.15, 0.55),
        lambda f: (
            f"{_percent(f['own_prompt_share'])} of the prompts follow "
            f"{f['own_templates'] or 0} templates that hardly anybody else sends"
        ),
        "prompts.embedding",
    ),
    Signal(
        "work_splitting",
        0.5,
        _splitting,
        lambda f: (
            f"{_percent(f['own_senders'])} of the accounts with prompts send variations "
            "of the same templates"
        ),
        "prompts.embedding",
    ),
    Signal(
        "mixed_traffic",
        0.2,
        _mixed,
        lambda f: "every account mixes the shared templates with unrelated prompts",
        "prompts.embedding",
    ),
    Signal(
        "round_the_clock",
        0.3,
        _round_the_clock,
        lambda f: (
            "activity is spread evenly over the day and the week"
            f" (evenness {f['evenness']:.2f} of 1)"
        ),
        "prompts.at or ips.at, 40 events",
    ),
    Signal(
        "replacement",
        0.6,
        _replacement,
        lambda f: (
            f"{f['replaced']} of {f['suspended']} suspended accounts were followed by a "
            "sign-up within three days"
        ),
        "signups.status, status_at",
    ),
    Signal(
        "instruments_per_account",
        0.6,
        lambda f: ramp(f["instruments_per_account"], 4, 12),
        lambda f: (
            f"{f['instruments_per_account']:.1f} payment instruments an account, as in card testing"
        ),
        "payments",
    ),
    Signal(
        "throw_away_mail",
        0.6,
        lambda f: ramp(f["throw_away_mail"], 0.1, 0.6),
        lambda f: f"{_percent(f['throw_away_mail'])} signed up with a throw-away mail domain",
        "signups.email",
        behaviour=False,
    ),
    Signal(
        "concealed_cards",
        0.3,
        lambda f: ramp(f["concealed_cards"], 0.3, 0.8),
        lambda f: (
            f"{_percent(f['concealed_cards'])} of the payment instruments are prepaid, "
            "virtual or crypto"
        ),
        "payments.kind",
        behaviour=False,
    ),
    Signal(
        "countries_differ",
        0.25,
        lambda f: ramp(f["country_differs"], 0.3, 0.8),
        lambda f: (
            f"{_percent(f['country_differs'])} of the instruments are issued in another "
            "country than declared"
        ),
        "payments.issuer_country, signups.country",
        behaviour=False,
    ),
)


def measure_signals(facts: Facts) -> list[dict[str, Any]]:
    """Return signal, value and detail of each signal for one cluster."""
    rows = []
    for signal in SIGNALS:
        value = signal.measure(facts)
        missing = f"not available: needs {signal.needs}"
        rows.append(
            {
                "signal": signal.name,
                "value": None if value is None else round(value, 3),
                "detail": missing if value is None else signal.words(facts),
            }
        )
    return rows


def abuse_of(rows: list[dict[str, Any]]) -> float | None:
    """Return the noisy-or of the signals; None where no signal on behaviour has a value."""
    values = {row["signal"]: row["value"] for row in rows}
    if all(values[s.name] is None for s in SIGNALS if s.behaviour):
        return None
    innocent = 1.0
    for signal in SIGNALS:
        innocent *= 1 - signal.weight * (values[signal.name] or 0.0)
    return round(1 - innocent, 3)
