"""What findings say of themselves, alike on screens and in reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any

from forensics.score.readings import MIN_EVENTS
from forensics.score.scorecard import tells_behaviour, words_of
from forensics.score.signals import SIGNALS

#: Most that an echo adds, in bits: `link/weights.py` has it, which loads too slowly for a look.
ECHO_BITS = 1.0
#: A mailbox is compared in its canonical form, so two that share it may have given different ones;
#: nothing else brings it about, so it is never an echo.
_LEVELS = {("email", "same address"): "same mailbox, tags and Gmail's dots aside"}
#: The level of a reason that rests on no card itself (`link/observed.py`).
SAME_RANGE = "same card range"
#: Kinds of evidence in a sentence, and what stands for cards where nothing finer than a range is
#: shared.
CARD_RANGE = "card_range"
KIND_WORDS = {
    "payment": "cards",
    "ip": "addresses",
    "device": "devices",
    "prompt": "templates",
    "identifier": "identifiers",
    "timing": "timing",
    CARD_RANGE: "card ranges",
}
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


def staying_below(value: float) -> str:
    """Return a q-value with its four digits, three if the last is 0.

    One that has more, as runs of another version may, is rounded up: what exceeds a cut-off looks
    so.
    """
    return f"{ceil(round(value * 10_000, 6)) / 10_000:.4f}".removesuffix("0")


def said_kinds(kinds: Iterable[str], ranges_alone: bool) -> list[str]:
    """Return kinds of evidence as they are said: cards of which only a range is shared are not."""
    return [CARD_RANGE if ranges_alone and kind == "payment" else kind for kind in kinds]


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

    That is what is like a campaign, or, where likeness says nothing, the signals.
    """
    if likeness:
        return words_of(likeness, campaign=True)[:NAMED]
    return [SIGNAL_WORDS[name] for name in _telling(signals)]


def what_looks_so(
    likeness: Sequence[Mapping[str, Any]], signals: Iterable[Mapping[str, Any]]
) -> str:
    """Return "what they do", or "what they have and do" where `abusive_by` names what they have."""
    if likeness:
        does = words_of([row for row in likeness if tells_behaviour(row)], campaign=True)
    else:
        does = [SIGNAL_WORDS[signal.name] for signal in SIGNALS if signal.behaviour]
    own = set(abusive_by(likeness, signals)) <= set(does)
    return "what they do" if own else "what they have and do"


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


def nothing_told(signals: Iterable[Mapping[str, Any]]) -> str:
    """Return in brackets what is missing where nothing tells what accounts do; "" if unknown."""
    told = {s["signal"]: s["value"] for s in signals}
    missing = ["no prompt of theirs"] if without_prompts(signals) else []
    if told and told.get("round_the_clock") is None:
        missing.append(f"fewer than {MIN_EVENTS} times at which they were active")
    return f" ({listing(missing)})" if missing else ""


def contested(cluster: Mapping[str, Any]) -> bool:
    """Return whether all cut-offs are met, and a legitimate reason stands against abuse."""
    return cluster["verdict"] == "unclear" and "contested" in (cluster["reasons"] or ())


def mostly_fits(cluster: Mapping[str, Any]) -> bool:
    """Return whether no link holds the most of a cluster's members, but they fit it as a whole."""
    return not cluster["links"] or 2 * cluster["fitting"] > cluster["accounts"]


def on_one_link(members: int) -> str:
    """Return that so many members of a cluster hang on one link only."""
    return f"{members:,} {'member hangs' if members == 1 else 'members hang'} on one link only"


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
