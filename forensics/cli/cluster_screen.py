"""The screens of one cluster, for people."""

from __future__ import annotations

from rich.text import Text

from forensics.case.run import KINDS, SCHEMAS, Run
from forensics.case.store import Case
from forensics.cli import facts
from forensics.cli.claim_screen import show_claim
from forensics.cli.held_by import kind_words, links_of_members, with_card_words, with_said_kinds
from forensics.cli.lookup import Database, Row
from forensics.cli.output import Column, heading, indented, listed, table_of, to_copy
from forensics.cli.wording import (
    bits,
    command,
    count,
    day,
    few_linked,
    share,
    sparkline,
    table_word,
    value_kind,
    without,
    words,
)
from forensics.score.grounds import ALIKE
from forensics.score.scorecard import PRIOR, row_words
from forensics.score.words import KIND_WORDS, listing, mostly_fits, nothing_for, on_one_link

SHARED = (
    Column("kind", show=value_kind),
    Column("value"),
    Column("members"),
    Column("outsiders"),
    Column("operators"),
)
LENT = (
    Column("key", "value"),
    Column("bridges"),
    Column("other_cluster", "its cluster"),
    Column("others", "accounts there"),
)
LINK = (
    Column("account_a", "account"),
    Column("account_b", "account"),
    Column("match_weight", "bits", bits),
    Column("match_probability", "probability", lambda p: f"{p:.4f}"),
    Column("rests_on", "rests on"),
)
LIKENESS = (
    Column("words", "what they have or do"),
    Column("value", show=lambda value: f"{value:.2f}"),
    Column("bits", show=bits),
)
#: Items of the scorecard on the screen.
MOST_ITEMS = 8
FIT = (
    Column("key", "value"),
    Column("members"),
    Column("outsiders"),
    Column("fitting", "fit by it"),
    Column("bits", "mean bits", bits),
)


def link_columns() -> list[str]:
    """Return the columns of a link for machines."""
    return list(SCHEMAS["links"].names)


def show_screen(case: Case, run: Run, db: Database, row: Row) -> None:
    """Print all that a person should know of a cluster before acting on it."""
    cluster_id = row["cluster_id"]
    show_claim(case, run, db, row)
    heading("Evidence")
    _evidence(case, db, row)
    _likeness(db, row)
    heading("Innocent explanations")
    _explanations(db, row)
    heading("Timeline")
    _timeline(case, db, row)
    heading("Shared values")
    indented(table_of(facts.shared_values(db, cluster_id, 6), SHARED))
    heading("Bridges and frontier")
    _borders(db, row)
    heading("Since the last run")
    _changes(case, run, db, row)
    heading("What the data can't show")
    _missing(case, run, db, row)
    heading("Next")
    _next(case, row)


def show_why(case: Case, db: Database, row: Row, links: list[Row]) -> None:
    """Print what holds a cluster together; the links strongest first."""
    heading("Evidence")
    _evidence(case, db, row)
    heading("Shared values")
    indented(table_of(facts.shared_values(db, row["cluster_id"], 12), SHARED))
    named = with_card_words(db, links[:5] + links[5:][-5:])
    shown = [{**link, "rests_on": rests_on(link)} for link in named]
    weakest = shown[5:]
    if shown:
        heading(f"Strongest of {count(len(links), 'link')}")
        indented(table_of(shown[:5], LINK))
    if weakest:
        heading("Weakest")
        indented(table_of(weakest, LINK))
    fits = facts.fitting_values(db, row["cluster_id"])
    if fits:
        tied = "members that no link ties to the largest part"
        heading(f"What {tied if shown else 'its members'} fit by")
        values = [{**fit, "members": f"{fit['members']:,} of {fit['of']:,}"} for fit in fits]
        indented(table_of(values[:12], FIT))
    if shown:
        a, b = shown[-1]["account_a"], shown[-1]["account_b"]
        heading("Next")
        to_copy(command(f"account why {a} {b}"))


