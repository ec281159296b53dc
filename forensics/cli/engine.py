"""The options that say which graph is asked, and that graph, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from forensics.case.basis import changed
from forensics.case.labels import read_labels
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.output import case_option, say, visible
from forensics.cli.progress import Bars
from forensics.cli.server import server_options
from forensics.cli.wording import command
from forensics.errors import UsageError
from forensics.graph.address import Address
from forensics.graph.content import marker_of
from forensics.graph.results import Graph
from forensics.graph.store import open_graph

#: Opens the graph that the options name; with True, to write too.
Opener = Callable[..., AbstractContextManager[Graph]]


def engine_options(asked: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--case`, `--engine` and the server's options; the command gets a function `opened`."""

    @click.option(
        "--engine",
        type=click.Choice(["embedded", "neo4j"]),
        default="embedded",
        show_default=True,
        help="Where queries run: in the case, or on a server (after: forensics graph push).",
    )
    @server_options
    @case_option
    @wraps(asked)
    def with_engine(
        *args: Any, engine: str, server: Callable[[], Address], case_dir: Path, **options: Any
    ) -> Any:
        def opened(*, writes: bool = False) -> AbstractContextManager[Graph]:
            if writes and engine == "embedded":
                raise UsageError(
                    "the graph of a case is always read-only, for it is derived from the case; "
                    "--write goes with --engine neo4j"
                )
            case = Case.open(case_dir)
            _say_stale(case)
            if engine == "neo4j":
                return _on_server(case, server(), writes)
            return open_graph(case, progress=Bars())

        return asked(*args, opened=opened, **options)

    return with_engine


def _say_stale(case: Case) -> None:
    """Say what has changed since the run whose graph is asked: it knows nothing of it."""
    made_from = Run.current(case).info.get("made_from", {})
    for what in changed(case, read_labels(case), made_from):
        say(
            f"[yellow]![/] the {what} have changed since the run; the graph has them after: "
            f"{visible(command('analyse'))}"
        )


@contextmanager
def _on_server(case: Case, address: Address, writes: bool) -> Iterator[Graph]:
    """Give the graph on a server, and say so where it is not that of the last run."""
    from forensics.graph.server import ServerGraph, connect  # the driver takes long to import

    with connect(address) as driver:
        graph = ServerGraph(driver, address, writes=writes)
        if graph.marker() != marker_of(Run.current(case)):
            say(f"{visible(address.shown)} does not show the last run; do: forensics graph push")
        yield graph
