"""The claim on a cluster, on the terminal: verdict, scores, and how they came about."""

from __future__ import annotations

from forensics.case.basis import changed
from forensics.case.labels import latest, read_labels
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli import facts
from forensics.cli.held_by import with_said_kinds
from forensics.cli.lookup import Database, Row
from forensics.cli.output import out, to_copy, visible
from forensics.cli.wording import (
    VERDICT_STYLES,
    command,
    count,
    day,
    few_linked,
    q_value,
    share,
    words,
)
from forensics.score.in_part import holds_in_part
from forensics.score.provenance import in_words, steps_of
from forensics.score.words import (
    KIND_WORDS,
    abusive_by,
    contested,
    listing,
    mostly_fits,
    nothing_told,
    statuses,
    what_looks_so,
    without_prompts,
)

#: Labelled members, and accounts let go, that are named; `label list` and JSON have all.
NAMED = 3
#: What people may say against a verdict.
OPPOSITE = {"abusive": "legitimate", "coordinated": "legitimate", "legitimate": "abusive"}


def show_claim(case: Case, run: Run, db: Database, row: Row) -> None:
    """Print what is said of a cluster, its scores and how they came about, and its labels."""
    verdict = row["verdict"]
    style = VERDICT_STYLES.get(verdict, "dim")
    out.print(
        f"[bold]{visible(row['cluster_id'])}[/]  [{style}]{verdict}[/]  "
        f"{count(row['accounts'], 'account')} ({statuses(row)})\n"
        f"{day(row['first_seen'])} to {day(row['last_seen'])} UTC  run {run.run_id}"
    )
    out.print(f"\n{visible(claim(case, run, db, row))}")
    out.print(
        f"\none operator {share(row['coordination'])}   abuse {share(row['abuse'])}   "
        f"q {q_value(row['q_value'])}   stability {share(row['stability'])}"
    )
    if row["q_value"] is None:
        least = case.settings.score.min_accounts
        out.print(f"not tested against chance: fewer than {least} accounts are no finding")
    _how(run, db, row)
    if row["reasons"]:
        out.print(visible(f"reasons: {'; '.join(row['reasons'])}"))
    for label in read_labels(case):
        if label.cluster_id == row["cluster_id"]:
            who = f" by {label.by}" if label.by else ""
            why = f": {label.reason}" if label.reason else ""
            out.print(visible(f"labelled {label.verdict}{who}, {label.at[:10]}{why}"))
    _let_go(db, row["cluster_id"])
    _labels_of_members(case, run, db, row)


def let_go(db: Database, cluster_id: str) -> list[Row]:
    """Return the accounts that a cluster let go, with since when they share and days before."""
    return facts.of_cluster(db, "let_go", cluster_id, "account_id")


def _let_go(db: Database, cluster_id: str) -> None:
    gone = [row["account_id"] for row in let_go(db, cluster_id)]
    if gone:
        more = f" and {len(gone) - NAMED:,} more" if len(gone) > NAMED else ""
        told = f"let go: {count(len(gone), 'account')} that had a life before (account show says "
        out.print(visible(f"{told}why): {', '.join(gone[:NAMED])}{more}"))


def _labels_of_members(case: Case, run: Run, db: Database, row: Row) -> None:
    """Print which members people labelled, and whether the scores know of all labels."""
    given = read_labels(case)
    labels = facts.labels_of_members(db, row["cluster_id"], latest(given, "account_id"))
    for verdict in ("abusive", "legitimate"):
        named = [account_id for account_id, said in labels.items() if said == verdict]
        if named:
            is_ = "is" if len(named) == 1 else "are"
            more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
            names = f"{', '.join(named[:NAMED])}{more}"
            told = visible(f"{count(len(named), 'member')} {is_} labelled {verdict}: {names}")
            opposite = verdict == OPPOSITE.get(row["verdict"])
            out.print(f"{'[yellow]Caution:[/] ' if opposite else ''}{told}")
    if "labels" in changed(case, given, run.info.get("made_from", {})):
        out.print("[yellow]![/] the labels have changed since the run; to calibrate by them:")
        to_copy(command("analyse"))


def _how(run: Run, db: Database, row: Row) -> None:
    explanations = facts.explanations(db, row["cluster_id"])
    likeness = bool(facts.of_cluster(db, "likeness", row["cluster_id"], "item"))
    for score, name in (("coordination", "one operator"), ("abuse", "abuse")):
        how = in_words(score, steps_of(score, row, explanations, run.info), likeness)
        if how:
            out.print(visible(f"{name}: {how}"))


def claim(case: Case, run: Run, db: Database, row: Row) -> str:
    """Return the claim in one sentence: linked, one operator, abusive, attribution."""
    cluster_id, one, abuse = row["cluster_id"], share(row["coordination"]), row["abuse"]
    signals = facts.of_cluster(db, "signals", cluster_id, "signal")
    likeness = facts.of_cluster(db, "likeness", cluster_id, "item")
    parts = [_linked(with_said_kinds(db, [row])[0])]
    if row["verdict"] != "unclear":
        parts.append(f"one operator runs them with a probability of {one}")
    elif contested(row):
        parts.append(f"one operator likely runs them ({one})")
    else:
        why = ", ".join([one, *row["reasons"]])
        parts.append(f"the evidence does not carry the claim that one operator runs them ({why})")
    evidence = facts.of_cluster(db, "evidence", cluster_id, "kind")
    part = holds_in_part(row, facts.explanations(db, cluster_id), evidence, run.info, share)
    if part:
        parts.append(f"but {part}")
    if abuse is None:
        parts.append(f"the data can't say whether what they do is abusive{nothing_told(signals)}")
    else:
        parts.append(_abuse(abuse, case.settings.score.min_abuse, signals, likeness))
    if row["explanation"]:
        parts.append(f"{_state(row)}: {words(row['explanation'])}")
    return "; ".join(parts) + "; who is behind them is not claimed."


def _linked(row: Row) -> str:
    """Return how many accounts links hold together, by what, and how many fit these."""
    accounts = count(row["accounts"], "account")
    if mostly_fits(row):
        return f"{accounts} fit each other, though {few_linked(row['links'])}"
    by = listing([KIND_WORDS[kind] for kind in row["evidence_kinds"]]) or "weak evidence"
    if not row["fitting"]:
        return f"{accounts} are linked by {by}"
    more = f"{row['fitting']:,} more fit{'s' if row['fitting'] == 1 else ''} these as a whole"
    return f"{row['accounts'] - row['fitting']:,} of {accounts} are linked by {by}, and {more}"


def _abuse(abuse: float, least: float, signals: list[Row], likeness: list[Row]) -> str:
    what = "what they do" if abuse < least else what_looks_so(likeness, signals)
    if without_prompts(signals):
        what += ", as far as can be told without prompts,"
    if abuse < least:
        return f"{what} does not look abusive ({share(abuse)})"
    by = listing(abusive_by(likeness, signals))
    return f"{what} looks abusive ({share(abuse)}{', by ' + by if by else ''})"


def _state(row: Row) -> str:
    if contested(row):
        return "but an innocent explanation stands against the finding"
    holds = "is not ruled out" if row["verdict"] == "unclear" else "holds"
    return f"an innocent explanation {holds}"
