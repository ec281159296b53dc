"""The screens of one account and of two, for people."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from forensics.case.labels import read_labels
from forensics.case.store import Case
from forensics.cli.cluster_screen import LINK, rests_on
from forensics.cli.held_by import with_card_words
from forensics.cli.lookup import Database, Row, rows
from forensics.cli.output import Column, heading, indented, listed, out, table_of, to_copy, when
from forensics.cli.screen import spelt
from forensics.cli.wording import bits, command, count, day, share, value_kind, words
from forensics.score.words import KIND_WORDS, level_words

#: Source rows shown per reason and account; csv and json have all.
ROWS_SHOWN = 2
#: The width of a column of bits.
BITS_WIDTH = 7
#: Values shown that other accounts have too, the rarest first.
VALUES_SHOWN = 12
KIND = Column("kind", show=value_kind)


def cluster_of(db: Database, account_id: str) -> Row | None:
    """Return the cluster of an account with the account's membership, None if it is in none."""
    found = rows(
        db,
        """SELECT cluster_id, verdict, accounts, coordination, membership, bridge
        FROM members JOIN clusters USING (cluster_id) WHERE account_id = ?""",
        account_id,
    )
    return found[0] if found else None


def places(sources: list[Row]) -> list[str]:
    """Return where stored rows came from, in words."""
    return [f"{s['account_id']} {s['file']} row {s['row']}" for s in sources]


def show_account(case: Case, db: Database, row: Row, values: list[Row], links: list[Row]) -> None:
    """Print what is known of one account."""
    out.print(Text(row["account_id"], style="bold"))
    facts = {
        "sign-up": when(row["created_at"]) if row["has_signup"] else "none in the data",
        "status": " ".join(filter(None, (row["status"], when(row["status_at"])))),
        "name": row["name"],
        "e-mail": row["email"],
        "country": row["country"],
        "plan": row["plan"],
        "organisation": row["organisation"],
        "declared": " ".join(filter(None, (row["declared_kind"], row["declared_group"]))),
        "seen": f"{when(row['first_seen'])} to {when(row['last_seen'])}",
        "activity": ", ".join(
            count(row[name], name.removesuffix("s"))
            for name in ("requests", "prompts")
            if row[name] is not None
        ),
        "cluster": _home(cluster_of(db, row["account_id"])),
        "let go": _let_go_words(let_go_of(db, row["account_id"])),
        "label": _labels(case, row),
    }
    listed([(name, value) for name, value in facts.items() if value])
    heading("Values, and who else has them")
    _show_values(row["account_id"], values)
    heading(f"Strongest of {count(len(links), 'link')}" if links else "Links")
    if links:
        named = with_card_words(db, links[:8])
        indented(table_of([{**link, "rests_on": rests_on(link)} for link in named], LINK))
    else:
        indented("none: no other account is linked to it; that does not mean innocent")
    _show_fit(db, row["account_id"])
    if links:
        heading("Next")
        to_copy(command(f"account why {links[0]['account_a']} {links[0]['account_b']}"))


def _show_fit(db: Database, account_id: str) -> None:
    """Print why an account that no link holds to its cluster belongs there all the same."""
    fits = fits_of(db, account_id)
    if not fits:
        return
    heading("Fits its cluster as a whole")
    for fit in fits:
        _weighed(fit["bits"], _fit_words(fit))
    total = sum(fit["bits"] for fit in fits)
    _weighed(total, "in all", style="bold")


