"""The shell of `forensics query`: what is typed or piped in, and what answers it."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from forensics.cli.output import (
    emit,
    err,
    listed,
    out,
    record_of,
    say,
    say_error,
    table_of,
    visible,
)
from forensics.cli.parameters import by_default, guess, not_there, pairs
from forensics.errors import ForensicsError, UsageError, WriteRefused, nearest
from forensics.graph.library import find_query, load_queries
from forensics.graph.results import Graph, QueryResult
from forensics.graph.schema import NODES, RELATIONSHIPS
from forensics.graph.store import EmbeddedGraph
from forensics.graph.text import first_statement, parameters_in
from forensics.score.words import listing

#: What the shell itself understands, at the beginning of a line.
COMMANDS = {
    ":help": "this",
    ":schema": "labels, relationship types and their properties",
    ":queries": "the queries that ship",
    ":run NAME k=v …": "run one of them; what is not given has a default",
    ":param k=v …": "set parameters for queries of your own; alone, show them",
    ":exit": "leave, as Ctrl-D does",
}
_LEADING = re.compile(r"(?:[\s;]+|//[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_COMMAND = re.compile(r"""(:(?:"[^"\n]*"|'[^'\n]*'|[^;\n])*+)[;\n]""")
#: Below this width on average, columns are hard to read; rows then stand one under the other.
NARROWEST = 12


def entries(lines: Iterable[str]) -> Iterator[str]:
    """Cut lines into what a shell carries out: statements and `:commands`.

    Both end in a semicolon, which is left out; a command also ends with its line, and what comes
    last may lack it.
    """
    text = ""
    for line in lines:
        text += line
        while (found := next_entry(text)) is not None:
            entry, text = found
            yield entry
    if rest := _begun(text).rstrip():
        yield rest


def next_entry(text: str) -> tuple[str, str] | None:
    """Split a text behind its first entry; None where none is complete."""
    begun = _begun(text)
    if not begun.startswith(":"):
        return first_statement(begun)
    command = _COMMAND.match(begun)
    return (command[1].rstrip(), begun[command.end() :]) if command else None


def _begun(text: str) -> str:
    """Return a text without the comments, spaces and semicolons that it begins with."""
    leading = _LEADING.match(text)
    return text[leading.end() :] if leading else text


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{command}: {error}") from None


@dataclass
class Shell:
    """One graph, and how its answers are shown: rows up to `limit`, with their time if `timed`."""

    graph: Graph
    format: str = "table"
    limit: int | None = None
    timed: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    def run_all(self, lines: Iterable[str]) -> int:
        """Carry out what a pipe gives; stop at the first error. Return the exit code."""
        try:
            for entry in entries(lines):
                if not self.carry_out(entry):
                    break
        except ForensicsError as error:
            say_error(self._advice(error))
            return 1
        return 0

    def run_typed(self, typed: Iterable[str]) -> None:
        """Carry out what a person types; after an error, or Ctrl-C, comes the next."""
        for text in typed:
            for entry in entries([text + "\n"]):
                try:
                    if not self.carry_out(entry):
                        return
                except KeyboardInterrupt:
                    say("\nstopped")
                    break
                except ForensicsError as error:
                    say_error(self._advice(error))
                    break

    def carry_out(self, entry: str) -> bool:
        """Carry out one entry; return whether the shell goes on after it.

        Raises:
            ForensicsError: it can't be carried out.
        """
        if not entry.startswith(":"):
            self._ask(
                entry, {k: v for k, v in self.parameters.items() if k in parameters_in(entry)}
            )
            return True
        word, *given = _words(entry)
        does: dict[str, Callable[[list[str]], None]] = {
            ":help": self._help,
            ":schema": self._schema,
            ":queries": self._queries,
            ":run": self._run,
            ":param": self._param,
        }
        if word in (":exit", ":quit"):
            return False
        if word not in does:
            raise UsageError(f"no command '{word}'{nearest(word, [*does, ':exit'])}; see :help")
        does[word](given)
        return True

    def _ask(self, text: str, parameters: dict[str, Any]) -> None:
        missing = [name for name in parameters_in(text) if name not in parameters]
        if missing:
            raise UsageError(f"no value for ${missing[0]}; set it by :param {missing[0]}=VALUE")
        started = time.perf_counter()
        result = self.graph.query(text, parameters)
        self._show(result, time.perf_counter() - started)
        missing = [] if result.rows else not_there(self.graph, parameters)
        if missing:
            say(visible(f"There is {listing(missing)}."))

    def _show(self, result: QueryResult, seconds: float) -> None:
        rows = result.rows[: self.limit]
        if self.format != "table" and result.columns:
            emit(rows, self.format, result.columns)
        elif rows:
            self._table(rows, result.columns)
        if not result.rows:
            say("No rows." if result.columns else "Done.")
        elif len(rows) < len(result.rows):
            say(f"{len(rows):,} of {len(result.rows):,} rows; --limit says how many")
        if self.timed and result.rows:
            say(f"[dim]{len(result.rows):,} rows, {seconds:.2f} s[/]")

    def _table(self, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
        table = table_of(rows, columns)
        natural = out.measure(table, options=out.options.update(max_width=10_000)).maximum
        if natural <= out.width or len(columns) * NARROWEST <= out.width:
            out.print(table)
            return
        for number, row in enumerate(rows, 1):
            out.print(f"[dim]row {number:,}[/]")
            out.print(record_of(row, columns))

    def _help(self, given: list[str]) -> None:
        say("Cypher ends in a semicolon and may take several lines; Ctrl-C stops it.")
        listed(list(COMMANDS.items()), to=err)

    def _queries(self, given: list[str]) -> None:
        listed([(query.name, query.question) for query in load_queries().values()])

    def _schema(self, given: list[str]) -> None:
        own = {"Account": self.graph.account_properties()}
        listed([(f"(:{n.label})", ", ".join(own.get(n.label, n.properties))) for n in NODES])
        ends = [(f"(:{r.source})-[:{r.type}]->(:{r.target})", r.properties) for r in RELATIONSHIPS]
        out.print()
        for pattern, properties in ends:
            out.print(f"  {visible(pattern)}")
            out.print(f"      {', '.join(properties)}")

    def _run(self, given: list[str]) -> None:
        if not given:
            raise UsageError("which one? :run NAME k=v …; :queries shows them all")
        query = find_query(given[0])
        chosen = pairs(given[1:], "")
        values = query.values(chosen)
        chosen_for = by_default(query, chosen, f":run {query.name} NAME=VALUE")
        if chosen_for:
            say(visible(chosen_for))
        self._ask(query.text, values)

    def _param(self, given: list[str]) -> None:
        self.parameters |= {name: guess(value) for name, value in pairs(given, "").items()}
        if not given:
            listed([(name, repr(value)) for name, value in self.parameters.items()])

    def _advice(self, error: ForensicsError) -> str:
        """Return what to say of an error; of a query that writes, how that is done."""
        if not isinstance(error, WriteRefused):
            return str(error)
        if isinstance(self.graph, EmbeddedGraph):
            return (
                f"{error}. To write, push the graph to a Neo4j (forensics graph push) and start "
                "the shell with --engine neo4j --write"
            )
        return f"{error}. To write here all the same, start the shell with --write"
