"""What is said of a Neo4j server, as far as that needs none."""

from __future__ import annotations

import pytest
from neo4j.exceptions import Neo4jError

from forensics.errors import ServerError
from forensics.graph.address import Address
from forensics.graph.schema import NODES, RELATIONSHIPS
from forensics.graph.server import check_version, translated
from forensics.graph.statements import constraints, node_statements, relationship_statements

ADDRESS = Address("bolt://graph.example:7687", "anna", "secret", "case")


@pytest.mark.parametrize("agent", ["Neo4j/4.4.38", "Neo4j/3.5.0"])
def test_an_old_server_is_refused(agent: str) -> None:
    with pytest.raises(ServerError, match=f"the server is {agent}; Neo4j 5 or newer is needed"):
        check_version(agent)


@pytest.mark.parametrize("agent", ["Neo4j/5.0.0", "Neo4j/5.26.30", "Neo4j/2026.08.1", "Other/1.0"])
def test_a_newer_server_is_taken(agent: str) -> None:
    check_version(agent)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Neo.ClientError.Security.Forbidden", "user 'anna' may not do this: told"),
        ("Neo.ClientError.Database.DatabaseNotFound", "no database 'case'; set --database"),
        (
            "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
            "this server or database can't be written to: told",
        ),
        ("Neo.TransientError.General.OutOfMemoryError", "told"),
    ],
)
def test_the_servers_errors_name_it_and_say_what_to_do(code: str, message: str) -> None:
    error = Neo4jError._hydrate_neo4j(code=code, message="told")
    with pytest.raises(ServerError, match=message) as told, translated(ADDRESS):
        raise error
    assert str(told.value).startswith("bolt://graph.example:7687 (database case): ")


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(ADDRESS) + ADDRESS.shown


def test_an_identity_stands_first_in_the_columns_of_its_table() -> None:
    for node in NODES:
        assert node_statements(node).identity == (node.key,)
        assert next(iter(node.properties)) == node.key
    for relationship in RELATIONSHIPS:
        identity = relationship_statements(relationship).identity
        columns = ("source", "target", *relationship.properties)
        assert columns[: len(identity)] == identity


def test_every_key_is_unique_in_the_database() -> None:
    assert all(any(f"n.{t.key} IS UNIQUE" in text for text in constraints()) for t in NODES)
