"""Neo4j: seconds of a push, beside the driver's plain `UNWIND` of the same rows."""

from __future__ import annotations

import time

import neo4j
import pyarrow as pa

from forensics.case.run import Run
from forensics.graph.address import Address
from forensics.graph.content import nodes, relationships
from forensics.graph.push import BATCH, push
from forensics.graph.schema import NODES
from forensics.graph.statements import constraints

_KEYS = {table.label: table.key for table in NODES}


def time_push(run: Run, address: Address) -> float:
    """Return the seconds of a push into an empty database."""
    started = time.perf_counter()
    push(run, address)
    return time.perf_counter() - started


def time_plain_unwind(run: Run, driver: neo4j.Driver) -> float:
    """Return the seconds of what the driver's manual shows: lists of maps, `UNWIND`, `CREATE`.

    Same rows, same constraints, same size of a transaction, and nothing to tell afterwards what
    was written: no digests, no comparison.
    """
    started = time.perf_counter()
    for statement in constraints():
        driver.execute_query(statement)
    driver.execute_query("CALL db.awaitIndexes(600)")
    for node, rows in nodes(run):
        _each(driver, f"UNWIND $rows AS row CREATE (n:{node.label}) SET n = row", rows)
    for relationship, rows in relationships(run):
        query = (
            "UNWIND $rows AS row "
            f"MATCH (a:{relationship.source} {{{_KEYS[relationship.source]}: row.source}}) "
            f"MATCH (b:{relationship.target} {{{_KEYS[relationship.target]}: row.target}}) "
            f"CREATE (a)-[r:{relationship.type}]->(b) SET r = row.properties"
        )
        ends = rows.select(["source", "target"])
        own = rows.drop_columns(["source", "target"]).to_struct_array()
        _each(driver, query, ends.append_column("properties", own))
    return time.perf_counter() - started


def _each(driver: neo4j.Driver, query: str, rows: pa.Table) -> None:
    for batch in rows.to_batches(max_chunksize=BATCH):
        driver.execute_query(query, rows=batch.to_pylist())
