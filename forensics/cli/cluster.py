"""`forensics cluster`: which clusters, why this one, who is in it, what speaks against it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forensics.case.files import write_atomic
from forensics.case.labels import latest, read_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.cli import facts
from forensics.cli.claim_screen import let_go
from forensics.cli.cluster_screen import link_columns, show_screen, show_why
from forensics.cli.held_by import links_of_members, with_said_kinds
from forensics.cli.lookup import Database, Row, find_cluster, open_run, rows
from forensics.cli.output import Column, case_option, emit, emit_object, format_option, say, visible
from forensics.cli.wording import VERDICT_STYLES, kinds, q_value, share

COLUMNS = SCHEMAS["clusters"].names
MEMBER_COLUMNS = [*SCHEMAS["members"].names, "status", "created_at", "label", "links"]
LINEAGE_COLUMNS = ["run_id", "cluster_id", "accounts", "kind", "from_cluster", "shared_accounts"]
SHOWN = (
    Column("cluster_id", "CLUSTER"),
    Column("accounts", "ACCOUNTS"),
    Column("active", "ACTIVE"),
    Column("coordination", "ONE-OP", share),
    Column("abuse", "ABUSE", share),
    Column("q_value", "q", q_value),
    Column("verdict", "VERDICT", styles=VERDICT_STYLES),
    Column("evidence_kinds", "RESTS ON", kinds),
)
# With labels, so that the table still fits 80 columns: narrower headings and one kind of evidence.
LABELLED = (
    SHOWN[0],
    Column("accounts", "ACCTS"),
    *SHOWN[2:-1],
    Column("label", "LABEL", lambda label: {"legitimate": "legit."}.get(label, label or "")),
    Column("evidence_kinds", "RESTS ON", lambda names: kinds(names, 1)),
)


@click.group()
def cluster() -> None:
    """Look at clusters: which there are, why, and what speaks against them.

    \b
    Example:
      forensics cluster list
    """


@cluster.command("list")
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice([*VERDICT_STYLES, "unclear"]),
    help="Only clusters with this verdict (may be repeated).",
)
@case_option
@format_option
def list_(case_dir: Path, format_: str, verdicts: tuple[str, ...]) -> None:
    """List the clusters of the last run, by rank.

    csv and json have all columns; ONE-OP is the probability that one operator runs the cluster
    (coordination), ABUSE how abusive it looks, a dash where the data can't say.

    \b
    Example:
      forensics cluster list --verdict abusive --format csv
    """
    case, _, db = open_run(case_dir)
    found = with_labels(case, rows(db, "SELECT * FROM clusters ORDER BY rank, cluster_id"))
    kept = [row for row in found if not verdicts or row["verdict"] in verdicts]
    labelled = any(row["label"] for row in kept)
    if format_ == "table":
        kept = with_said_kinds(db, kept)
    emit(kept, format_, COLUMNS, shown=LABELLED if labelled else SHOWN)


@cluster.command()
@click.argument("cluster_id", metavar="ID")
@case_option
@format_option
def show(cluster_id: str, case_dir: Path, format_: str) -> None:
    """Show what is claimed of one cluster, what it rests on, and what speaks against it.

    \b
    Example:
      forensics cluster show C-ojlu
    """
    case, run, db = open_run(case_dir)
    row = with_labels(case, [find_cluster(db, cluster_id)])[0]
    if format_ == "csv":
        emit([row], format_, COLUMNS)
    elif format_ == "json":
        emit_object(_everything(case, run, db, row))
    else:
        show_screen(case, run, db, row)


@cluster.command()
@click.argument("cluster_id", metavar="[ID]", required=False)
@case_option
@format_option
def members(cluster_id: str | None, case_dir: Path, format_: str) -> None:
    """List the accounts of one cluster, or of all.

    `membership` says how surely the account belongs, `bridge` marks one that ties the cluster to
    another, `links` is how many other members it is linked to (0: it fits them as a whole),
    `joined_by` names the shared value that holds it best.

    \b
    Example:
      forensics cluster members C-ojlu
    """
    case, _, db = open_run(case_dir)
    if cluster_id is not None:
        find_cluster(db, cluster_id)
    found = rows(
        db,
        "SELECT members.*, status, created_at, label FROM members JOIN accounts USING (account_id) "
        "WHERE ? IS NULL OR cluster_id = ? ORDER BY cluster_id, account_id",
        cluster_id,
        cluster_id,
    )
    said = latest(read_labels(case), "account_id")
    links = {row["account_id"]: row["links"] for row in links_of_members(db, cluster_id)}
    for row in found:
        row["links"] = links[row["account_id"]]
        if row["account_id"] in said:
            row["label"] = said[row["account_id"]].verdict
    surely = Column("membership", show=share)
    one = ("account_id", surely, "links", "bridge", "status", "label", "joined_by")
    every = ("cluster_id", "account_id", surely, "links", "bridge", "joined_by")
    emit(found, format_, MEMBER_COLUMNS, shown=one if cluster_id else every)


@cluster.command()
@click.argument("cluster_id", metavar="ID")
@case_option
@format_option
def why(cluster_id: str, case_dir: Path, format_: str) -> None:
    """Show what holds a cluster together: evidence, shared values, strongest and weakest links.

    Of members that no link holds to the rest it says by which values they fit. csv gives all its
    links, the strongest first; bits are log2 Bayes factors.

    \b
    Example:
      forensics cluster why C-ojlu
    """
    case, _, db = open_run(case_dir)
    row = find_cluster(db, cluster_id)
    links = facts.links_of_cluster(db, cluster_id)
    if format_ == "csv":
        emit(links, format_, link_columns())
    elif format_ == "json":
        emit_object(
            {
                "cluster_id": cluster_id,
                "evidence": facts.of_cluster(db, "evidence", cluster_id, "bits DESC, kind"),
                "shared_values": facts.shared_values(db, cluster_id, 100),
                "fits": facts.of_cluster(db, "fits", cluster_id, "account_id, bits, comparison"),
                "links": links,
            }
        )
    else:
        show_why(case, db, row, links)


@cluster.command()
@click.argument("cluster_id", metavar="ID")
@case_option
@format_option
def lineage(cluster_id: str, case_dir: Path, format_: str) -> None:
    """Tell how a cluster came about, run by run, the newest first.

    `kind` is grew, split, merged or returned; `shared_accounts` how many accounts came along.

    \b
    Example:
      forensics cluster lineage C-ojlu
    """
    case, run, db = open_run(case_dir)
    find_cluster(db, cluster_id)
    emit(_lineage(case, run, cluster_id), format_, LINEAGE_COLUMNS)


@cluster.command()
@click.argument("cluster_id", metavar="ID")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE")
@case_option
def draw(cluster_id: str, output: Path, case_dir: Path) -> None:
    """Draw the accounts of a cluster and what they share, as SVG or PNG.

    A file whose name ends in .png is one; everything else is SVG ("-o -" to stdout).

    \b
    Example:
      forensics cluster draw C-ojlu -o cluster.svg
      forensics cluster draw C-ojlu -o cluster.png
    """
    from forensics.bundle.draw import draw_cluster

    _, run, db = open_run(case_dir)
    find_cluster(db, cluster_id)
    picture = draw_cluster(run, cluster_id)
    if output == Path("-"):
        sys.stdout.write(picture)
    else:
        wanted = output.suffix.lower()
        write_atomic(output, _as_png(picture) if wanted == ".png" else picture.encode())
        say(f"Drawn: {visible(str(output))}")


def _as_png(picture: str) -> bytes:
    from forensics.bundle.png import png

    return png(picture)


def with_labels(case: Case, clusters: list[Row]) -> list[Row]:
    """Return the clusters with the labels that people have given since the run."""
    said = latest(read_labels(case), "cluster_id")
    return [
        {**row, "label": said[row["cluster_id"]].verdict} if row["cluster_id"] in said else row
        for row in clusters
    ]


def _everything(case: Case, run: Run, db: Database, row: Row) -> Row:
    cluster_id = row["cluster_id"]
    before = facts.clusters_before(case, run).get(cluster_id, {})
    return {
        **row,
        "run_id": run.run_id,
        "evidence": facts.of_cluster(db, "evidence", cluster_id, "bits DESC, kind"),
        "signals": facts.of_cluster(db, "signals", cluster_id, "signal"),
        "likeness": facts.of_cluster(db, "likeness", cluster_id, "bits DESC, item"),
        "explanations": facts.explanations(db, cluster_id),
        "shared_values": facts.shared_values(db, cluster_id, 20),
        "bridge_accounts": facts.bridges(db, cluster_id),
        "lent_values": facts.lent(db, cluster_id),
        "frontier": facts.frontier(db, cluster_id),
        "lineage": facts.of_cluster(db, "lineage", cluster_id, "from_cluster"),
        "let_go": let_go(db, cluster_id),
        "accounts_before": before.get("accounts"),
        "missing": run.info["missing"],
    }


def _lineage(case: Case, run: Run, cluster_id: str) -> list[Row]:
    wanted, told = {cluster_id}, []
    current: Run | None = run
    while current is not None:
        sizes = current.read("clusters", ["cluster_id", "accounts"]).to_pylist()
        origins = current.read("lineage").to_pylist()
        earlier: set[str] = set()
        for size in sizes:
            if size["cluster_id"] in wanted:
                row = {"run_id": current.run_id, **size}
                from_ = [o for o in origins if o["cluster_id"] == size["cluster_id"]]
                told += [
                    {
                        **row,
                        **{k: o[k] for k in ("kind", "from_cluster")},
                        "shared_accounts": o["accounts"],
                    }
                    for o in from_
                ] or [row]
                earlier |= {o["from_cluster"] for o in from_} | {size["cluster_id"]}
        wanted = earlier
        folder = case.root / "runs" / str(current.info["previous_run"])
        current = Run(folder.name, folder) if (folder / "run.json").exists() else None
    return told
