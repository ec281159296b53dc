"""A graph on a Neo4j server, over Bolt: how to reach it, what to say when it fails, and queries.

Sessions that query have read access, unless writing was asked for. Credentials are never printed.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Duration, Time

from forensics.errors import QueryError, ServerError, UsageError
from forensics.graph.address import Address
from forensics.graph.content import Marker
from forensics.graph.guard import check_inside, check_readonly
from forensics.graph.results import QueryResult, Row, rejection
from forensics.graph.schema import ACCOUNT, MARKER
from forensics.graph.statements import MARKED

#: Both lines that are tested are newer; older ones lack label expressions in patterns.
OLDEST = (5, 0)
_MARKED_TRANSACTION = (
    "SHOW TRANSACTIONS YIELD transactionId, metaData WHERE metaData.forensics = $mark "
    "RETURN transactionId"
)


@contextmanager
def connect(address: Address) -> Iterator[neo4j.Driver]:
    """Give a driver that has reached the server, and close it after the block.

    Raises:
        UsageError: the URI is none that the driver takes.
        ServerError: the server can't be reached, refuses the user, or is too old; and what goes
            wrong with it inside the block.
    """
    if "@" in address.uri:
        raise UsageError("the Neo4j URI holds credentials; give them by --user and NEO4J_PASSWORD")
    if not logging.getLogger().isEnabledFor(logging.INFO):
        logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # what it would log is raised as well
    try:
        driver = neo4j.GraphDatabase.driver(
            address.uri,
            auth=(address.user, address.password),
            connection_timeout=10,
            max_transaction_retry_time=60,
            notifications_min_severity="OFF",
        )
    except (ConfigurationError, ValueError) as error:
        raise UsageError(
            f"'{address.uri}' is no Neo4j URI ({error}); expected e.g. bolt://localhost:7687, "
            "neo4j://HOST or neo4j+s://HOST"
        ) from None
    with driver, translated(address):
        check_version(driver.get_server_info().agent)
        yield driver


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn the driver's errors into sentences for people."""
    try:
        yield
    except AuthError:
        raise ServerError(
            f"{address.shown}: user '{address.user}' or its password is refused; "
            "set --user and NEO4J_PASSWORD"
        ) from None
    except (ServiceUnavailable, SessionExpired, OSError) as error:
        raise ServerError(
            f"no Neo4j answers at {address.shown}: {_first_line(error)}; is it running, and is "
            "the address its Bolt address?"
        ) from None
    except Neo4jError as error:
        raise ServerError(f"{address.shown}: {_explain(error, address)}") from None
    except DriverError as error:
        raise ServerError(f"{address.shown}: {_first_line(error)}") from None


def _explain(error: Neo4jError, address: Address) -> str:
    code = error.code or ""
    if "DatabaseNotFound" in code:
        return f"there is no database '{address.database}'; set --database"
    if ".Security." in code and "Forbidden" in code:
        return f"user '{address.user}' may not do this: {error.message}"
    if "ReadOnly" in code or "AccessMode" in code:
        return f"this server or database can't be written to: {error.message}"
    return str(error.message or error)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")


def check_version(agent: str) -> None:
    """Raise a ServerError where a server, by what it calls itself, is too old."""
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        raise ServerError(f"the server is {agent}; Neo4j 5 or newer is needed")


class ServerGraph:
    """The graph on a server. Same queries, same rows as the embedded one.

    It is open to read, or, with `writes`, for queries that change it too.
    """

    def __init__(self, driver: neo4j.Driver, address: Address, *, writes: bool = False) -> None:
        self._driver, self._address, self._writes = driver, address, writes

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> QueryResult:
        """Run one query and return all of its rows; Ctrl-C stops it.

        Raises:
            QueryError: the query is refused (`guard`), or the server rejects it.
            ServerError: the server can't be reached any more.
        """
        check = check_inside if self._writes else check_readonly
        check(text)
        mark = secrets.token_hex(16)
        work = neo4j.unit_of_work(metadata={"forensics": mark})(_rows)
        with translated(self._address), self._session() as session:
            try:
                execute = session.execute_write if self._writes else session.execute_read
                return execute(work, text, dict(parameters or {}))
            except KeyboardInterrupt:
                self._stop(mark)  # or closing the session would wait for all of its rows
                with suppress(Neo4jError, DriverError):  # it says that the transaction was ended
                    session.close()
                raise
            except ClientError as error:
                if ".Statement." not in (error.code or ""):
                    raise
                raise QueryError(rejection(error.message or str(error))) from None

    def _stop(self, mark: str) -> None:
        """End the transaction with this mark."""
        with self._session() as session:
            found = session.run(_MARKED_TRANSACTION, mark=mark).value()
            session.run("TERMINATE TRANSACTIONS $ids", ids=found).consume()

    def _session(self) -> neo4j.Session:
        return self._driver.session(
            database=self._address.database,
            default_access_mode=neo4j.WRITE_ACCESS if self._writes else neo4j.READ_ACCESS,
            fetch_size=10_000,
        )

    def marker(self) -> Marker | None:
        """Return which run the server shows, None if none was pushed whole."""
        columns = ", ".join(f"m.{name} AS {name}" for name in MARKER.properties)
        rows = self.query(
            f"MATCH (m:{MARKER.label}) WHERE m._tag IS NOT NULL RETURN {columns}"
        ).rows
        return Marker(**rows[0]) if len(rows) == 1 else None

    def account_properties(self) -> list[str]:
        """Return the properties of `Account`, with those that columns of the input became."""
        rows = self.query(MARKED).rows
        columns = rows[0]["columns"] if rows else []
        return [*ACCOUNT.properties, *(c for c in columns or () if c not in ACCOUNT.properties)]

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _rows(transaction: neo4j.ManagedTransaction, text: str, parameters: Row) -> QueryResult:
    result = transaction.run(text, parameters)
    columns = tuple(result.keys())
    rows = [dict(zip(columns, map(_plain, record.values()), strict=True)) for record in result]
    return QueryResult(columns, rows)


def _plain(value: Any) -> Any:
    """Return a value without the driver's types, as `results.plain` does for the other engine."""
    if isinstance(value, Node):
        return {"_label": ":".join(sorted(value.labels)), **_own(value)}
    if isinstance(value, Relationship):
        return {"_label": value.type, **_own(value)}
    if isinstance(value, Path):
        return {"nodes": _plain(value.nodes), "relationships": _plain(value.relationships)}
    if isinstance(value, DateTime | Date | Time | Duration):
        return value.iso_format()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _own(entity: Node | Relationship) -> Row:
    return {key: _plain(value) for key, value in entity.items() if not key.startswith("_")}
