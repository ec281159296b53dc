"""What a query gives back, the same from both engines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

Row = dict[str, Any]


@dataclass(frozen=True)
class QueryResult:
    """Rows of plain values: None, bool, int, float, str, times, and lists and dicts of these."""

    columns: tuple[str, ...]
    rows: list[Row]


class Graph(Protocol):
    """An open graph, embedded or on a server."""

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> QueryResult:
        """Run one reading query; parameters are passed beside the text, never within it."""

    def account_properties(self) -> list[str]:
        """Return the properties of `Account`, with those that columns of the input became."""

    def close(self) -> None:
        """Let go of the graph."""


def rejection(message: str) -> str:
    """Return what an engine says of a query that it rejects as one sentence."""
    first = message.strip().splitlines()[0]
    return "the engine rejects the query: " + re.sub(r"^(?:\w+ exception: )+", "", first)


def plain(value: Any) -> Any:
    """Return a value of the embedded engine without its own types and internal ids.

    A node or relationship becomes its properties and `_label`, nulls left out; a path becomes
    its nodes and relationships.
    """
    if isinstance(value, dict):
        return _plain_dict(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):  # sums of integers come as such
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _plain_dict(value: Row) -> Row:
    if "_NODES" in value:
        return {"nodes": plain(value["_NODES"]), "relationships": plain(value["_RELS"])}
    if "_LABEL" in value:
        own = {k: plain(v) for k, v in value.items() if not k.startswith("_") and v is not None}
        return {"_label": value["_LABEL"], **own}
    return {k: plain(v) for k, v in value.items()}
