"""`forensics graph`: the same graph in a Neo4j server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.output import case_option, emit, format_option, say, say_error, visible
from forensics.cli.progress import Bars
from forensics.cli.server import server_options
from forensics.graph.address import Address


@click.group()
def graph() -> None:
    """Keep a Neo4j database in step with the case.

    The server is named by options or NEO4J_URI, NEO4J_USERNAME and NEO4J_DATABASE; the password
    is taken from NEO4J_PASSWORD or asked for.

    \b
    Example:
      forensics graph push --uri bolt://localhost:7687
    """


@graph.command()
@server_options
@case_option
def push(server: Callable[[], Address], case_dir: Path) -> int:
    """Push the graph of the last run into Neo4j.

    Only what differs from the last push is written, and what is gone is removed; what a push did
    not write is never touched. A push that was interrupted is completed by the next one.

    \b
    Example:
      NEO4J_PASSWORD=secret forensics graph push --uri bolt://localhost:7687
    """
    from forensics.graph.push import push as push_run  # the driver takes long to import

    run = Run.current(Case.open(case_dir))
    address = server()
    try:
        done = push_run(run, address, progress=Bars())
    except KeyboardInterrupt:
        say_error("stopped; what was written stays, and the next push completes it")
        return 1
    say(
        f"{visible(address.shown)} shows run {run.run_id}: {done.created:,} created, "
        f"{done.changed:,} changed, {done.removed:,} removed, {done.unchanged:,} unchanged"
    )
    return 0


@graph.command()
@server_options
@case_option
@format_option
def status(server: Callable[[], Address], case_dir: Path, format_: str) -> None:
    """Compare the graph in Neo4j with the last run, by label and relationship type.

    \b
    Example:
      forensics graph status --uri bolt://localhost:7687
    """
    from forensics.graph.compare import compare  # the driver takes long to import
    from forensics.graph.server import ServerGraph, connect

    run = Run.current(Case.open(case_dir))
    address = server()
    with connect(address) as driver:
        found = compare(run, ServerGraph(driver, address))
    rows = [{**asdict(c), "state": _state(c.run, c.server)} for c in found.counts]
    emit(rows, format_, ("element", "name", "run", "server", "state"))
    where = visible(address.shown)
    if found.fits:
        say(f"\n{where} shows run {run.run_id}, the last one")
    elif found.pushed_run is None:
        say(f"\n{where} shows no run, or a push was interrupted; do: forensics graph push")
    else:
        say(f"\n{where} is stale: it shows run {found.pushed_run}; do: forensics graph push")


def _state(run: int, server: int) -> str:
    if run == server:
        return "same"
    return "missing" if server < run else "more"
