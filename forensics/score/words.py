"""What findings say of themselves, alike on screens and in reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any

from forensics.score.scorecard import tells_behaviour, words_of
from forensics.score.signals import SIGNALS

#: Most that an echo adds, in bits: `link/weights.py` has it, which loads too slowly for a look.
ECHO_BITS = 1.0
#: A mailbox is compared in its canonical form, so two that share it may have given different ones;
#: nothing else brings it about, so it is never an echo.
_LEVELS = {("email", "same address"): "same mailbox, tags and Gmail's dots aside"}
#: What is named in a sentence, and what a signal has to add to the scale to be named.
NAMED, LEAST = 3, 0.05
#: What the signals of abuse are called in a sentence.
SIGNAL_WORDS = {
    "template_concentration": "templates of their own",
    "work_splitting": "work split over accounts",
    "mixed_traffic": "other traffic mixed in",
    "capability_focus": "a focus on one capability",
    "pivot": "a pivot to a new model",
    "output_volume": "long answers",
    "even_load": "even load",
    "round_the_clock": "activity that never rests",
    "replacement": "new accounts after suspensions",
    "instruments_per_account": "many payment instruments to an account",
    "throw_away_mail": "throw-away mail",
    "concealed_cards": "prepaid or virtual cards",
    "countries_differ": "cards of other countries",
}


def listing(words: Sequence[str], last: str = "and") -> str:
    """Return "a", "a and b", "a, b and c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def reaching(value: float, digits: int = 2) -> str:
    """Return a score that has to reach a cut-off, rounded down: what falls short of it looks so."""
    return f"{floor(round(value * 10**digits, 6)) / 10**digits:.{digits}f}"


def staying_below(value: float, digits: int = 3) -> str:
    """Return a score that must not exceed a cut-off, rounded up: what exceeds it looks so."""
    return f"{ceil(round(value * 10**digits, 6)) / 10**digits:.{digits}f}"


def named_alike(files: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names that several of some files have, given as name and SHA-256."""
    named = Counter(name for name, _ in set(files))
    return {name for name, number in named.items() if number > 1}


def level_words(reason: Mapping[str, Any], of_pair: Iterable[Mapping[str, Any]]) -> str:
    """Return what a comparison found of a pair, and that it is an echo where that bounds its bits.

    `of_pair` holds all reasons of the pair, this one as well.
    """
    of_level = (reason["comparison"], reason["level"])
    if of_level in _LEVELS:
        return _LEVELS[of_level]
    said = str(reason["level"])
    cause = "address" if reason["comparison"] == "email" else "device"
    bounded = reason["bits"] == ECHO_BITS and (reason["adjustment"] or 0) < 0
    if bounded and any(r["comparison"] == cause and r["key"] for r in of_pair):
        return f"{said} (bounded: an echo of the {cause} in common)"
    return said


def abusive_by(
    likeness: Sequence[Mapping[str, Any]], signals: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Return what abuse rests on most, the weightiest first, in words.

    That is what is like a campaign, what the accounts do before how they are set up, or, where
    likeness says nothing, the signals.
    """
    if likeness:
        does = [row for row in likeness if tells_behaviour(row)]
        is_ = [row for row in likeness if not tells_behaviour(row)]
        return (words_of(does, campaign=True) + words_of(is_, campaign=True))[:NAMED]
    return [SIGNAL_WORDS[name] for name in _telling(signals)]


def _telling(signals: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the signals that abuse rests on most, the strongest first."""
    weights = {signal.name: signal.weight for signal in SIGNALS}
    parts = [(weights.get(s["signal"], 0.0) * (s["value"] or 0.0), s["signal"]) for s in signals]
    found = sorted((part for part in parts if part[0] >= LEAST), key=lambda p: (-p[0], p[1]))
    return [name for _, name in found[:NAMED]]


def without_prompts(signals: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether signals were measured, and none of those that prompts alone can tell."""
    of_prompts = {
        s.name for s in SIGNALS if s.needs.startswith("prompts") and " or " not in s.needs
    }
    told = [s["value"] for s in signals if s["signal"] in of_prompts]
    return bool(told) and all(value is None for value in told)


def contested(cluster: Mapping[str, Any]) -> bool:
    """Return whether all cut-offs are met, and a legitimate reason stands against abuse."""
    return cluster["verdict"] == "unclear" and "contested" in (cluster["reasons"] or ())


def mostly_fits(cluster: Mapping[str, Any]) -> bool:
    """Return whether no link holds the most of a cluster's members, but they fit it as a whole."""
    return not cluster["links"] or 2 * cluster["fitting"] > cluster["accounts"]


def nothing_for(explanations: Sequence[Mapping[str, Any]]) -> str:
    """Return that no innocent explanation has anything for it, where that is so; else nothing."""
    if not explanations or any(e["strength"] > 0 for e in explanations):
        return ""
    more = "more for it than against it" if any(e["speaks_for"] for e in explanations) else ""
    return f"none of the innocent explanations has {more or 'anything for it'}"


def statuses(cluster: Mapping[str, Any]) -> str:
    """Return how many accounts of a cluster are active, suspended and deleted, in words.

    An account without a recorded status counts in `active`; here it is said apart, where the run
    knows of it.
    """
    unknown = cluster.get("without_status") or 0
    if unknown == cluster["accounts"]:
        return "no status recorded"
    said = [f"{cluster['active'] - unknown:,} active", f"{cluster['suspended']:,} suspended"]
    if cluster.get("deleted") is not None:
        said.append(f"{cluster['deleted']:,} deleted")
    if unknown:
        said.append(f"{unknown:,} without a recorded status")
    return ", ".join(said)