def _weighed(weight: float | None, text: str, style: str = "") -> None:
    """Print bits, if any, and what they are for, long text wrapped under itself."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", width=BITS_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(
        Text("" if weight is None else bits(weight), style=style), Text(spelt(text), style=style)
    )
    indented(grid)


def _fit_words(fit: Row) -> str:
    if fit["comparison"] == "prior":
        return "prior: before any evidence"
    if fit["key"] is None:
        if fit["users"] is None:
            return f"{words(fit['comparison'])}: another than the cluster's"
        as_few = f"{fit['users']:,} of {count(fit['members'], 'other member')}"
        return f"{words(fit['comparison'])}: {as_few} have as few in common with the cluster"
    inside = f"{fit['users']:,} of {count(fit['members'], 'other member')}"
    return f"{fit['key']}: {inside} and {count(fit['others'], 'account')} outside have it"


def fits_of(db: Database, account_id: str) -> list[Row]:
    """Return how an account that no link holds to its cluster fits it, the prior first."""
    return rows(
        db,
        """SELECT * FROM fits WHERE account_id = ?
        ORDER BY comparison = 'prior' DESC, bits DESC, comparison""",
        account_id,
    )


def let_go_of(db: Database, account_id: str) -> Row | None:
    """Return the cluster that let an account go, since when they share, and the days before."""
    found = rows(
        db,
        """SELECT let_go.cluster_id, since, days,
            floor(epoch(since - created_at) / 86400)::BIGINT AS age_days
        FROM let_go JOIN accounts USING (account_id) WHERE account_id = ?""",
        account_id,
    )
    return found[0] if found else None


def _let_go_words(gone: Row | None) -> str:
    if gone is None:
        return ""
    return (
        f"by {gone['cluster_id']}: it first used an address, device or other value of few "
        f"operators that members use as well on {day(gone['since'])}, after "
        f"{count(gone['days'], 'day')} of use in the {count(gone['age_days'], 'day')} since its "
        "sign-up, as accounts do that were taken over; card ranges, networks and mail domains "
        "left out"
    )


def _show_values(account_id: str, values: list[Row]) -> None:
    """Print the values that others have too, the rarest first, and how many more there are."""
    shared = [v for v in values if v["accounts"] > 1]
    if shared:
        columns = (KIND, "value", "role", "accounts", "operators")
        indented(table_of(shared[:VALUES_SHOWN], columns))
    more = len(shared) - VALUES_SHOWN
    if more > 0:
        indented(f"and {more:,} more that others have too; all of them:")
        to_copy(command(f"account show {account_id} --format csv"))
    alone = len({v["key"] for v in values if v["accounts"] == 1})
    indented(f"{count(alone, 'value')} that no other account has")


def _home(home: Row | None) -> str:
    if home is None:
        return "in none"
    bridge = ", a bridge" if home["bridge"] else ""
    return (
        f"{home['cluster_id']}, {home['verdict']}, {count(home['accounts'], 'account')}; "
        f"membership {share(home['membership'])}{bridge}"
    )


def _labels(case: Case, row: Row) -> str:
    given = [label for label in read_labels(case) if label.account_id == row["account_id"]]
    said = [f"{label.verdict}{f' by {label.by}' if label.by else ''}" for label in given]
    return ", ".join(said) or row["label"] or ""


def show_link(link: Row, reasons: list[Row]) -> None:
    """Print why two accounts are linked."""
    names = f"{link['account_a']} and {link['account_b']}"
    out.print(Text(f"{names} are linked.", style="bold"))
    home = link["cluster_id"]
    out.print(Text(f"Both are in {home}." if home else "They are not in one cluster."))
    heading("Bits")
    _weighed(link["prior_bits"], "prior: before any evidence")
    _show_reasons(reasons)
    odds = f"one operator runs both with a probability of {_surely(link['match_probability'])}"
    _weighed(link["match_weight"], f"in all: {odds}", style="bold")
    out.print("\nLinked does not mean abusive, and a link is not an attribution.")


def show_no_link(db: Database, pair: list[str], reasons: list[Row], shared: list[Row]) -> None:
    """Say that two accounts are not linked, what they share, and what was weighed."""
    out.print(Text(f"{pair[0]} and {pair[1]} are not linked.", style="bold"))
    for account_id in pair:
        out.print(Text(f"{account_id}: {_home(cluster_of(db, account_id))}"))
    heading("What they share")
    if shared:
        columns = (KIND, "value", "accounts", "operators")
        indented(table_of(shared, columns))
    else:
        indented("nothing that the case holds")
    heading("What was weighed")
    if reasons:
        _show_reasons(reasons)
    else:
        indented("this run keeps the weights of linked pairs only")
    out.print("\nNot linked does not mean innocent.")


def _show_reasons(reasons: list[Row]) -> None:
    for reason in reasons:
        kind = KIND_WORDS.get(reason["kind"], reason["kind"])
        what = f"{reason['comparison']}: {level_words(reason, reasons)}"
        key = f", {reason['key']}" if reason["key"] else ""
        _weighed(reason["bits"], f"{kind}, {what}{key}")
        if reason["accounts"]:
            operators = f"{reason['operators']:.3g}" if reason["operators"] else "?"
            _weighed(None, f"on {count(reason['accounts'], 'account')}, operators {operators}")
        if round(reason["bits"], 1):
            _show_sources(reason["sources"])


def _show_sources(sources: list[Row]) -> None:
    shown: list[Row] = []
    for source in sources:
        if sum(s["account_id"] == source["account_id"] for s in shown) < ROWS_SHOWN:
            shown.append(source)
    for place in places(shown):
        _weighed(None, place, style="dim")
    if len(sources) > len(shown):
        _weighed(None, f"and {count(len(sources) - len(shown), 'more row')}", style="dim")


def _surely(probability: float) -> str:
    return "over 0.999999" if probability > 0.999999 else f"{probability:.6f}"
