"""`forensics query`: Cypher on the graph of a case, shipped or one's own, read-only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.output import case_option, emit, format_option, say, visible
from forensics.cli.progress import Bars
from forensics.cli.server import server_options
from forensics.errors import UsageError, nearest
from forensics.graph.address import Address
from forensics.graph.content import marker_of
from forensics.graph.library import find_query, has_head, load_queries, parse_query
from forensics.graph.results import Graph
from forensics.graph.store import open_graph
from forensics.graph.text import parameters_in


@click.group()
def query() -> None:
    """Ask the graph of the case in Cypher.

    \b
    Example:
      forensics query run clusters --param min_coordination=0.9
    """


@query.command("list")
@format_option
def list_(format_: str) -> None:
    """List the queries that ship.

    \b
    Example:
      forensics query list
    """
    rows = [
        {
            "name": q.name,
            "title": q.title,
            "question": q.question,
            "parameters": [f"{p.name}={json.dumps(p.default)}" for p in q.parameters],
            "columns": list(q.columns),
        }
        for q in load_queries().values()
    ]
    columns = ("name", "title", "question", "parameters", "columns")
    emit(rows, format_, columns, shown=("name", "question"))
    if format_ == "table":
        say("\nTo see one with its parameters: forensics query show NAME")


@query.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the text of a query that ships; its head says what it takes and gives.

    \b
    Example:
      forensics query show cluster_frontier
    """
    click.echo(find_query(name).text, nl=False)


@query.command()
@click.argument("source", metavar="NAME|FILE|-")
@click.option(
    "-p",
    "--param",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter; may be given several times.",
)
@click.option(
    "--engine",
    type=click.Choice(["embedded", "neo4j"]),
    default="embedded",
    show_default=True,
    help="Where the query runs: in the case, or on a server (after: forensics graph push).",
)
@server_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Print N rows at most.")
@case_option
@format_option
def run(
    source: str,
    given: tuple[str, ...],
    engine: str,
    limit: int | None,
    server: Callable[[], Address],
    case_dir: Path,
    format_: str,
) -> None:
    """Run a query that ships (by NAME), one in a FILE, or one from standard input (-).

    \b
    Example:
      forensics query run clusters_sharing_identifiers
      echo "MATCH (a:Account) RETURN count(*) AS accounts" | forensics query run -
    """
    text, parameters = _prepare(source, _pairs(given))
    case = Case.open(case_dir)
    opened = (
        open_graph(case, progress=Bars()) if engine == "embedded" else _on_server(case, server())
    )
    with opened as graph:
        result = graph.query(text, parameters)
    emit(result.rows[:limit], format_, result.columns)
    if not result.rows:
        say("No rows.")
    elif limit is not None and len(result.rows) > limit:
        say(f"{limit:,} of {len(result.rows):,} rows; --limit says how many")


@contextmanager
def _on_server(case: Case, address: Address) -> Iterator[Graph]:
    """Give the graph on a server, and say so where it is not that of the last run."""
    from forensics.graph.server import ServerGraph, connect  # the driver takes long to import

    with connect(address) as driver:
        graph = ServerGraph(driver, address)
        if graph.marker() != marker_of(Run.current(case)):
            say(f"{visible(address.shown)} does not show the last run; do: forensics graph push")
        yield graph


def _prepare(source: str, given: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the text of a query and the value of every parameter that it uses."""
    if source != "-" and not _is_path(source):
        named = find_query(source)
        return named.text, named.values(given)
    text = _read(source)
    if has_head(text):
        own = parse_query(source, text)
        return text, own.values(given)
    return text, _guessed(text, given)


def _is_path(source: str) -> bool:
    if source in load_queries():
        return False
    return "/" in source or source.endswith(".cypher") or Path(source).is_file()


def _read(source: str) -> str:
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{source}: not a text file in UTF-8") from None


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise UsageError(f"--param {item}: expected NAME=VALUE, e.g. --param cluster_id=C-7kq2")
        pairs[name.removeprefix("$")] = value
    return pairs


def _guessed(text: str, given: dict[str, str]) -> dict[str, Any]:
    """Check that the parameters given are those that the text uses, and guess their types."""
    used = parameters_in(text)
    takes = "it uses: " + ", ".join(used) if used else "it uses none"
    for name in given:
        if name not in used:
            raise UsageError(f"the query has no parameter '{name}'{nearest(name, used)} ({takes})")
    missing = [name for name in used if name not in given]
    if missing:
        raise UsageError(
            f"the query needs a value for '{missing[0]}' ({takes}); "
            f"give it with --param {missing[0]}=VALUE"
        )
    return {name: _guess(value) for name, value in given.items()}


def _guess(value: str) -> Any:
    """Read numbers, true, false, null, lists and quoted strings as JSON, all else as text."""
    try:
        return json.loads(value)
    except ValueError:
        return value
