"""What a person sees first after a run: what was loaded, what was found, where to look."""

from __future__ import annotations

from rich.text import Text

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.cli import facts
from forensics.cli.cluster_screen import change_sentences
from forensics.cli.held_by import with_said_kinds
from forensics.cli.lookup import Database, Row, rows
from forensics.cli.output import Column, err, indented, say, table_of, visible
from forensics.cli.wording import (
    VERDICT_STYLES,
    command,
    count,
    kinds,
    q_value,
    share,
    table_word,
    without,
)
from forensics.ingest.summary import LoadSummary
from forensics.score.words import listing, mostly_fits

#: Findings shown in the table, and clusters that "Look first" speaks of.
SHOWN, LOOKED_AT = 10, 4
#: A table that covers less than this share of the accounts is mentioned.
COVERED = 0.95

COLUMNS = (
    Column("cluster_id", "CLUSTER"),
    Column("accounts", "ACCOUNTS"),
    Column("active", "ACTIVE"),
    Column("coordination", "ONE-OP", share),
    Column("q_value", "q", q_value),
    Column("verdict", "VERDICT", styles=VERDICT_STYLES),
    Column("evidence_kinds", "RESTS ON", kinds),
)


def findings(db: Database) -> list[Row]:
    """Return the clusters that are findings, by rank."""
    return rows(
        db,
        "SELECT * FROM clusters WHERE verdict IN ('abusive', 'coordinated') "
        "ORDER BY rank, cluster_id",
    )


def show_added(case: Case, loaded: LoadSummary) -> None:
    """Print what a load did with the files that it was given, and what it added to the case.

    What the case remembers of it stands below what the case holds; so does what was added, if that
    is all.
    """
    for note in loaded.notes:
        if note not in loaded.kept:
            say(visible(note))
    added = {t.table: t.stored for t in loaded.tables if t.stored}
    if added != {t: case.manifest.rows(t) for t in TABLES if case.manifest.rows(t)}:
        said = " · ".join(f"{table_word(t)} {rows:,}" for t, rows in added.items())
        say(f"Added {said or 'no new rows'}")


def show_held(case: Case) -> None:
    """Print what the case holds, what was set aside, and what was assumed."""
    manifest = case.manifest
    held = [f"{table_word(t)} {manifest.rows(t):,}" for t in TABLES if manifest.rows(t)]
    say(f"Loaded {' · '.join(held) or 'nothing'}")
    for table, number in sorted(manifest.quarantined.items()):
        if number:
            path = case.root / "quarantine" / f"{table}.csv"
            warn(f"{count(number, 'row')} quarantined -> {path}")
    naive = {s.table: s.naive_times for s in manifest.sources if s.naive_times}
    if naive:
        where = listing([table_word(t) for t in TABLES if t in naive])
        number = sum(s.naive_times for s in manifest.sources)
        warn(f"{count(number, 'time')} without an offset taken as UTC ({where})")
    for source in manifest.sources:
        if source.ignored_columns:
            warn(f"{source.file}: columns not used: {', '.join(source.ignored_columns)}")


def show_summary(case: Case, run: Run, db: Database) -> None:
    """Print the summary of a run."""
    info = run.info
    first, last = (time[:10] for time in info["period"])
    err.print(
        f"[bold]Run {visible(run.run_id)}[/]  {count(info['counts']['accounts'], 'account')}  "
        f"{first} to {last} UTC  settings {info['settings_digest']}"
    )
    show_held(case)
    _show_gaps(run)
    found = findings(db)
    err.print()
    _show_counts(run)
    if found:
        err.print()
        err.print(table_of(with_said_kinds(db, found[:SHOWN]), COLUMNS))
        if len(found) > SHOWN:
            err.print(f"and {len(found) - SHOWN:,} more: {visible(command('cluster list'))}")
        _show_look_first(case, run, db, found)
    _show_cautions(case, db, found)
    err.print("\nNot linked does not mean innocent; a finding is not an attribution.")
    following = f"cluster show {found[0]['cluster_id']}" if found else "cluster list"
    err.print(f"Next: {visible(command(following))}", soft_wrap=True)


