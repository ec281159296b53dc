"""`forensics query`: Cypher on the graph of a case, shipped or one's own, read-only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from forensics.cli.engine import Opener, engine_options
from forensics.cli.output import emit, format_option, say, visible
from forensics.cli.parameters import by_default, guessed, not_there, pairs
from forensics.cli.shell import Shell
from forensics.errors import UsageError
from forensics.graph.library import find_query, has_head, load_queries, parse_query
from forensics.score.words import listing

#: More of one result than this nobody reads on a terminal.
ROWS_ON_SCREEN = 100


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
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Print N rows at most.")
@engine_options
@format_option
def run(
    source: str, given: tuple[str, ...], limit: int | None, opened: Opener, format_: str
) -> None:
    """Run a query that ships (by NAME), one in a FILE, or one from standard input (-).

    \b
    Example:
      forensics query run clusters_sharing_identifiers
      echo "MATCH (a:Account) RETURN count(*) AS accounts" | forensics query run -
    """
    text, parameters = _prepare(source, pairs(given))
    with opened() as graph:
        result = graph.query(text, parameters)
        missing = [] if result.rows else not_there(graph, parameters)
    emit(result.rows[:limit], format_, result.columns)
    if not result.rows:
        say(visible(f"No rows{': there is ' + listing(missing) if missing else ''}."))
    elif limit is not None and len(result.rows) > limit:
        say(f"{limit:,} of {len(result.rows):,} rows; --limit says how many")


@query.command()
@click.option("--write", is_flag=True, help="Let queries change the graph (Neo4j only).")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Print N rows of each result at most; 100 on a terminal.",
)
@engine_options
@format_option
def shell(write: bool, limit: int | None, opened: Opener, format_: str) -> int:
    """Ask one query after the other: on a terminal, or from a pipe.

    A query ends in a semicolon. On a terminal there is history, completion (Tab) and :help, and
    Ctrl-C stops a query; a pipe stops at the first error, with exit code 1.

    \b
    Example:
      forensics query shell
      echo ":schema; MATCH (a:Account) RETURN count(*);" | forensics query shell
    """
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    with opened(writes=write) as graph:
        shell = Shell(graph, format_, limit)
        if not at_terminal:
            return shell.run_all(_lines())
        from forensics.cli.shell_prompt import typed  # takes long to import

        shell.limit, shell.timed = limit or ROWS_ON_SCREEN, True
        say("Cypher, a semicolon at its end; :help says what else there is, :exit leaves.")
        shell.run_typed(typed(graph.account_properties()))
    return 0


def _prepare(source: str, given: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the text of a query and the value of every parameter that it uses.

    Say which of them are by default.
    """
    if source != "-" and not _is_path(source):
        query = find_query(source)
    else:
        text = _read(source)
        if not has_head(text):
            return text, guessed(text, given)
        query = parse_query(source, text)
    values = query.values(given)
    chosen_for = by_default(query, given, "--param NAME=VALUE")
    if chosen_for:
        say(visible(chosen_for))
    return query.text, values


def _is_path(source: str) -> bool:
    if source in load_queries():
        return False
    return "/" in source or source.endswith(".cypher") or Path(source).is_file()


def _read(source: str) -> str:
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    return _decoded(data, source)


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield _decoded(line, "-")


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{source}: not a text file in UTF-8") from None
