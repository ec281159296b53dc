"""Real Neo4j servers of both lines, or the one that NEO4J_URI names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import neo4j
import pytest

from forensics.graph.address import Address
from tests.graph.conftest import graph
from tests.neo4j_server import MAIN, Server, running

__all__ = ["graph"]  # the embedded one, to compare with

VERSIONS = ["given"] if os.environ.get("NEO4J_URI") else list(MAIN)


@pytest.fixture(scope="session")
def starting() -> Iterator[dict[str, Future[Server]]]:
    """All lines at once: while the tests of one run, the next one starts."""
    with ThreadPoolExecutor(len(MAIN)) as pool, ExitStack() as stack:
        yield {line: pool.submit(stack.enter_context, running(line)) for line in MAIN}


@pytest.fixture(scope="session", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Address:
    if request.param == "given":
        return _given()
    server = request.getfixturevalue("starting")[request.param].result()
    return Address(server.uri, server.user, server.password)


def _given() -> Address:
    """Someone's server; the tests empty their database, so it has to be empty before."""
    address = Address(
        os.environ["NEO4J_URI"],
        os.environ.get("NEO4J_USERNAME", "neo4j"),
        os.environ["NEO4J_PASSWORD"],
        os.environ.get("NEO4J_DATABASE"),
    )
    with driver_of(address) as driver:
        (record,) = driver.execute_query(
            "MATCH (n) RETURN count(n) AS n", database_=address.database
        ).records
    assert record["n"] == 0, f"{address.shown} holds data; name an empty one by NEO4J_DATABASE"
    return address


def driver_of(address: Address) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(address.uri, auth=(address.user, address.password))


@pytest.fixture(scope="session")
def driver(server: Address) -> Iterator[neo4j.Driver]:
    with driver_of(server) as driver:
        yield driver


@pytest.fixture
def empty(server: Address, driver: neo4j.Driver) -> Iterator[Address]:
    """A database that holds nothing before the test and nothing after it."""
    clear = "MATCH (n) DETACH DELETE n"
    driver.execute_query(clear, database_=server.database)
    yield server
    driver.execute_query(clear, database_=server.database)
