"""What a run puts into the graph: one Arrow table per node label and relationship type.

Both stores load these tables as they are. A node table has the columns of its schema; a
relationship table has `source` and `target` (the keys of its ends) before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import sha256_file
from forensics.case.run import Run
from forensics.graph.schema import (
    ACCOUNT,
    CAME_FROM,
    CLUSTER,
    LINKED_TO,
    MARKER,
    MEMBER_OF,
    NODES,
    SCHEMA_VERSION,
    SHARED_VALUES,
    USES,
    NodeTable,
    RelationshipTable,
    Type,
)
from forensics.ordered import distinct
from forensics.utc import epoch_seconds, utc_text

ARROW_TYPES: dict[Type, pa.DataType] = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "STRING[]": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Marker:
    """Which run a graph shows, and in which layout."""

    run_id: str
    run_digest: str
    schema_version: int


def marker_of(run: Run) -> Marker:
    """Return the marker that a graph of this run carries."""
    return Marker(run.run_id, sha256_file(run.folder / "run.json"), SCHEMA_VERSION)


def nodes(run: Run) -> Iterator[tuple[NodeTable, pa.Table]]:
    """Give every node table of the run's graph with its rows.

    The `Account` table has, after its own properties, one for each unknown column of the input.
    """
    yield _accounts(run)
    yield CLUSTER, _clusters(run)
    yield from _shared_values(run)
    yield MARKER, _shaped(pa.Table.from_pylist([vars(marker_of(run))]), MARKER.properties)


def relationships(run: Run) -> Iterator[tuple[RelationshipTable, pa.Table]]:
    """Give every relationship table of the run's graph with its rows."""
    yield from _uses(run)
    yield LINKED_TO, _between(run.read("links"), LINKED_TO, "account_a", "account_b")
    yield MEMBER_OF, _between(run.read("members"), MEMBER_OF, "account_id", "cluster_id")
    lineage = run.read("lineage")
    lineage = lineage.filter(pc.is_valid(lineage["cluster_id"]))  # null: vanished, came to nothing
    lineage = _set(lineage, "run_id", pa.scalar(run.run_id))
    yield CAME_FROM, _between(lineage, CAME_FROM, "cluster_id", "from_cluster")


def _accounts(run: Run) -> tuple[NodeTable, pa.Table]:
    accounts = run.read("accounts")
    members = run.read("members", ["account_id", "cluster_id"])
    place = pc.index_in(accounts["account_id"], members["account_id"])
    accounts = _set(accounts, "cluster_id", members["cluster_id"].take(place))
    accounts = _set(accounts, "created_s", epoch_seconds(accounts["created_at"]))
    accounts = _set(accounts, "status_s", epoch_seconds(accounts["status_at"]))
    known = _shaped(accounts, ACCOUNT.properties)
    extra = _extra_columns(accounts["extra"])
    names = property_names(extra.column_names)
    for given, name in names.items():
        known = known.append_column(name, extra[given])
    more: dict[str, Type] = dict.fromkeys(names.values(), "STRING")
    return replace(ACCOUNT, properties=ACCOUNT.properties | more), known


def _clusters(run: Run) -> pa.Table:
    """The run's clusters, then those of the run before that only the lineage names.

    Of a vanished cluster the id and its run are known, everything else is null.
    """
    clusters = _set(run.read("clusters"), "run_id", pa.scalar(run.run_id))
    origins = pc.drop_null(pc.unique(run.read("lineage")["from_cluster"])).sort()
    gone = origins.filter(pc.invert(pc.is_in(origins, clusters["cluster_id"])))
    before = pa.scalar(run.info.get("previous_run"), pa.string())
    vanished = _set(pa.table({"cluster_id": gone}), "run_id", before)
    current = _shaped(clusters, CLUSTER.properties)
    return pa.concat_tables([current, _shaped(vanished, CLUSTER.properties)])


def _shared_values(run: Run) -> Iterator[tuple[NodeTable, pa.Table]]:
    """The run's shared values, each with the number of clusters whose members use it."""
    identifiers = run.read("identifiers")
    identifiers = _set(identifiers, "clusters", _clusters_of(run, identifiers["key"]))
    for table in SHARED_VALUES:
        mine = pc.equal(identifiers["class"], table.label)
        yield table, _shaped(identifiers.filter(mine), table.properties)


