"""`forensics account`: one account, and why two accounts are (not) linked, to the source rows."""

from __future__ import annotations

from pathlib import Path

import click

from forensics.case.log import StepLog
from forensics.case.rows import source_rows, uses_of
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.cli.account_screen import (
    cluster_of,
    fits_of,
    let_go_of,
    places,
    show_account,
    show_link,
    show_no_link,
)
from forensics.cli.lookup import Database, Row, find_account, open_run, rows
from forensics.cli.output import (
    case_option,
    emit,
    emit_object,
    err,
    format_option,
    say,
    to_copy,
    visible,
)
from forensics.cli.progress import Bars
from forensics.cli.wording import command, count
from forensics.errors import CaseError
from forensics.score.words import named_alike

VALUE_COLUMNS = [
    "kind",
    "key",
    "value",
    "role",
    "uses",
    "first_seen",
    "last_seen",
    "accounts",
    "operators",
]
REASON_COLUMNS = [*SCHEMAS["reasons"].names, "sources"]
REMOVED_COLUMNS = ["place", "rows"]


@click.group()
def account() -> None:
    """Look at one account, or at what ties two together.

    \b
    Example:
      forensics account show acc-220256
    """


@account.command()
@click.argument("account_id", metavar="ACCOUNT")
@case_option
@format_option
def show(account_id: str, case_dir: Path, format_: str) -> None:
    """Show an account: its cluster, what it shares with others, its strongest links.

    `accounts` and `operators` count who else uses a value; csv gives the values.

    \b
    Example:
      forensics account show acc-220256
    """
    case, _, db = open_run(case_dir)
    row = find_account(db, account_id)
    values = _values(db, account_id)
    links = _links(db, account_id)
    if format_ == "csv":
        emit(values, format_, VALUE_COLUMNS)
    elif format_ == "json":
        home = cluster_of(db, account_id)
        beside = {"fits": fits_of(db, account_id), "let_go": let_go_of(db, account_id)}
        emit_object({**row, "cluster": home, "values": values, "links": links, **beside})
    else:
        show_account(case, db, row, values, links)


@account.command()
@click.argument("account_a", metavar="ACCOUNT")
@click.argument("account_b", metavar="ACCOUNT")
@case_option
@format_option
def why(account_a: str, account_b: str, case_dir: Path, format_: str) -> None:
    """Say why two accounts are linked, bit by bit, down to the source rows; or that they are not.

    A reason's bits are log2 of how much likelier it is if one operator runs both accounts;
    csv and json give m and u as well. 0 bits mean even odds.

    \b
    Example:
      forensics account why acc-220256 acc-269213
    """
    case, run, db = open_run(case_dir)
    pair = sorted(
        (find_account(db, account_a)["account_id"], find_account(db, account_b)["account_id"])
    )
    if pair[0] == pair[1]:
        raise click.UsageError("name two different accounts")
    link = rows(db, "SELECT * FROM links WHERE account_a = ? AND account_b = ?", *pair)
    reasons = _reasons(case, run, db, pair)
    shared = _shared(db, pair)
    if format_ == "csv":
        named = [{**r, "sources": places(r["sources"])} for r in _told_apart(case, reasons)]
        emit(named, format_, REASON_COLUMNS)
    elif format_ == "json":
        clusters = [cluster_of(db, a) for a in pair]
        emit_object(
            {
                "account_a": pair[0],
                "account_b": pair[1],
                "linked": bool(link),
                "link": link[0] if link else None,
                "clusters": [c["cluster_id"] if c else None for c in clusters],
                "reasons": reasons,
                "shared": shared,
            }
        )
    elif link:
        show_link(link[0], _told_apart(case, reasons))
    else:
        show_no_link(db, pair, _told_apart(case, reasons), shared)


@account.command()
@click.argument("account_id", metavar="ACCOUNT")
@case_option
@format_option
def forget(account_id: str, case_dir: Path, format_: str) -> None:
    """Remove a person's rows everywhere in the case, and list the bundles that still hold them.

    Rows go from tables, quarantine, labels and all runs; the graph is built again when it is next
    asked. Scores stay as they were found until the next analysis. Bundles are signed evidence and
    stay as they are: it is for you to delete them, and those that you gave away.

    \b
    Example:
      forensics account forget acc-000225
    """
    from forensics.bundle.holding import bundles_holding
    from forensics.ingest.forget import forget as forget_account

    case = Case.open(case_dir)
    removed = forget_account(case, account_id, progress=StepLog(case.root, "forget", Bars()))
    bundles = [str(path) for path in bundles_holding(case.root / "bundles", account_id)]
    if not removed and not bundles:
        raise CaseError(f"{case.root} holds nothing of an account '{account_id}'")
    if format_ == "json":
        emit_object({"account_id": account_id, "removed": removed, "bundles": bundles})
    else:
        emit([{"place": name, "rows": n} for name, n in removed.items()], format_, REMOVED_COLUMNS)
    if bundles:
        holds = "holds" if len(bundles) == 1 else "hold"
        say(f"{count(len(bundles), 'bundle')} of this case still {holds} the account:")
    for path in bundles:
        to_copy(path, to=err)
    if case.current:
        say(f"The scores are those of before; next: {visible(command('analyse'))}")


def _values(db: Database, account_id: str) -> list[Row]:
    return rows(
        db,
        """SELECT kind, key, value, role, uses, first_seen, last_seen, accounts, operators
        FROM uses JOIN identifiers USING (key) WHERE account_id = ?
        ORDER BY accounts > 1 DESC, operators, accounts DESC, key, role""",
        account_id,
    )


def _links(db: Database, account_id: str) -> list[Row]:
    return rows(
        db,
        "SELECT * FROM links WHERE ? IN (account_a, account_b) "
        "ORDER BY match_weight DESC, account_a, account_b",
        account_id,
    )


def _shared(db: Database, pair: list[str]) -> list[Row]:
    side = (
        "(SELECT key, min(first_seen) AS first, max(last_seen) AS last FROM uses "
        "WHERE account_id = ? GROUP BY key)"
    )
    return rows(
        db,
        f"""SELECT kind, key, value, a.first AS first_a, a.last AS last_a,
            b.first AS first_b, b.last AS last_b, accounts, operators
        FROM {side} AS a JOIN {side} AS b USING (key) JOIN identifiers USING (key)
        ORDER BY operators, accounts, key""",
        *pair,
    )


def _told_apart(case: Case, reasons: list[Row]) -> list[Row]:
    """Return reasons whose files have the start of their SHA-256 in the name where names repeat."""
    alike = named_alike((source.file, source.sha256) for source in case.manifest.sources)

    def named(place: Row) -> str:
        digest = f" ({place['sha256'][:8]})" if place["file"] in alike else ""
        return f"{place['file']}{digest}"

    return [
        {**reason, "sources": [{**place, "file": named(place)} for place in reason["sources"]]}
        for reason in reasons
    ]


def _reasons(case: Case, run: Run, db: Database, pair: list[str]) -> list[Row]:
    """Return the reasons of a pair, for before against, each with the stored rows behind it."""
    found = db.sql(
        "SELECT * FROM reasons WHERE account_a = ? AND account_b = ? "
        "ORDER BY bits DESC, comparison, key",
        params=pair,
    ).to_arrow_table()
    behind = source_rows(case, run, uses_of(found)).to_pylist()
    return [
        {
            **reason,
            "sources": [
                {k: place[k] for k in ("account_id", "table", "file", "sha256", "row")}
                for place in behind
                if (place["comparison"], place["key"]) == (reason["comparison"], reason["key"])
            ],
        }
        for reason in found.to_pylist()
    ]
