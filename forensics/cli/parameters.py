"""Values of a query's parameters, as they are typed on a command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from forensics.errors import UsageError, nearest
from forensics.graph.text import parameters_in


def pairs(given: Iterable[str], option: str = "--param ") -> dict[str, str]:
    """Read `NAME=VALUE` items; `option` is what stands before each in messages."""
    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise UsageError(f"{option}{item}: expected NAME=VALUE, e.g. {option}cluster_id=C-7kq2")
        found[name.removeprefix("$")] = value
    return found


def guessed(text: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Check that the parameters given are those that the text uses, and guess their types."""
    used = parameters_in(text)
    takes = "it uses: " + ", ".join(used) if used else "it uses none"
    for name in given:
        if name not in used:
            raise UsageError(f"the query has no parameter '{name}'{nearest(name, used)} ({takes})")
    missing = [name for name in used if name not in given]
    if missing:
        raise UsageError(
            f"the query needs a value for '{missing[0]}' ({takes}); "
            f"give it with --param {missing[0]}=VALUE"
        )
    return {name: guess(value) for name, value in given.items()}


def guess(value: str) -> Any:
    """Read numbers, true, false, null, lists and quoted strings as JSON, all else as text."""
    try:
        return json.loads(value)
    except ValueError:
        return value
