"""The analysis of a case: link, cluster, score, and publish the run."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics import __version__
from forensics.case.files import canonical_json, write_atomic, write_parquet
from forensics.case.labels import Label, read_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case, Writer
from forensics.case.tables import TABLES
from forensics.cluster.find import find_clusters
from forensics.cluster.identity import Members, name_clusters
from forensics.cluster.members import bridges, joined_by
from forensics.errors import CaseError
from forensics.link.linkage import STEPS, link_accounts
from forensics.link.material import collect
from forensics.link.results import (
    identifiers_table,
    links_table,
    reasons_table,
    uses_table,
    weights_table,
)
from forensics.link.uses import Ints
from forensics.progress import QUIET, Progress
from forensics.run_info import Found, run_info
from forensics.score.score import ranked, score_clusters

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
        found = Found(collected, linkage, clustering, scored)
        with progress.step("Writing the run"):
            return _publish(case, writer, found)


def _publish(case: Case, writer: Writer, found: Found) -> Run:
    labels = read_labels(case)
    previous, earlier = _history(case, labels)
    run_id = _run_id(case, labels, previous, earlier)
    tables = _tables(case, found, labels, earlier)
    folder = writer.run_folder(run_id)
    for name, table in tables.items():
        write_parquet(table, folder / f"{name}.parquet")
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


def _tables(
    case: Case, found: Found, labels: tuple[Label, ...], earlier: Members
) -> dict[str, pa.Table]:
    """Return every table of the run, by name."""
    collected, linkage, scored = found.collected, found.linkage, found.scored
    accounts = _labelled(case, collected.accounts, labels)
    ids = accounts["account_id"].to_pylist()
    order = ranked(scored.clusters)
    members_of = _accounts_by_group(found.clustering.label)
    groups = [members_of[scored.groups[i]] for i in order]
    ended = pc.is_in(accounts["status"], pa.array(["suspended", "deleted"]))
    gone = frozenset(accounts.filter(ended)["account_id"].to_pylist())
    names, lineage = name_clusters([[ids[a] for a in g] for g in groups], earlier, gone)
    of_account = np.full(len(ids), -1, dtype=np.int64)
    for number, group in enumerate(groups):
        of_account[group] = number
    cluster_ids = pa.array(names, pa.string()).take(pa.array(of_account, mask=of_account < 0))
    linked = np.flatnonzero(linkage.probabilities >= case.settings.link.min_probability)
    reasons = reasons_table(collected, linkage, linked)
    links = links_table(collected, linkage, linked, cluster_ids)
    members = _members(found, accounts, cluster_ids, of_account, links, reasons)
    return {
        "accounts": accounts.select(SCHEMAS["accounts"].names).cast(SCHEMAS["accounts"]),
        "identifiers": identifiers_table(
            collected, linkage, case.read("payments", ["instrument_id", "bin", "issuer_country"])
        ),
        "uses": uses_table(collected),
        "links": links,
        "reasons": reasons,
        "weights": weights_table(linkage),
        "clusters": _clusters(found, order, names, members, accounts, labels),
        "members": members,
        "evidence": _per_cluster("evidence", scored.evidence, order, names),
        "signals": _per_cluster("signals", scored.signals, order, names),
        "explanations": _per_cluster("explanations", scored.explanations, order, names),
        "assignments": collected.templates.assignments,
        "lineage": lineage,
    }


def _accounts_by_group(label: Ints) -> list[Ints]:
    """Return the accounts of each group, in order."""
    return np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label))[:-1])


def _labelled(case: Case, accounts: pa.Table, labels: tuple[Label, ...]) -> pa.Table:
    """Return the accounts with people's latest label: labels added by hand before loaded ones."""
    database = duckdb.connect()
    given = [{"account_id": x.account_id, "verdict": x.verdict} for x in labels if x.account_id]
    schema = pa.schema({"account_id": pa.string(), "verdict": pa.string()})
    latest = {row["account_id"]: row for row in given}
    database.register("accounts", accounts.drop_columns(["label"]))
    database.register("given", pa.Table.from_pylist(list(latest.values()), schema=schema))
    database.register("loaded", case.read("labels", ["account_id", "verdict", "at"]))
    return database.sql(
        """SELECT a.*, coalesce(g.verdict, l.verdict) AS label
           FROM accounts a LEFT JOIN given g USING (account_id) LEFT JOIN (
               SELECT account_id, max_by(verdict, (coalesce("at", TIMESTAMPTZ '1970-01-01'),
                      verdict)) AS verdict FROM loaded GROUP BY account_id
           ) l USING (account_id) ORDER BY account_id"""
    ).to_arrow_table()


def _members(
    found: Found,
    accounts: pa.Table,
    cluster_ids: pa.Array,
    of_account: Ints,
    links: pa.Table,
    reasons: pa.Table,
) -> pa.Table:
    inside = np.flatnonzero(of_account >= 0)
    inside = inside[np.lexsort((inside, of_account[inside]))]
    at = pa.array(inside)
    bridge = bridges(found.clustering.label, found.linkage, found.clustering.holds)
    return pa.table(
        {
            "cluster_id": cluster_ids.take(at),
            "account_id": accounts["account_id"].combine_chunks().take(at),
            "membership": np.round(found.clustering.membership[inside], 4),
            "bridge": bridge[inside],
            "joined_by": joined_by(accounts["account_id"], links, reasons).take(at),
        },
        schema=SCHEMAS["members"],
    )


def _clusters(
    found: Found,
    order: list[int],
    names: list[str],
    members: pa.Table,
    accounts: pa.Table,
    labels: tuple[Label, ...],
) -> pa.Table:
    of_cluster = {x.cluster_id: x.verdict for x in labels if x.cluster_id}
    bridged = Counter(members.filter(members["bridge"])["cluster_id"].to_pylist())
    rows = [
        {
            **found.scored.clusters[at],
            "cluster_id": name,
            "label": of_cluster.get(name),
            "bridges": bridged[name],
            "rank": rank,
        }
        for rank, (at, name) in enumerate(zip(order, names, strict=True), 1)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["clusters"])


def _per_cluster(
    table: str, groups: list[list[dict[str, Any]]], order: list[int], names: list[str]
) -> pa.Table:
    rows = [
        {"cluster_id": name, **row}
        for at, name in zip(order, names, strict=True)
        for row in groups[at]
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS[table])