def _evidence(case: Case, db: Database, row: Row) -> None:
    """Print the kinds that the claim names, and what would be left without each."""
    found = facts.of_cluster(db, "evidence", row["cluster_id"], "bits DESC, kind")
    alone = facts.resting_on(db, case.settings.score.min_coordination).get(row["cluster_id"])
    named = [*(row["evidence_kinds"] or ()), alone]
    said = kind_words(with_said_kinds(db, [row])[0])
    shown = [{**e, "word": said[e["kind"]]} for e in found if e["kind"] in named]
    columns = [
        Column("word", "kind"),
        Column("bits", "mean bits", bits),
        Column("links"),
        Column("coordination_without", "one operator without it", share),
    ]
    if mostly_fits(row):
        indented(f"{few_linked(row['links'])}; they fit each other as a whole")
        del columns[2]
    if shown:
        indented(table_of(shown, columns))
    for e in shown:
        if e["kind"] == alone:
            fall = f"from {share(row['coordination'])} to {share(e['coordination_without'])}"
            indented(f"[yellow]It rests on {e['word']}: without, one operator falls {fall}.[/]")
    if len(shown) == 1 and not alone:
        indented("[yellow]It rests on one kind of evidence.[/]")
    if row["hold_density"] is not None:
        indented(
            "[dim]as a whole[/]  "
            f"devices {row['hold_devices']:.2f} · identifiers {row['hold_identifiers']:.2f} · "
            f"addresses beyond public ones {row['hold_addresses']:.2f} · "
            f"density {row['hold_density']:.2f} · "
            f"cards alike {bits(row['hold_cards'])} bits · payers {row['hold_payers']:.1f} · "
            f"declared {row['hold_declared']:.2f} · one campaign {row['hold_campaign']:.2f} · "
            f"own mail domain {row['hold_domain'] or 0:.2f} · "
            f"replaced {row['hold_replaced'] or 0:.2f} · never rests {row['hold_clock'] or 0:.2f} "
            f"· no card or device on record {row['hold_untold'] or 0:.2f}"
        )


def _likeness(db: Database, row: Row) -> None:
    """Print what tells a campaign from honest accounts, if anything is told of what these do."""
    found = facts.of_cluster(db, "likeness", row["cluster_id"], "abs(bits) DESC, item")
    weighed = [r for r in found if r["item"] != PRIOR]
    if not found:
        return
    heading("Like a campaign, or like honest accounts")
    shown = [{**r, "words": row_words(r)} for r in weighed[:MOST_ITEMS]]
    indented(table_of(shown, LIKENESS))
    prior = sum(r["bits"] for r in found if r["item"] == PRIOR)
    total = sum(r["bits"] for r in found)
    rest = sum(r["bits"] for r in weighed[MOST_ITEMS:])
    more = f" · others {bits(rest)}" if len(weighed) > MOST_ITEMS else ""
    indented(
        f"[dim]prior {bits(prior)}{more} · in all {bits(total)} bits, "
        f"a campaign with a probability of {share(row['measured_abuse'])}[/]"
    )


def _explanations(db: Database, row: Row) -> None:
    found = facts.explanations(db, row["cluster_id"])
    nothing = nothing_for(found)
    shown = [e for e in found if e["holds"]] or found[: 0 if nothing else 1]
    if nothing:
        indented(nothing)
    for e in shown:
        state = "holds" if e["holds"] else "the strongest considered; does not hold"
        indented(Text(f"{words(e['explanation'])}, strength {share(e['strength'])}: {state}"))
        listed(
            [
                ("  claim", e["claim"]),
                ("  for", "; ".join(e["speaks_for"]) or "nothing found"),
                ("  against", "; ".join(e["speaks_against"]) or "nothing found"),
            ]
        )
    others = [e for e in found if e["speaks_against"] and e not in shown]
    others = [e for e in others if e["explanation"] != ALIKE]  # the table before says that
    others = sorted(others, key=lambda e: -len(e["speaks_against"]))[:3]
    if others:
        indented(f"what speaks most against {'them' if nothing else 'others'}")
        listed([(f"  {words(e['explanation'])}", "; ".join(e["speaks_against"])) for e in others])
    if not found:
        indented("the run holds none for this cluster")


def _timeline(case: Case, db: Database, row: Row) -> None:
    for name, counts in facts.timeline(case, db, row, 48).items():
        indented(f"{name:<9}  {sparkline(counts)}  {sum(counts):,}")
    indented(f"{'':9}  {day(row['first_seen'])}{'':28}{day(row['last_seen'])}")


