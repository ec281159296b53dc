"""A push to a database that may only be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forensics.case.store import Case
from forensics.graph.address import Address
from tests.neo4j.conftest import driver_of
from tests.neo4j_server import MAIN, running


def test_it_says_so_and_shows_no_password(
    small_case: Case, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_case.root.parent)
    with running(list(MAIN)[-1], setting="server.databases.read_only=neo4j") as server:
        address = Address(server.uri, server.user, server.password)
        monkeypatch.setenv("NEO4J_PASSWORD", server.password)
        pushed = cli("graph", "push", "--uri", server.uri, "--user", server.user)
        with driver_of(address) as driver:
            (record,) = driver.execute_query("MATCH (n) RETURN count(n) AS n").records
    assert pushed.code == 1
    assert "can't be written to" in " ".join(pushed.err.split())
    assert server.password not in pushed.err
    assert record["n"] == 0
