"""The analysis of a case: link, cluster, score, and publish the run."""

from __future__ import annotations

import hashlib
import logging

import numpy as np

from forensics import __version__
from forensics.case.files import (
    canonical_json,
    write_atomic,
    write_parquet,
    write_parquet_parts,
)
from forensics.case.labels import Label, read_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case, Writer
from forensics.case.tables import TABLES
from forensics.cluster.find import find_clusters
from forensics.cluster.identity import Members
from forensics.cluster.members import MIN_PROBABILITY
from forensics.errors import CaseError
from forensics.link.linkage import STEPS, link_accounts
from forensics.link.material import collect
from forensics.memory import give_back
from forensics.progress import QUIET, Progress
from forensics.run_info import Found, run_info
from forensics.run_tables import large_tables, run_tables
from forensics.score.score import score_clusters

log = logging.getLogger(__name__)


def analyse(case: Case, *, progress: Progress = QUIET) -> Run:
    """Link, cluster and score the accounts of a case, and make the result its current run.

    Raises:
        CaseError: the case holds no account.
        CaseLocked: another process writes to it.
    """
    with case.writing("analyse") as writer:
        if not any(case.manifest.rows(t) for t in TABLES):
            raise CaseError(f"{case.root} is empty: load sign-ups with forensics ingest SOURCES")
        settings = case.settings
        collected = collect(case, progress)
        if len(collected.accounts) == 0:
            raise CaseError(f"{case.root} holds no account: load sign-ups with forensics ingest")
        with progress.step("Linking accounts", STEPS, "parts") as step:
            top = settings.link.max_links_per_account
            linkage = link_accounts(collected.material, top=top, advance=step.advance)
            step.rows(len(collected.uses), len(linkage.pairs))
        with progress.step("Clustering", settings.cluster.runs, "draws") as step:
            clustering = find_clusters(collected.material, linkage, settings, step.advance)
            step.rows(len(linkage.pairs), int((clustering.sizes > 1).sum()))
        scored = score_clusters(case, collected, linkage, clustering, settings, progress)
        least = min(settings.link.min_probability, MIN_PROBABILITY)
        linkage = linkage.of(np.flatnonzero(linkage.probabilities >= least))  # all that is written
        found = Found(collected, linkage, clustering, scored)
        give_back()
        with progress.step("Writing the run"):
            return _publish(case, writer, found)


def _publish(case: Case, writer: Writer, found: Found) -> Run:
    labels = read_labels(case)
    previous, earlier = _history(case, labels)
    run_id = _run_id(case, labels, previous, earlier)
    folder = writer.run_folder(run_id)
    tables = run_tables(case, found, labels, earlier)
    for name, table in tables.items():
        write_parquet(table, folder / f"{name}.parquet")
    for name, parts in large_tables(case, found):
        write_parquet_parts(parts, SCHEMAS[name], folder / f"{name}.parquet")
        del parts
        give_back()  # each is as large as all that is linked
    info = run_info(case, found, tables, run_id, previous)
    write_atomic(folder / "run.json", canonical_json(info))
    writer.publish_run(run_id)
    return Run(run_id, case.root / "runs" / run_id)


def _history(case: Case, labels: tuple[Label, ...]) -> tuple[str | None, Members]:
    """Return the run before this one, and its clusters.

    That is the current run, unless nothing has changed since: then it is this one, made again.
    """
    current = case.current
    if current is not None:
        try:
            before = Run.current(case).info["previous_run"]
        except CaseError:  # damaged; this run mends it
            before = None
        earlier = _earlier_members(case, before)
        if _run_id(case, labels, before, earlier) == current:
            return before, earlier
    return current, _earlier_members(case, current)


def _run_id(case: Case, labels: tuple[Label, ...], previous: str | None, earlier: Members) -> str:
    """Name a run by all that it follows from: the same input and history give the same id."""
    what = {
        "version": __version__,
        "settings": case.settings.digest,
        "sources": sorted([s.table, s.sha256] for s in case.manifest.sources),
        "rows": {name: case.manifest.rows(name) for name in TABLES},
        "forgotten": case.manifest.forgotten,
        "labels": [[x.subject, x.verdict, x.at] for x in labels],
        "earlier": [previous, {name: sorted(members) for name, members in earlier.items()}],
    }
    return f"r-{hashlib.sha256(canonical_json(what)).hexdigest()[:8]}"


def _earlier_members(case: Case, run_id: str | None) -> Members:
    if run_id is None or not (case.root / "runs" / run_id / "members.parquet").exists():
        return {}
    run = Run(run_id, case.root / "runs" / run_id)
    try:
        table = run.read("members", ["cluster_id", "account_id"])
    except CaseError as error:
        log.warning("clusters of the earlier run %s get new ids: %s", run_id, error)
        return {}
    members: Members = {}
    for row in table.to_pylist():
        members.setdefault(row["cluster_id"], []).append(row["account_id"])
    return members
