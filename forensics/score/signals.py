"""Signals of abuse: what the accounts do, each reported on its own.

A signal's value lies in [0, 1]; null says that the case lacks the columns it needs. Where too
little is known for `likeness`, `abuse` joins them as a noisy-or (Pearl 1988), each weighed by how
much it would say alone. How much accounts use and where somebody is from never count; that cards
are issued in another country than their accounts declare does, as one sign among others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forensics.score.readings import (
    MIN_EVENTS,
    Facts,
    even_load,
    focus,
    mixed,
    own_template_share,
    ramp,
    replacement,
    round_the_clock,
    splitting,
)


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
    silence: bool = True  # False: that the value is 0 is no evidence on behaviour


#: Known cards from which shares of them count in full (`facts.sql`).
FULL_FROM = 3


def _percent(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "under 1%" if 0 < value < 0.005 else f"{value:.0%}"


def _own_templates(f: Facts) -> str:
    number = f["own_templates"]
    if not number:
        return "no prompts follow templates of its own"
    return (
        f"{_percent(f['own_prompt_share'])} of the prompts follow {number} "
        f"template{'' if number == 1 else 's'} of its own: several members send them, and no more "
        "accounts elsewhere than here"
    )


def _replaced(f: Facts) -> str:
    if not f["suspended"]:
        return "no account is recorded as suspended"
    noun = "account" if f["suspended"] == 1 else "accounts"
    was = "was" if f["replaced"] == 1 else "were"
    chance = f" ({f['replaced_by_chance']:.1f} by chance)" if f["replaced"] else ""
    return (
        f"{f['replaced']} of {f['suspended']} suspended {noun} {was} followed by a sign-up within "
        f"three days{chance}"
    )


def _of_cards(f: Facts, found: str, known: str, share: str, what: str) -> str:
    """Return of how many cards something is so, and how that weighs where a cluster has few."""
    noun = "payment instrument" if f[known] == 1 else "payment instruments"
    said = what.format(its="its" if f[known] == 1 else "their")
    told = (
        f"{f[found]:,} of {f[known]:,} {noun} {'is' if 1 in (f[found], f[known]) else 'are'} {said}"
    )
    if f[known] >= FULL_FROM:
        return told
    return f"{told} (fewer than three count as three: weighed as {_percent(f[share])})"


def _pivot(f: Facts) -> str:
    points = round(100 * f["pivoted"])
    beside = f"{abs(points)} points {'above' if points > 0 else 'below'}" if points else "equal to"
    return (
        "in the three days after a release, the share of prompts to the new model was "
        f"{beside} that elsewhere"
    )


SIGNALS = (
    Signal(
        "template_concentration",
        0.65,
        lambda f: own_template_share(f, 0.15, 0.55),
        _own_templates,
        "prompts.embedding",
    ),
    Signal(
        "work_splitting",
        0.4,
        splitting,
        lambda f: (
            f"{_percent(f['own_senders'])} of the accounts with prompts send templates of its own"
        ),
        "prompts.embedding",
    ),
    Signal(
        "mixed_traffic",
        0.2,
        mixed,
        lambda f: (
            f"{_percent(f['own_prompt_share'])} of the prompts follow templates of its own, which "
            f"{_percent(f['own_senders'])} of the accounts with prompts send "
            "(mixed: 15% to 75%, of over 80% in twenty accounts or more)"
        ),
        "prompts.embedding",
    ),
    Signal(
        "capability_focus",
        0.5,
        lambda f: focus(f, 0.4),
        lambda f: (
            f"{_percent(f['capability_share'])} of the prompts follow templates of its own that "
            "are about one of the capabilities in references"
        ),
        "prompts.embedding, references of kind capability",
    ),
    Signal(
        "pivot",
        0.4,
        lambda f: ramp(f["pivoted"], 0.1, 0.35),
        _pivot,
        "prompts.model, at; a release in events; 8 prompts after it",
    ),
    Signal(
        "output_volume",
        0.2,
        lambda f: ramp(f["output_ratio"], 1.25, 2.25),
        lambda f: f"answers are {f['output_ratio']:.1f} times as long as elsewhere",
        "prompts.tokens_out, 20 prompts",
    ),
    Signal(
        "even_load",
        0.25,
        even_load,
        lambda f: (
            "numbers of prompts vary from account to account "
            f"{2 ** -f['even_load']:.1f} times as much as on the platform (variance of logarithms)"
        ),
        "prompts, six accounts with some, and not as many everywhere",
    ),
    Signal(
        "round_the_clock",
        0.3,
        round_the_clock,
        lambda f: (
            f"evenness over the hours of the day {f['evenness']:.2f} of 1; "
            f"{_percent(f['weekend'])} of the activity at weekends (UTC; 29% if the week is even)"
        ),
        f"prompts.at or ips.at, {MIN_EVENTS} events",
    ),
    Signal(
        "replacement",
        0.6,
        replacement,
        _replaced,
        "signups.status, status_at",
        silence=False,
    ),
    Signal(
        "instruments_per_account",
        0.6,
        lambda f: ramp(f["instruments_per_account"], 4, 12),
        lambda f: (
            f"{f['instruments_per_account']:.1f} payment instruments for each account that has any"
        ),
        "payments",
        silence=False,
    ),
    Signal(
        "throw_away_mail",
        0.6,
        lambda f: ramp(f["throw_away_mail"], 0.1, 0.6),
        lambda f: (
            f"{_percent(f['throw_away_mail'])} of the e-mail addresses are of a throw-away domain"
        ),
        "signups.email",
        behaviour=False,
    ),
    Signal(
        "concealed_cards",
        0.3,
        lambda f: ramp(f["concealed_cards"], 0.3, 0.8),
        lambda f: _of_cards(
            f, "cards_concealed", "cards_of_kind", "concealed_cards", "prepaid, virtual or crypto"
        ),
        "payments.kind",
        behaviour=False,
    ),
    Signal(
        "countries_differ",
        0.25,
        lambda f: ramp(f["country_differs"], 0.3, 0.8),
        lambda f: _of_cards(
            f,
            "cards_abroad",
            "cards_of_country",
            "country_differs",
            "issued in another country than most of {its} accounts declare",
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


#: What a group that the platform knows as such does by its nature: adversarial prompts on one
#: capability are a red team's work, templates of its own a build fleet's.
EXPECTED = {
    "research": ("template_concentration", "work_splitting", "capability_focus", "even_load"),
    "internal": ("template_concentration", "work_splitting", "even_load", "round_the_clock"),
    "organisation": ("template_concentration", "work_splitting"),
    "reseller": ("template_concentration", "work_splitting", "round_the_clock"),
    "education": ("template_concentration", "work_splitting"),
}


def abuse_of(rows: list[dict[str, Any]], facts: Facts) -> float | None:
    """Return the noisy-or of the signals; None where none has evidence on behaviour.

    What is `EXPECTED` of a declared group counts by the share of the cluster that is not declared.
    """
    if not told(rows):
        return None
    values = {row["signal"]: row["value"] for row in rows}
    expected = EXPECTED.get(facts["declared_kind"] or "", ())
    unexplained = 1 - (ramp(facts["declared_share"], 0.3, 0.9) or 0.0)
    innocent = 1.0
    for signal in SIGNALS:
        share = unexplained if signal.name in expected else 1.0
        innocent *= 1 - share * signal.weight * (values[signal.name] or 0.0)
    return round(1 - innocent, 3)


def told(rows: list[dict[str, Any]]) -> bool:
    """Return whether any signal is evidence on what the accounts do, for abuse or against it."""
    values = {row["signal"]: row["value"] for row in rows}
    return any(_tells(signal, values[signal.name]) for signal in SIGNALS)


def _tells(signal: Signal, value: float | None) -> bool:
    """Return whether a value of the signal is evidence on what the accounts do."""
    return signal.behaviour and value is not None and (signal.silence or value > 0)
