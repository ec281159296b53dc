"""`graph.graphml`: the cluster as a graph that Gephi, networkx and igraph read.

Nodes are accounts and the values that they share; edges are uses of a value (PAID_WITH, USED_IP,
USED_DEVICE, SENT, HAS) and links between accounts (LINKED_TO, with their bits).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from forensics.bundle.canonical import number, when
from forensics.bundle.evidence import Evidence
from forensics.bundle.hostile import xml_text
from forensics.case.run import KINDS

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
    yield _head().encode()
    ids: dict[tuple[str, str], int] = {}
    for kind, rows in (("account", evidence.members), ("value", evidence.shared)):
        name = "account_id" if kind == "account" else "key"
        for batch in _batches(rows, [name, *(n for n in _NODE if n in rows.column_names)]):
            lines = []
            for row in batch:
                ids[kind, row[name]] = len(ids)
                attributes = {"class": "Account", **row, "label": row[name]}
                lines.append(_node(ids[kind, row[name]], attributes))
            yield "".join(lines).encode()
    classes = dict(zip(*evidence.shared.select(["key", "class"]).to_pydict().values(), strict=True))
    for batch in _batches(evidence.uses, ["account_id", "key", *_of(evidence.uses)]):
        yield "".join(
            _edge(
                ids["account", row["account_id"]],
                ids["value", row["key"]],
                {
                    **row,
                    "relation": RELATIONS.get(classes[row["key"]], "HAS"),
                    "weight": row["uses"],
                },
            )
            for row in batch
        ).encode()
    columns = ["account_a", "account_b", "match_weight", *_of(evidence.links)]
    for batch in _batches(evidence.links, columns):
        yield "".join(
            _edge(
                ids["account", row["account_a"]],
                ids["account", row["account_b"]],
                {**row, "relation": "LINKED_TO", "weight": row["match_weight"]},
            )
            for row in batch
        ).encode()
    yield b"</graph>\n</graphml>\n"


def _of(rows: pa.Table) -> list[str]:
    return [name for name in _EDGE if name in rows.column_names]


def _batches(rows: pa.Table, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    for batch in rows.select(columns).to_batches(max_chunksize=ROWS_AT_ONCE):
        yield batch.to_pylist()


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


def _node(number_: int, values: dict[str, Any]) -> str:
    return f'<node id="n{number_}">{_data("node", _NODE, values)}</node>\n'


def _edge(a: int, b: int, values: dict[str, Any]) -> str:
    return f'<edge source="n{a}" target="n{b}">{_data("edge", _EDGE, values)}</edge>\n'


def _data(sort: str, names: dict[str, str], values: dict[str, Any]) -> str:
    return "".join(
        f'<data key="{sort}_{name}">{_value(values[name])}</data>'
        for name in names
        if values.get(name) is not None
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    if hasattr(value, "astimezone"):
        return when(value)
    return xml_text(str(value))
