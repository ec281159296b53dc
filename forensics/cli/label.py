"""`forensics label`: what people decide, beside what the tool says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pyarrow as pa

from forensics.case.database import connect, connect_run
from forensics.case.labels import VERDICTS, Label, add_labels, read_labels
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.cli.lookup import find_account, rows
from forensics.cli.output import Column, case_option, emit, format_option, say, when
from forensics.cli.wording import count
from forensics.errors import UsageError
from forensics.score.words import listing

COLUMNS = ["account_id", "cluster_id", "verdict", "operator", "reason", "by", "at", "source"]
SHOWN = (
    "account_id",
    "cluster_id",
    "verdict",
    "by",
    Column("at", show=lambda at: (at if isinstance(at, str) else when(at))[:10]),
    "reason",
)


@click.group()
def label() -> None:
    """Add and list people's verdicts on accounts and clusters.

    They are shown beside the tool's verdicts and are never overwritten: of two on the same account
    or cluster, both stay and the later one counts. All together calibrate the next analysis: how
    abusive clusters are by the verdicts, how likely one operator is where --operator is given.

    \b
    Example:
      forensics label list
    """


@label.command()
@click.argument("ids", nargs=-1, required=True, metavar="ACCOUNT|CLUSTER...")
@click.option("--verdict", required=True, type=click.Choice(VERDICTS), help="What was decided.")
@click.option("--reason", help="Why.")
@click.option("--by", help="Who decided.")
@click.option("--operator", help="Who runs the accounts, where that is known.")
@click.option("--at", "at", metavar="TIME", help="When (ISO 8601; UTC if no offset); else now.")
@case_option
def add(
    ids: tuple[str, ...],
    verdict: str,
    reason: str | None,
    by: str | None,
    operator: str | None,
    at: str | None,
    case_dir: Path,
) -> None:
    """Say what was decided about accounts or clusters.

    \b
    Example:
      forensics label add C-ojlu --verdict abusive --reason "resold" --by dana
    """
    case = Case.open(case_dir)
    time = _utc(at) if at else when(datetime.now(UTC))
    labels = [
        Label(verdict, time, *_subject(case, id_), operator, reason, by, case.current)
        for id_ in ids
    ]
    _tell(add_labels(case, labels), labels)


@label.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@case_option
def import_(file: Path, case_dir: Path) -> None:
    """Add the verdicts of a file (CSV, JSON Lines or Parquet), all or none.

    Its columns: account_id or cluster_id, verdict, at (UTC if no offset); operator, reason, by.
    Importing it twice adds nothing.

    \b
    Example:
      forensics label list --format csv > decisions.csv
      forensics label import decisions.csv
    """
    from forensics.cli.label_file import read_label_file

    case = Case.open(case_dir)
    labels = read_label_file(file, case.settings.ingest)
    strangers, unknown = _strangers(case, labels), _unknown(case, labels)
    _tell(add_labels(case, labels), labels)
    if strangers:
        say(f"Without rows in this case: {count(strangers, 'account')}")
    if unknown:
        say(f"Not in the current run: {count(unknown, 'cluster')}")


@label.command("list")
@case_option
@format_option
def list_(case_dir: Path, format_: str) -> None:
    """List the verdicts, those of loaded files first, then in the order in which they were added.

    \b
    Example:
      forensics label list --format csv
    """
    case = Case.open(case_dir)
    files = {s.sha256: s.file for s in case.manifest.sources}
    loaded = rows(connect(case), 'SELECT * FROM labels ORDER BY "at", account_id, source_row')
    found = [{**r, "source": f"{files[r['source_sha256']]} row {r['source_row']}"} for r in loaded]
    found += [{**vars(given), "source": "labels.jsonl"} for given in read_labels(case)]
    emit(found, format_, COLUMNS, shown=SHOWN)


def _subject(case: Case, id_: str) -> tuple[str | None, str | None]:
    """Return the id as an account's or as a cluster's; the other is None."""
    if case.current is None:
        known = rows(
            connect(case), f"SELECT 1 FROM ({_ACCOUNTS}) WHERE account_id = ? LIMIT 1", id_
        )
        if not known:
            raise UsageError(f"no account '{id_}' in {case.root}")
        return id_, None
    db = connect_run(Run.current(case))
    if rows(db, "SELECT 1 FROM clusters WHERE cluster_id = ?", id_):
        return None, id_
    return find_account(db, id_)["account_id"], None


_ACCOUNTS = " UNION ".join(
    f"SELECT account_id FROM {name}"
    for name, table in TABLES.items()
    if "account_id" in table.columns and name not in ("labels", "declared")
)


def _strangers(case: Case, labels: list[Label]) -> int:
    """Return how many labelled accounts the case has no row of."""
    named = pa.table({"account_id": sorted({x.account_id for x in labels if x.account_id})})
    db = connect(case).register("named", named)
    sql = f"SELECT count(*) AS n FROM named ANTI JOIN ({_ACCOUNTS}) USING (account_id)"
    return int(rows(db, sql)[0]["n"])


def _unknown(case: Case, labels: list[Label]) -> int:
    """Return how many labelled clusters the current run does not have."""
    named = {label.cluster_id for label in labels if label.cluster_id}
    known = Run.current(case).read("clusters", ["cluster_id"]) if named and case.current else None
    return len(named - set(known["cluster_id"].to_pylist() if known else ()))


def _tell(new: int, labels: list[Label]) -> None:
    """Say how many labels are new, and on what."""
    accounts = sum(x.account_id is not None for x in labels)
    parts = [count(accounts, "account")] if accounts else []
    parts += [count(len(labels) - accounts, "cluster")] if accounts < len(labels) else []
    there = f" ({count(len(labels) - new, 'label')} already there)" if new < len(labels) else ""
    say(f"{count(new, 'label')} added, on {listing(parts) or 'nothing'}{there}")


def _utc(text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"time '{text}': expected ISO 8601, as 2026-02-14T12:00:00Z") from None
    return when(time if time.tzinfo else time.replace(tzinfo=UTC))