def warn(text: str) -> None:
    """Print a line that a person should not overlook."""
    say(f"[yellow]![/] {visible(text)}")


def _show_gaps(run: Run) -> None:
    info = run.info
    without = info["counts"]["accounts_without_signup"]
    if without:
        warn(f"{count(without, 'account')} without a sign-up")
    thin = [
        f"{table_word(table)} {100 * covered:.0f} %"
        for table, covered in info["coverage"].items()
        if 0 < covered < COVERED
    ]
    if thin:
        warn(f"Share of accounts that have any: {', '.join(thin)}")
    for note in info["notes"]:
        warn(note)


def _show_counts(run: Run) -> None:
    counts, chance = run.info["counts"], run.info["chance"]
    found = [f"{counts[v]:,} {v}" for v in ("abusive", "coordinated") if counts[v]]
    what = f"{count(counts['findings'], 'finding')}: {', '.join(found)}" if found else "No findings"
    err.print(
        f"[bold]{what}[/] · {counts['legitimate']:,} legitimate · {counts['unclear']:,} unclear"
    )
    expected, shuffles = chance["expected_findings"], chance["shuffles"]
    if expected:
        about = f"{expected:.2g} finding{'' if expected == 1 else 's'}"
        err.print(f"About {about} expected by chance (shuffled data)")
    elif shuffles:
        below = f"{1 / shuffles:.1g}"
        err.print(
            f"Fewer than {below} findings expected by chance "
            f"(no finding in {count(shuffles, 'shuffle')})"
        )
    if not found:
        err.print("No cluster passed the cut-offs in this data; that clears nobody.")


def _show_look_first(case: Case, run: Run, db: Database, found: list[Row]) -> None:
    largest = max(found, key=lambda row: row["accounts"])["cluster_id"]
    said = []
    for row in found[:SHOWN]:
        remarks = ["largest"] if row["cluster_id"] == largest else []
        remarks += change_sentences(case, run, db, row)
        if row["bridges"]:
            parts = facts.parts_without_bridges(db, row["cluster_id"])
            if len(parts) > 1 and not mostly_fits(row):
                remarks.append(without(row, parts))
        if remarks:
            said.append({"cluster": row["cluster_id"], "remarks": "; ".join(remarks)})
    err.print("\n[bold]Look first[/]")
    table = table_of(said[:LOOKED_AT], ("cluster", "remarks"))
    table.show_header = False
    indented(table, to=err)


def _show_cautions(case: Case, db: Database, found: list[Row]) -> None:
    said = []
    least = case.settings.score.min_coordination
    resting = len(facts.resting_on(db, least).keys() & {row["cluster_id"] for row in found})
    if resting:
        rest = f"{count(resting, 'finding')} {'rests' if resting == 1 else 'rest'}"
        said.append(f"{rest} on one kind of evidence: without it, one operator < {least:.2f}")
    labelled = rows(
        db,
        """SELECT count(*) AS n FROM members JOIN clusters USING (cluster_id)
        JOIN accounts USING (account_id)
        WHERE verdict IN ('abusive', 'coordinated') AND accounts.label = 'legitimate'""",
    )[0]["n"]
    doubted = sum(row["label"] == "legitimate" for row in found)
    who = [count(n, noun) for n, noun in ((doubted, "finding"), (labelled, "member")) if n]
    if who:
        said.append(f"{listing(who)} labelled legitimate by people:")
        said.append(f"  {command('query run labels_against_verdicts')}")
    contested = rows(
        db, "SELECT count(*) AS n FROM clusters WHERE list_contains(reasons, 'contested')"
    )[0]["n"]
    if contested:
        said.append(
            f"{count(contested, 'unclear cluster')} contested: abuse, and innocence as well"
        )
    if said:
        err.print("[bold]Caution[/]")
        for line in said:
            indented(Text(line), to=err)
