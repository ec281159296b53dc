"""The Cypher that a push sends. Text comes from the schema; data goes beside it, as lists.

The rows of a table are passed by column, as `$p0`, `$p1` … in the order of the columns, and `$size`
says how many there are: half the time of a list of maps. The last column is `_tag`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forensics.graph.schema import MARKER, NODES, NodeTable, RelationshipTable

TAG = "_tag"
#: The marker outlives its run, so its tag is no digest.
MARK = f"MERGE (m:{MARKER.label} {{{TAG}: 0}}) SET m += $properties"
MARKED = f"MATCH (m:{MARKER.label} {{{TAG}: 0}}) RETURN m.columns AS columns"
_EACH = "UNWIND range(0, $size - 1) AS i"
_KEYS = {table.label: table.key for table in NODES}


@dataclass(frozen=True)
class Statements:
    """What a push says of one table.

    `identity` are the leading columns, by which a row is found again; `count` and `read` look for
    what pushes wrote; `create` and `update` take all columns, `remove` those of the identity.
    """

    identity: tuple[str, ...]
    count: str
    read: str
    create: tuple[str, ...]
    update: tuple[str, ...]
    remove: tuple[str, ...]


def constraints() -> list[str]:
    """Return what makes the database keep keys unique, and find members by their cluster."""
    unique = [
        f"CREATE CONSTRAINT forensics_{table.label.lower()} IF NOT EXISTS "
        f"FOR (n:{table.label}) REQUIRE n.{table.key} IS UNIQUE"
        for table in NODES
    ]
    return [
        *unique,
        "CREATE INDEX forensics_member IF NOT EXISTS FOR (n:Account) ON (n.cluster_id)",
    ]


def node_statements(table: NodeTable, dropped: Iterable[str] = ()) -> Statements:
    """Return the statements of a node table; `dropped` are properties that it no longer has."""
    label, key = table.label, table.key
    names = [*table.properties, TAG]
    ours = f"(n:{label}) WHERE n.{TAG} IS NOT NULL"
    found = f"MATCH (n:{label} {{{key}: $p0[i]}}) WHERE n.{TAG} IS NOT NULL"
    values = [f"n.{_quoted(name)} = $p{at}[i]" for at, name in enumerate(names)]
    cleared = [f"n.{_quoted(name)} = null" for name in dropped]
    stripped = [f"n.{_quoted(name)}" for name in (*names, *dropped)]
    return Statements(
        identity=(key,),
        count=f"MATCH {ours} RETURN count(n) AS n",
        read=f"MATCH {ours} RETURN n.{key} AS {key}, n.{TAG} AS {TAG}",
        create=(f"{_EACH} CREATE (:{label} {{{_given(names)}}})",),
        update=(f"{_EACH} {found} SET {', '.join(values + cleared)}",),
        remove=(
            f"{_EACH} {found} AND NOT EXISTS {{ (n)--() }} DELETE n",
            # Somebody tied a relationship of their own to it: the node stays, what we wrote goes.
            f"{_EACH} {found} REMOVE n:{label}, {', '.join(stripped)}",
        ),
    )


def relationship_statements(table: RelationshipTable) -> Statements:
    """Return the statements of a relationship table; what changed is removed and created."""
    names = [*table.properties, TAG]
    more = [name for name in ("kind", "role") if name in table.properties]
    start = f"(a:{table.source} {{{_KEYS[table.source]}: $p0[i]}})"
    end = f"(b:{table.target} {{{_KEYS[table.target]}: $p1[i]}})"
    same = [f"r.{name} = $p{at}[i]" for at, name in enumerate(more, 2)]
    ours = (
        f"MATCH (a:{table.source})-[r:{table.type}]->(b:{table.target}) WHERE r.{TAG} IS NOT NULL"
    )
    identity = [
        f"a.{_KEYS[table.source]} AS source",
        f"b.{_KEYS[table.target]} AS target",
        *(f"r.{name} AS {name}" for name in more),
    ]
    create = (
        f"{_EACH} MATCH {start} MATCH {end} CREATE (a)-[:{table.type} {{{_given(names, 2)}}}]->(b)"
    )
    remove = (
        f"{_EACH} MATCH {start}-[r:{table.type}]->{end} "
        f"WHERE {' AND '.join([f'r.{TAG} IS NOT NULL', *same])} DELETE r"
    )
    return Statements(
        identity=("source", "target", *more),
        count=f"{ours} RETURN count(r) AS n",
        read=f"{ours} RETURN {', '.join(identity)}, r.{TAG} AS {TAG}",
        create=(create,),
        update=(remove, create),
        remove=(remove,),
    )


def _given(names: list[str], first: int = 0) -> str:
    return ", ".join(f"{_quoted(name)}: $p{at}[i]" for at, name in enumerate(names, first))


def _quoted(name: str) -> str:
    return f"`{name}`"