def _clusters_of(run: Run, keys: pa.ChunkedArray) -> pa.Array:
    """Count the clusters whose members use each value, as numbers: texts take ten times more."""
    uses = run.read("uses", ["account_id", "key"])
    members = run.read("members", ["account_id", "cluster_id"])
    clusters = pc.unique(members["cluster_id"])
    of_member = pc.index_in(members["cluster_id"], clusters)
    cluster = of_member.take(pc.index_in(uses["account_id"], members["account_id"]))
    value = pc.index_in(uses["key"], keys)
    used = pa.table({"value": value, "cluster": cluster}).drop_null()
    codes = used["value"].to_numpy().astype(np.int64) * max(len(clusters), 1)
    codes = distinct(codes + used["cluster"].to_numpy())
    return pa.array(np.bincount(codes // max(len(clusters), 1), minlength=len(keys)))


def _uses(run: Run) -> Iterator[tuple[RelationshipTable, pa.Table]]:
    """The uses of each class of values, one after the other to bound memory."""
    uses = run.read("uses")
    values = run.read("identifiers", ["key", "class", "kind"])
    place = pc.index_in(uses["key"], values["key"])
    of_use = values["class"].take(place)
    for table in USES:
        mine = pc.equal(of_use, table.target)
        kind = values["kind"].take(place.filter(mine))
        yield table, _between(_described(uses.filter(mine), kind), table, "account_id", "key")


def _described(uses: pa.Table, kind: pa.ChunkedArray) -> pa.Table:
    uses = _set(uses, "kind", kind)
    uses = _set(uses, "first_s", epoch_seconds(uses["first_seen"]))
    return _set(uses, "last_s", epoch_seconds(uses["last_seen"]))


def _between(rows: pa.Table, table: RelationshipTable, source: str, target: str) -> pa.Table:
    ends = pa.table({"source": rows[source], "target": rows[target]})
    for name, column in zip(table.properties, _shaped(rows, table.properties).columns, strict=True):
        ends = ends.append_column(name, column)
    return ends


def _shaped(rows: pa.Table, properties: dict[str, Type]) -> pa.Table:
    """Return the columns that `properties` names, in its order and types, null where absent."""
    columns = {}
    for name, kind in properties.items():
        if name not in rows.column_names:
            columns[name] = pa.nulls(len(rows), ARROW_TYPES[kind])
        elif pa.types.is_timestamp(rows[name].type):
            columns[name] = utc_text(rows[name])
        else:
            columns[name] = rows[name].cast(ARROW_TYPES[kind])
    return pa.table(columns)


def _set(table: pa.Table, name: str, value: pa.ChunkedArray | pa.Array | pa.Scalar) -> pa.Table:
    column = pa.repeat(value, len(table)) if isinstance(value, pa.Scalar) else value
    return table.append_column(name, column)


def _extra_columns(objects: pa.ChunkedArray) -> pa.Table:
    """Turn JSON objects into one text column per key, keys in order; nested values stay JSON."""
    database = duckdb.connect()
    database.register("given", pa.table({"extra": objects}))
    keys = database.sql(
        "SELECT DISTINCT unnest(json_keys(extra)) AS key FROM given ORDER BY key"
    ).fetchall()
    pointers = ["/" + key.replace("~", "~0").replace("/", "~1") for (key,) in keys]
    columns = ", ".join(f"extra ->> ${n} AS c{n}" for n in range(1, len(keys) + 1))
    if not keys:
        return pa.table({})
    rows = database.sql(f"SELECT {columns} FROM given", params=pointers).to_arrow_table()
    return rows.rename_columns([key for (key,) in keys])


def property_names(given: Iterable[str]) -> dict[str, str]:
    """Return a name for each unknown input column, unlike every other and those of the schema.

    Letters, digits and `_` stay, everything else becomes `_`; a name that the schema has is
    prefixed by `input_`. Names that differ only in case count as alike: one engine takes them so.
    """
    schema = {name.lower() for table in NODES for name in table.properties}
    names: dict[str, str] = {}
    for column in given:
        name = re.sub(r"[^A-Za-z0-9_]", "_", column).strip("_")
        if not name[:1].isalpha() or name.lower() in schema:
            name = f"input_{name}".rstrip("_")
        base, number, used = name, 1, {other.lower() for other in names.values()}
        while name.lower() in used:
            number += 1
            name = f"{base}_{number}"
        names[column] = name
    return names
