"""The options that say which Neo4j server, as whom, and with what password."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from forensics.errors import UsageError
from forensics.graph.address import Address


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--uri`, `--user` and `--database`; the command gets a function `server` for them."""

    @click.option(
        "--uri", envvar="NEO4J_URI", show_envvar=True, help="Bolt address of a Neo4j server."
    )
    @click.option(
        "--user",
        envvar="NEO4J_USERNAME",
        show_envvar=True,
        default="neo4j",
        show_default=True,
        help="As whom to log in there.",
    )
    @click.option(
        "--database",
        envvar="NEO4J_DATABASE",
        show_envvar=True,
        help="Database there; else the user's own.",
    )
    @wraps(command)
    def with_server(
        *args: Any, uri: str | None, user: str, database: str | None, **options: Any
    ) -> Any:
        return command(*args, server=lambda: _address(uri, user, database), **options)

    return with_server


def _address(uri: str | None, user: str, database: str | None) -> Address:
    if not uri:
        raise UsageError(
            "no Neo4j server is named; give --uri or NEO4J_URI, e.g. bolt://localhost:7687"
        )
    return Address(uri, user, _password(user), database)


def _password(user: str) -> str:
    """Take the password from the environment, or ask for it; there is no option for it."""
    password = os.environ.get("NEO4J_PASSWORD")
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise UsageError("no Neo4j password; set NEO4J_PASSWORD, or run this on a terminal")
    return str(click.prompt(f"Password of {user}", hide_input=True, err=True))
