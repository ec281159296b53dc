"""The queries that ship (`queries/*.cypher`), and how their heads are read.

    // title: Frontier of a cluster
    // question: Which accounts outside the cluster are linked to its members?
    // parameter: cluster_id string = "C-7kq2": the cluster
    // column: account_id: the account outside
    MATCH …

A default is JSON. Every line of the head has one of these four keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from forensics.errors import QueryError, UsageError, nearest

_TYPES: dict[str, type] = {"string": str, "integer": int, "float": float, "boolean": bool}
_HEAD = re.compile(r"//\s*(title|question|parameter|column):\s*(.+)")
_PARAMETER = re.compile(r"(\w+) (string|integer|float|boolean) = (.+?): (\S.*)")
_COLUMN = re.compile(r"(\w+): (\S.*)")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query, its type by name (string, integer, float, boolean)."""

    name: str
    type: str
    default: Any
    about: str


@dataclass(frozen=True)
class NamedQuery:
    """One query with its head; `columns` maps each column to what it says."""

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    text: str

    def values(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the value of every parameter: what is given, as text, else its default.

        Raises:
            UsageError: the query has no such parameter, or the text is not of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise UsageError(
                    f"query '{self.name}' has no parameter '{name}'{nearest(name, known)} "
                    f"({self.takes()})"
                )
        return {
            name: self._typed(parameter, given[name]) if name in given else parameter.default
            for name, parameter in known.items()
        }

    def takes(self) -> str:
        """Say which parameters there are."""
        if not self.parameters:
            return "it takes none"
        return "it takes: " + ", ".join(
            f"{p.name} ({p.type}, default {json.dumps(p.default)})" for p in self.parameters
        )

    def _typed(self, parameter: Parameter, text: str) -> Any:
        try:
            if parameter.type == "boolean":
                return {"true": True, "false": False}[text.lower()]
            return _TYPES[parameter.type](text)
        except (ValueError, KeyError):
            raise UsageError(
                f"query '{self.name}': parameter '{parameter.name}' is of type {parameter.type}, "
                f"found '{text}' ({self.takes()})"
            ) from None


def parse_query(name: str, text: str) -> NamedQuery:
    """Read a query with a head.

    Raises:
        QueryError: a line of the head can't be read, or its title or question is missing.
    """
    title = question = ""
    parameters: list[Parameter] = []
    columns: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        key, value = _head_line(name, line)
        if key == "title":
            title = value
        elif key == "question":
            question = value
        elif key == "parameter":
            parameters.append(_parameter(name, value))
        else:
            column = _matched(_COLUMN, name, value)
            columns[column[1]] = column[2]
    if not title or not question:
        raise QueryError(f"{name}: the head needs a title and a question")
    return NamedQuery(name, title, question, tuple(parameters), columns, text)


def has_head(text: str) -> bool:
    """Whether a text begins as the queries that ship do."""
    return text.startswith("// title:")


def _head_line(name: str, line: str) -> tuple[str, str]:
    match = _matched(_HEAD, name, line.strip())
    return match[1], match[2]


def _parameter(name: str, value: str) -> Parameter:
    match = _matched(_PARAMETER, name, value)
    default = json.loads(match[3])
    kind = _TYPES[match[2]]
    if type(default) is not kind:
        raise QueryError(f"{name}: the default of '{match[1]}' is not of type {match[2]}")
    return Parameter(match[1], match[2], default, match[4])


def _matched(pattern: re.Pattern[str], name: str, value: str) -> re.Match[str]:
    match = pattern.fullmatch(value)
    if match is None:
        raise QueryError(f"{name}: this line of the head can't be read: {value}")
    return match


def queries_folder() -> Path:
    """Return where the queries lie: inside the installed package, or in the source tree."""
    package = Path(__file__).parent.parent
    installed = package / "queries"
    return installed if installed.is_dir() else package.parent / "queries"


@cache
def load_queries() -> dict[str, NamedQuery]:
    """Return the queries that ship, by name, in the order of their names."""
    return {
        path.stem: parse_query(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(queries_folder().glob("*.cypher"))
    }


def find_query(name: str) -> NamedQuery:
    """Return one of the queries that ship.

    Raises:
        UsageError: there is none of that name; the message shows the nearest.
    """
    queries = load_queries()
    if name not in queries:
        raise UsageError(
            f"no query '{name}'{nearest(name, queries)}; 'forensics query list' shows them all"
        )
    return queries[name]
