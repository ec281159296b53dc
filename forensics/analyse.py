"""The analysis of a case: link, cluster, score, and publish the run."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from forensics import __version__
from forensics.case.basis import basis, digest, inputs
from forensics.case.files import (
    canonical_json,
    write_atomic,
    write_parquet,
    write_parquet_parts,
)
from forensics.case.labels import Label, account_labels, read_labels, with_clusters
from forensics.case.run import SCHEMAS, Run
from forensics.case.settings import Settings
from forensics.case.store import Case, Writer
from forensics.case.tables import TABLES
from forensics.cluster.find import Clustering, find_clusters
from forensics.cluster.identity import Members
from forensics.cluster.members import MIN_PROBABILITY
from forensics.errors import CaseError
from forensics.link.linkage import STEPS, Linkage, link_accounts
from forensics.link.material import collect
from forensics.link.uses import Ints
from forensics.memory import give_back
from forensics.progress import QUIET, Progress
from forensics.run_info import Found, run_info
from forensics.run_tables import large_tables, run_tables
from forensics.score.calibrate import Calibrations
from forensics.score.score import score_clusters

log = logging.getLogger(__name__)


def analyse(
    case: Case, *, calibrations: Calibrations | None = None, progress: Progress = QUIET
) -> Run:
    """Link, cluster and score the accounts of a case, and make the result its current run.

    The scores are calibrated by the case's labels, or by `calibrations` found from others.

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
        linkage = linkage.of(_told(linkage, clustering, settings))
        give_back()  # the test against chance takes as much again
        before = _before(case)
        scored = score_clusters(
            case,
            collected,
            linkage,
            clustering,
            settings,
            labels=with_clusters(
                account_labels(case, before.labels), before.labels, before.members
            ),
            calibrations=calibrations,
            progress=progress,
        )
        found = Found(collected, linkage, clustering, scored)
        give_back()
        with progress.step("Writing the run"):
            return _publish(case, writer, found, before)


def _told(linkage: Linkage, clustering: Clustering, settings: Settings) -> Ints:
    """Return the pairs that anything is said of: likely ones, and those inside a cluster."""
    least = min(settings.link.min_probability, MIN_PROBABILITY)
    ends = clustering.label[linkage.pairs.a], clustering.label[linkage.pairs.b]
    return np.flatnonzero((linkage.probabilities >= least) | (ends[0] == ends[1]))


@dataclass(frozen=True)
class _Before:
    """What people and the run before this one left: labels, its id, and its clusters' members."""

    labels: tuple[Label, ...]
    run_id: str | None
    members: Members


def _publish(case: Case, writer: Writer, found: Found, before: _Before) -> Run:
    run_id = _run_id(case, before)
    folder = writer.run_folder(run_id)
    tables = run_tables(case, found, before.labels, before.members)
    for name, table in tables.items():
        write_parquet(table, folder / f"{name}.parquet")
    for name, parts in large_tables(case, found):
        write_parquet_parts(parts, SCHEMAS[name], folder / f"{name}.parquet")
        del parts
        give_back()  # each is as large as all that is linked
    info = run_info(case, found, tables, run_id, before.run_id)
    info["made_from"] = basis(case, before.labels)
    write_atomic(folder / "run.json", canonical_json(info))
    writer.publish_run(run_id)
    return Run(run_id, case.root / "runs" / run_id)


def _before(case: Case) -> _Before:
    """Return what there was before this run.

    The run before is the current one, unless nothing has changed since: then it is this one, made
    again.
    """
    labels, current = read_labels(case), case.current
    if current is not None:
        try:
            run_id = Run.current(case).info["previous_run"]
        except CaseError:  # damaged; this run mends it
            run_id = None
        before = _Before(labels, run_id, _earlier_members(case, run_id))
        if _run_id(case, before) == current:
            return before
    return _Before(labels, current, _earlier_members(case, current))


def _run_id(case: Case, before: _Before) -> str:
    """Name a run by all that it follows from: the same input and history give the same id."""
    earlier = [before.run_id, {name: sorted(m) for name, m in before.members.items()}]
    what = {**inputs(case, before.labels), "version": __version__, "earlier": earlier}
    return f"r-{digest(what)}"


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
