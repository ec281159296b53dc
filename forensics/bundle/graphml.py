"""`graph.graphml`: the cluster as a graph that Gephi, networkx and igraph read.

Nodes are accounts and the values that they share; edges are uses of a value (PAID_WITH, USED_IP,
USED_DEVICE, SENT, HAS) and links between accounts (LINKED_TO, with their bits).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.canonical import each, lines, number
from forensics.bundle.evidence import Evidence
from forensics.bundle.hostile import xml_text
from forensics.case.run import KINDS
from forensics.parallel import in_order
from forensics.utc import utc_text

ROWS_AT_ONCE = 20_000

RELATIONS = {
    "PaymentInstrument": "PAID_WITH",
    "IpAddress": "USED_IP",
    "Device": "USED_DEVICE",
    "PromptTemplate": "SENT",
}

_NODE = {
    "label": "string",
    "class": "string",
    "kind": "string",
    "membership": "double",
    "bridge": "boolean",
    "status": "string",
    "created_at": "string",
    "country": "string",
    "members": "long",
    "accounts": "long",
    "operators": "double",
}
_EDGE = {
    "relation": "string",
    "weight": "double",
    "match_probability": "double",
    "prior_bits": "double",
    **{f"{kind}_bits": "double" for kind in KINDS},
    "evidence_kinds": "long",
    "role": "string",
    "uses": "long",
    "first_seen": "string",
    "last_seen": "string",
}


def graph_graphml(evidence: Evidence) -> Iterator[bytes]:
    """Write the file; `weight` of a use is its count, of a link its match weight in bits."""
    accounts, keys = evidence.members["account_id"], evidence.shared["key"]
    yield _head().encode()
    yield from _nodes(_set(evidence.members, "class", pa.scalar("Account")), accounts, 0)
    yield from _nodes(evidence.shared, keys, len(accounts))

    def held(uses: pa.Table) -> bytes:
        value = pc.index_in(uses["key"], keys)
        uses = _set(uses, "relation", _relations(evidence.shared["class"]).take(value))
        uses = _set(uses, "weight", uses["uses"])
        return _edges(uses, pc.index_in(uses["account_id"], accounts), pc.add(value, len(accounts)))

    def linked(links: pa.Table) -> bytes:
        ends = [pc.index_in(links[side], accounts) for side in ("account_a", "account_b")]
        links = _set(links, "relation", pa.scalar("LINKED_TO"))
        return _edges(_set(links, "weight", links["match_weight"]), *ends)

    yield from in_order(held, _parts(evidence.uses))
    yield from in_order(linked, _parts(evidence.links))
    yield b"</graph>\n</graphml>\n"


def _relations(classes: pa.ChunkedArray) -> pa.Array:
    return each(classes, lambda name: RELATIONS.get(name, "HAS"))


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, ROWS_AT_ONCE):
        yield rows.slice(start, ROWS_AT_ONCE)


def _set(rows: pa.Table, name: str, values: Any) -> pa.Table:
    """Return the rows with a column of these values (or this one) in place of any of its name."""
    kept = rows.drop_columns(name) if name in rows.column_names else rows
    column = pa.repeat(values, rows.num_rows) if isinstance(values, pa.Scalar) else values
    return kept.append_column(name, column)


def _head() -> str:
    keys = "".join(
        f'<key id="{sort}_{name}" for="{sort}" attr.name="{name}" attr.type="{kind}"/>\n'
        for sort, names in (("node", _NODE), ("edge", _EDGE))
        for name, kind in names.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        f'{keys}<graph id="cluster" edgedefault="undirected">\n'
    )


def _nodes(rows: pa.Table, labels: pa.ChunkedArray, first: int) -> Iterator[bytes]:
    """Write nodes, numbered from `first` on."""
    rows = _set(rows, "label", labels)
    for part in _parts(rows):
        numbers = pa.array(range(first, first + part.num_rows)).cast(pa.string())
        yield lines('<node id="n', numbers, '">', *_data("node", _NODE, part), "</node>\n")
        first += part.num_rows


def _edges(rows: pa.Table, a: pa.ChunkedArray, b: pa.ChunkedArray) -> bytes:
    """Write the edges between nodes of these numbers."""
    ends = [end.combine_chunks().cast(pa.string()) for end in (a, b)]
    data = _data("edge", _EDGE, rows)
    return lines('<edge source="n', ends[0], '" target="n', ends[1], '">', *data, "</edge>\n")


def _data(sort: str, names: dict[str, str], rows: pa.Table) -> list[pa.Array]:
    """Return an element for each column that there is, nothing where the value is null."""
    found = []
    for name in names:
        if name in rows.column_names:
            element = f'<data key="{sort}_{name}">', _texts(rows[name]), "</data>"
            found.append(pc.fill_null(pc.binary_join_element_wise(*element, ""), ""))
    return found


def _texts(values: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        return utc_text(values.combine_chunks())
    return each(values, _value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, float) else xml_text(str(value))
