"""How numbers, spans and kinds of evidence are put for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from click.core import ParameterSource

from forensics.score.words import KIND_WORDS, mostly_fits, reaching, staying_below

#: Input tables, as they are called on a screen.
TABLE_WORDS = {"signups": "sign-ups", "ips": "addresses", "declared": "declared groups"}
#: Kinds of values that are compared in another form than they were given in.
VALUE_WORDS = {"email": "mailbox"}
VERDICT_STYLES = {"abusive": "bold red", "coordinated": "yellow", "legitimate": "green"}
BLOCKS = "▁▂▃▄▅▆▇█"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return "1 account", "1,204 accounts"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def without(row: Mapping[str, Any], parts: Sequence[int]) -> str:
    """Return "3 bridge accounts; without them it splits 61/24", or that it holds.

    Of a cluster that links don't hold, or of which the bridges leave nothing, neither is said.
    """
    bridges: int = row["bridges"]
    if row["accounts"] - bridges < 2:
        every = "all" if bridges == row["accounts"] else "all but one"
        return f"{every} of its accounts are bridges"
    named = count(bridges, "bridge account")
    if mostly_fits(row):
        return named
    if len(parts) < 2:
        return f"{named}; it holds without"
    sizes = "/".join(f"{n:,}" for n in parts[:4]) + ("/..." if len(parts) > 4 else "")
    return f"{named}; without {'it the rest' if bridges == 1 else 'them it'} splits {sizes}"


def few_linked(links: int) -> str:
    """Return "no two are linked", "only 1 pair is linked", "only 4 pairs are linked"."""
    if not links:
        return "no two are linked"
    return f"only {count(links, 'pair')} {'is' if links == 1 else 'are'} linked"


def kinds(names: Sequence[str] | None, most: int = 2) -> str:
    """Return the first kinds of evidence in words, and how many more there are."""
    first = ", ".join(KIND_WORDS.get(name, name) for name in (names or ())[:most])
    return first + (f" +{len(names) - most}" if names and len(names) > most else "")


def table_word(name: str) -> str:
    """Return what an input table is called on a screen."""
    return TABLE_WORDS.get(name, name)


def value_kind(name: str) -> str:
    """Return what a kind of shared value is called on a screen."""
    return VALUE_WORDS.get(name, name)


def words(name: str) -> str:
    """Return a name of ours for people: "public_benchmark" as "public benchmark"."""
    return name.replace("_", " ")


def share(value: float | None) -> str:
    """Return a number in [0, 1] with two digits, rounded down; a dash where there is none."""
    return "-" if value is None else reaching(value)


def q_value(value: float | None) -> str:
    """Return a q-value the way statisticians print it: ".004", ".0021", "<.001"."""
    if value is None:
        return "-"
    return "<.001" if value < 0.001 else staying_below(value).removeprefix("0")


def bits(value: float) -> str:
    """Return a weight in bits with its sign."""
    return f"{value:+.1f}"


def day(value: datetime | None) -> str:
    """Return the UTC date of a time."""
    return value.astimezone(UTC).strftime("%Y-%m-%d") if value else "?"


def sparkline(values: Sequence[float]) -> str:
    """Return one block per value, a dot for zero, the largest value the full height."""
    top = max(values, default=0)
    return "".join(BLOCKS[min(7, int(8 * value / top))] if value > 0 else "·" for value in values)


def command(line: str) -> str:
    """Return a command to type, with the `--case` that this one was given."""
    context = click.get_current_context()
    given = context.get_parameter_source("case_dir") is ParameterSource.COMMANDLINE
    return f"forensics {line}" + (f" --case {context.params['case_dir']}" if given else "")