def _borders(db: Database, row: Row) -> None:
    if row["fitting"] and row["links"]:
        ties = "no link ties them to the largest part, but each fits the cluster as a whole"
        indented(f"{count(row['fitting'], 'account')}: {ties}")
    members = links_of_members(db, row["cluster_id"])
    once = [member["account_id"] for member in members if member["links"] == 1]
    if once:
        more = f" and {len(once) - 5:,} more" if len(once) > 5 else ""
        indented(Text(f"{on_one_link(len(once))}: {', '.join(once[:5])}{more}"))
    found = facts.bridges(db, row["cluster_id"])
    if found:
        parts = facts.parts_without_bridges(db, row["cluster_id"])
        names = ", ".join(f"{b['account_id']} ({share(b['membership'])})" for b in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        indented(Text(f"{without(row, parts)}: {names}{more}"))
        lent = facts.lent(db, row["cluster_id"])
        if lent:
            more = f", {len(lent):,} in all" if len(lent) > 5 else ""
            indented(f"cards and devices of bridges that other clusters use{more}:")
            indented(table_of(lent[:5], LENT))
    else:
        indented("no bridge accounts")
    outside = facts.frontier(db, row["cluster_id"])
    if outside:
        indented(f"frontier: {count(len(outside), 'account')} outside linked to members")
        columns = (
            Column("account_id", "account"),
            Column("other_cluster", "its cluster"),
            Column("members_linked", "members linked"),
            Column("best_weight", "best link (bits)", bits),
        )
        indented(table_of(outside[:5], columns))
    else:
        indented("frontier: no account outside is linked to a member")


def _changes(case: Case, run: Run, db: Database, row: Row) -> None:
    if run.info["previous_run"] is None:
        indented("this is the case's first run")
        return
    changes = change_sentences(case, run, db, row)
    indented(Text("; ".join(changes) if changes else "nothing"))


def change_sentences(case: Case, run: Run, db: Database, row: Row) -> list[str]:
    """Return what changed for a cluster since the run before, in words."""
    origins = facts.of_cluster(db, "lineage", row["cluster_id"], "kind, from_cluster")
    verbs = {"split": "split from", "merged": "merged with", "returned": "came back after"}
    said = [
        f"{verbs[o['kind']]} {o['from_cluster']} ({count(o['accounts'], 'account')})"
        for o in origins
        if o["kind"] in verbs and o["from_cluster"] != row["cluster_id"]
    ]
    clusters = facts.clusters_before(case, run)
    before = clusters.get(row["cluster_id"])
    if before:
        more = row["accounts"] - before["accounts"]
        change = f"{'+' if more > 0 else '-'}{count(abs(more), 'account')} since the last run"
        said = ([change] if more else []) + said
        for status in ("suspended", "deleted"):
            more = row[status] - before[status]
            said += [f"{abs(more):,} {'more' if more > 0 else 'fewer'} {status}"] if more else []
    elif clusters and not origins:
        said = ["new since the last run"]
    return said


def _missing(case: Case, run: Run, db: Database, row: Row) -> None:
    if run.info["missing"]:
        indented(f"no {listing([table_word(t) for t in run.info['missing']], 'or')} in this case")
    for name, covered in sorted(run.info["coverage"].items()):
        if covered < 0.95:
            indented(f"{table_word(name)} cover {100 * covered:.0f} % of all accounts")
    for name, early in facts.rows_before_signup(case, run, db, row["cluster_id"]).items():
        indented(
            f"{table_word(name)} before the sign-up: {count(early, 'row')}, no timing evidence"
        )
    for signal in facts.of_cluster(db, "signals", row["cluster_id"], "signal"):
        if signal["value"] is None:
            name = words(signal["signal"])
            indented(Text(f"{name}: {signal['detail'] or 'not enough data'}"))


def _next(case: Case, row: Row) -> None:
    cluster_id = row["cluster_id"]
    folder = case.root / "bundles" / cluster_id
    if folder.exists():
        to_copy(f"bundle  {folder / 'data' / 'report.html'}")
    else:
        to_copy(f"bundle  {command(f'bundle create {cluster_id} -o exported')}")
    to_copy(f"why     {command(f'cluster why {cluster_id}')}")
    doubtful = row["verdict"] == "unclear" and (row["abuse"] or 0) < case.settings.score.min_abuse
    verdicts = ["abusive", "legitimate"]
    if doubtful or row["verdict"] == "legitimate":
        verdicts.reverse()
    for name, verdict in zip(("label", "or"), verdicts, strict=True):
        to_copy(f"{name:<8}{command(f'label add {cluster_id} --verdict {verdict}')}")


def rests_on(link: Row) -> str:
    """Return the three kinds of evidence that weigh most for a link, and the one most against.

    `card_word` of the link is what payments are called that it rests on.
    """
    said = {**KIND_WORDS, "payment": link.get("card_word", KIND_WORDS["payment"])}
    parts = [(link[f"{kind}_bits"], said[kind]) for kind in KINDS if link[f"{kind}_bits"]]
    parts.sort(key=lambda part: (-abs(part[0]), part[1]))
    for_it = [part for part in parts if part[0] > 0]
    against = [part for part in parts if part[0] < 0]
    sides = ((_first(for_it, 3), ""), (_first(against, 1), "against: "))
    return "; ".join(said + named for named, said in sides if named)


def _first(parts: list[tuple[float, str]], most: int) -> str:
    """Return the first kinds of evidence with their bits, and how many more there are."""
    more = f", {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(f"{word} {bits(value)}" for value, word in parts[:most]) + more
