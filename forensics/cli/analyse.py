"""`forensics run`, and its two halves `ingest` and `analyse`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.case.database import connect_run
from forensics.case.log import StepLog
from forensics.case.run import SCHEMAS, Run
from forensics.case.settings import load_settings
from forensics.case.store import Case
from forensics.cli.bundle import tell_kept
from forensics.cli.key import signing_key_if_any
from forensics.cli.output import case_option, emit, emit_object, format_option
from forensics.cli.progress import Bars
from forensics.cli.summary import findings, show_added, show_held, show_summary
from forensics.errors import CaseError, ForensicsError
from forensics.memory import give_back
from forensics.progress import Progress

if TYPE_CHECKING:
    from forensics.bundle.placing import Placed

Command = Callable[..., Any]


def source_options(command: Command) -> Command:
    """Add SOURCES and how they are read."""
    for option in (
        click.option(
            "--max-bad",
            type=click.FloatRange(0, 1),
            metavar="SHARE",
            help="Refuse a file with more than this share of bad rows (settings: 0.5).",
        ),
        click.option(
            "--settings",
            "settings",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            metavar="FILE",
            help="Settings in TOML: column names, file names, cut-offs. Kept in the case.",
        ),
        click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


@click.command()
@source_options
@case_option
@format_option
def run(
    sources: tuple[Path, ...],
    settings: Path | None,
    max_bad: float | None,
    case_dir: Path,
    format_: str,
) -> None:
    """Do everything: load SOURCES, find clusters, and write a bundle of evidence per finding.

    SOURCES are folders or files (CSV, CSV.gz, JSON Lines, Parquet); only sign-ups are needed.
    The summary goes to stderr; json gives the run and its findings, csv the findings.

    \b
    Example:
      forensics run sample_data
    """
    case = _load("run", case_dir, sources, settings, max_bad)
    _analyse("run", case, format_)


@click.command()
@source_options
@case_option
def ingest(
    sources: tuple[Path, ...], settings: Path | None, max_bad: float | None, case_dir: Path
) -> None:
    """Load SOURCES into the case. Loading a file again adds nothing.

    Unless the settings now give other names of its columns: then it is read again, and what it
    gives replaces what it gave.

    \b
    Example:
      forensics ingest sample_data
    """
    case = _load("ingest", case_dir, sources, settings, max_bad)
    show_held(case)


@click.command()
@case_option
@format_option
def analyse(case_dir: Path, format_: str) -> None:
    """Link, cluster and score what the case holds, and write a bundle per finding.

    \b
    Example:
      forensics analyse
    """
    case = Case.open(case_dir)
    if not case.manifest.rows("signups"):
        raise CaseError(f"{case.root} holds no sign-ups yet; load some: forensics ingest SOURCES")
    _analyse("analyse", case, format_)


def _load(
    command: str,
    case_dir: Path,
    sources: tuple[Path, ...],
    settings: Path | None,
    max_bad: float | None,
) -> Case:
    from forensics.ingest.load import load

    if settings:
        load_settings(settings)
    given = settings.read_bytes() if settings else None
    with _case_for(case_dir) as case:
        steps = StepLog(case.root, command, Bars())
        loaded = load(case, sources, settings=given, max_bad=max_bad, progress=steps)
    show_added(case, loaded)
    return case


@contextmanager
def _case_for(folder: Path) -> Iterator[Case]:
    """Open or make a case; one that was made for sources that are then refused goes again."""
    there = folder.exists()
    case = Case.create(folder)
    try:
        yield case
    except ForensicsError:
        if not there:
            case.discard()
        raise


def _analyse(command: str, case: Case, format_: str) -> None:
    from forensics.analyse import analyse as analyse_case
    from forensics.graph.build import build_graph

    steps = StepLog(case.root, command, Bars())
    found = analyse_case(case, progress=steps)
    give_back()
    build_graph(case, found, progress=steps)
    db = connect_run(found)
    rows = findings(db)
    made = _bundle(case, found, [row["cluster_id"] for row in rows], steps)
    show_summary(case, found, db)
    tell_kept(placed.kept for placed in made)
    if format_ == "json":
        emit_object({**found.info, "findings": rows})
    elif format_ == "csv":
        emit(rows, format_, SCHEMAS["clusters"].names)


def _bundle(case: Case, found: Run, cluster_ids: list[str], steps: Progress) -> list[Placed]:
    from forensics.bundle.many import create_bundles

    if not cluster_ids:
        return []
    signer = signing_key_if_any()
    folder = case.root / "bundles"
    with case.writing("bundle"):
        return create_bundles(
            case, found, cluster_ids, folder, update=True, signer=signer, progress=steps
        )
