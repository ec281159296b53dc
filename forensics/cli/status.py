"""`forensics status`: what a case holds, and what in it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forensics.case.basis import changed
from forensics.case.labels import read_labels
from forensics.case.lock import writer_of
from forensics.case.log import read_log
from forensics.case.run import Run
from forensics.case.store import Case, Writer, read_json
from forensics.case.tables import TABLES
from forensics.cli.output import (
    Column,
    case_option,
    emit,
    emit_object,
    format_option,
    heading,
    indented,
    out,
    say,
    table_of,
    visible,
)
from forensics.cli.wording import command, count

TABLE_COLUMNS = ["table", "rows", "quarantined", "files"]
SOURCE_COLUMNS = (
    "table",
    "file",
    Column("sha256", show=lambda digest: f"{digest[:12]}..."),
    "rows",
    Column("stored", "new"),
    "quarantined",
)
STEP_COLUMNS = tuple(
    Column(*names)
    for names in (
        ("at",),
        ("command",),
        ("pid",),
        ("step",),
        ("outcome",),
        ("seconds",),
        ("peak_mb", "peak MB"),
        ("rows_in", "rows in"),
        ("rows_out", "rows out"),
    )
)


@click.command()
@click.option("--steps", is_flag=True, help="Show instead what each step of each command took.")
@click.option("--clean", is_flag=True, help="Remove what interrupted commands left behind.")
@case_option
@format_option
def status(steps: bool, clean: bool, case_dir: Path, format_: str) -> None:
    """Show what the case holds: tables, rows, quarantine, sources, runs, and what is stale.

    Without --clean nothing is changed; while a process writes to the case, what it has not
    finished is not shown as left over.

    \b
    Example:
      forensics status --format json
    """
    case = Case.open(case_dir)
    if clean:
        _clean(case)
    if steps:
        emit(read_log(case.root), format_, [c.name for c in STEP_COLUMNS], shown=STEP_COLUMNS)
        return
    facts = _facts(case)
    if format_ == "json":
        emit_object(facts)
    elif format_ == "csv":
        emit(_tables(facts), format_, TABLE_COLUMNS)
    else:
        _screen(facts)


def _clean(case: Case) -> None:
    """Remove leftovers, under the locks of those who may be writing."""
    from forensics.graph.build import build_lock, clean_locked

    there = _leftovers(case)
    with case.writing("status --clean"), build_lock(case):  # the writer cleans as it begins
        clean_locked(case)
    say(f"{count(len(there), 'leftover')} removed")


def _leftovers(case: Case) -> list[str]:
    from forensics.graph.build import leftovers

    replaced = {case.root / "tables" / name for name in case.manifest.replaced}
    found = [p for p in Writer(case).leftovers() if p not in replaced] + leftovers(case)
    return [] if writer_of(case.root) else [str(p.relative_to(case.root)) for p in found]


def _facts(case: Case) -> dict[str, Any]:
    manifest = case.manifest
    current = Run.current(case) if case.current else None
    return {
        "case": str(case.root),
        "format": manifest.format,
        "tables": {
            name: {
                "rows": manifest.rows(name),
                "quarantined": manifest.quarantined.get(name, 0),
                "files": sum(source.table == name for source in manifest.sources),
            }
            for name in TABLES
        },
        "sources": [vars(source) for source in manifest.sources],
        "embedding_dimension": manifest.dimension,
        "settings": {
            "digest": case.settings.digest,
            "file": "settings.toml" if (case.root / "settings.toml").exists() else None,
        },
        "run": current.info if current else None,
        "runs": sorted(p.parent.name for p in case.root.glob("runs/[!.]*/run.json")),
        "labels": len(read_labels(case)),
        "bundles": [path.parent.parent.name for path in _bundles(case)],
        "stale": _stale(case, current),
        "leftovers": _leftovers(case),
        "writer": writer_of(case.root),
    }


def _stale(case: Case, run: Run | None) -> list[str]:
    """Return what no longer fits the case's tables, in sentences."""
    if run is None:
        return ["nothing was analysed yet"] if case.manifest.tables else []
    made_from = run.info.get("made_from", {})  # earlier versions did not note it
    said = [
        f"the {what} have changed since the run"
        for what in changed(case, read_labels(case), made_from)
    ]
    old = sum(read_json(path)["run_id"] != run.run_id for path in _bundles(case))
    if old:
        said.append(f"{count(old, 'bundle')} of earlier runs")
    if not (case.root / "graph" / f"{run.run_id}.lbug").exists():
        said.append("the graph of the run is not built; the next query builds it")
    return said


def _bundles(case: Case) -> list[Path]:
    return sorted(case.root.glob("bundles/[!.]*/data/cluster.json"))


def _tables(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"table": name, **table} for name, table in facts["tables"].items()]


def _screen(facts: dict[str, Any]) -> None:
    settings, run = facts["settings"], facts["run"]
    origin = "" if settings["file"] else " (defaults)"
    out.print(f"[bold]Case {visible(facts['case'])}[/]  settings {settings['digest']}{origin}")
    heading("Tables")
    tables = [table for table in _tables(facts) if table["files"]]
    if tables:
        indented(table_of(tables, TABLE_COLUMNS))
    else:
        indented(f"none yet; load some: {visible(command('ingest SOURCES'))}")
    if facts["sources"]:
        heading("Sources")
        indented(table_of(facts["sources"], SOURCE_COLUMNS))
    heading("Run")
    if run:
        period = " to ".join(time[:10] for time in run["period"])
        findings = count(run["counts"]["findings"], "finding")
        indented(f"{run['run_id']}  {period} UTC  {findings}  settings {run['settings_digest']}")
        indented(
            f"{count(len(facts['runs']), 'run')} kept, {count(len(facts['bundles']), 'bundle')}"
        )
    for sentence in facts["stale"]:
        indented(f"[yellow]![/] {sentence}")
    if facts["labels"]:
        indented(f"{count(facts['labels'], 'label')} added by people")
    if facts["writer"]:
        indented(f"[yellow]![/] being written to by {visible(facts['writer'])}")
    if facts["leftovers"]:
        heading("Left over; the next change of the case removes it, or status --clean")
        for name in facts["leftovers"]:
            indented(visible(name))
