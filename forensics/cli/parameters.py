"""Values of a query's parameters, as they are typed on a command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from forensics.errors import UsageError, nearest
from forensics.graph.library import NamedQuery
from forensics.graph.results import Graph
from forensics.graph.text import parameters_in

#: Of which nodes a parameter of this name takes the id, and by which property.
_IDS = {
    "cluster_id": ("Cluster", "cluster_id"),
    "account_id": ("Account", "account_id"),
    "account_a": ("Account", "account_id"),
    "account_b": ("Account", "account_id"),
}


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


def by_default(query: NamedQuery, given: Mapping[str, str], how: str) -> str:
    """Return what a query answers for that nobody chose, and how to choose; "" if all was given."""
    own = [f"{p.name} = {json.dumps(p.default)}" for p in query.parameters if p.name not in given]
    return f"By default: {', '.join(own)}; {how} says otherwise" if own else ""


def not_there(graph: Graph, values: Mapping[str, Any]) -> list[str]:
    """Return which clusters and accounts that parameters name the graph does not hold."""
    found = []
    for name, (label, id_) in _IDS.items():
        if name in values:
            asked = f"MATCH (n:{label}) WHERE n.{id_} = $id RETURN count(n) AS number"
            if not graph.query(asked, {"id": values[name]}).rows[0]["number"]:
                found.append(f"no {label.lower()} '{values[name]}'")
    return found
