"""What the screens say of a cluster, asked of the run's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from forensics.case.database import connect
from forensics.case.labels import Label
from forensics.case.lent import lent_values
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.lookup import Database, Row, rows
from forensics.link import accounts as of_accounts

_MINE = "WITH mine AS (SELECT account_id FROM members WHERE cluster_id = ?)"


def shared_values(db: Database, cluster_id: str, limit: int) -> list[Row]:
    """Return the values that members share, the most telling first: held by many of them and by
    few outsiders.

    Columns: key, kind, value, members, outsiders, operators.
    """
    return rows(
        db,
        f"""{_MINE}, held AS (
            SELECT key, count(DISTINCT account_id) AS members
            FROM uses JOIN mine USING (account_id) GROUP BY key
        )
        SELECT key, kind, value, members, accounts - members AS outsiders, operators
        FROM held JOIN identifiers USING (key) WHERE members > 1
        ORDER BY members * members / accounts DESC, key LIMIT ?""",
        cluster_id,
        limit,
    )


def bridges(db: Database, cluster_id: str) -> list[Row]:
    """Return the members that hold parts of clusters together, the least sure first.

    Columns: account_id, membership, joined_by.
    """
    return rows(
        db,
        "SELECT account_id, membership, joined_by FROM members "
        "WHERE cluster_id = ? AND bridge ORDER BY membership, account_id",
        cluster_id,
    )


def lent(db: Database, cluster_id: str) -> list[Row]:
    """Return the cards and devices that bridges have in common with other clusters.

    Columns: other_cluster, key, bridges (that have it), others (its accounts that have it).
    """
    found: list[Row] = lent_values(db, [cluster_id]).drop_columns("cluster_id").to_pylist()
    return found


def parts_without_bridges(db: Database, cluster_id: str) -> list[int]:
    """Return how many accounts each part has that is left of a cluster without its bridges.

    Members that no link ties to the largest part, but that fit the cluster, are left aside.
    """
    kept = """SELECT account_id FROM members WHERE cluster_id = $1 AND NOT bridge
        AND account_id NOT IN (SELECT account_id FROM fits WHERE cluster_id = $1)"""
    links = rows(
        db,
        f"""SELECT account_a, account_b FROM links
        WHERE account_a IN ({kept}) AND account_b IN ({kept})""",
        cluster_id,
    )
    above = {row["account_id"]: row["account_id"] for row in rows(db, kept, cluster_id)}

    def top(account_id: str) -> str:
        while above[account_id] != account_id:
            above[account_id] = above[above[account_id]]
            account_id = above[account_id]
        return account_id

    for link in links:
        above[top(link["account_a"])] = top(link["account_b"])
    return sorted(Counter(map(top, above)).values(), reverse=True)


def labels_of_members(db: Database, cluster_id: str, given: Mapping[str, Label]) -> dict[str, str]:
    """Return the verdicts of people on members: those `given` since the run before the run's."""
    found = rows(
        db,
        f"{_MINE} SELECT account_id, label FROM accounts JOIN mine USING (account_id) ORDER BY 1",
        cluster_id,
    )
    said = {
        row["account_id"]: given[row["account_id"]].verdict
        if row["account_id"] in given
        else row["label"]
        for row in found
    }
    return {account_id: verdict for account_id, verdict in said.items() if verdict}


def frontier(db: Database, cluster_id: str) -> list[Row]:
    """Return accounts outside a cluster that are linked to members, the strongest link first.

    Columns: account_id, other_cluster, members_linked, best_weight (bits).
    """
    return rows(
        db,
        f"""{_MINE}, crossing AS (
            SELECT account_b AS account_id, match_weight FROM links
            WHERE account_a IN (FROM mine) AND account_b NOT IN (FROM mine)
            UNION ALL
            SELECT account_a, match_weight FROM links
            WHERE account_b IN (FROM mine) AND account_a NOT IN (FROM mine)
        )
        SELECT account_id, any_value(members.cluster_id) AS other_cluster,
            count(*) AS members_linked, max(match_weight) AS best_weight
        FROM crossing LEFT JOIN members USING (account_id)
        GROUP BY account_id ORDER BY best_weight DESC, account_id""",
        cluster_id,
    )


def links_of_cluster(db: Database, cluster_id: str) -> list[Row]:
    """Return the links inside a cluster, the strongest first, with the columns of `links`."""
    return rows(
        db,
        "SELECT * FROM links WHERE cluster_id = ? ORDER BY match_weight DESC, account_a, account_b",
        cluster_id,
    )


def explanations(db: Database, cluster_id: str) -> list[Row]:
    """Return the innocent explanations of a cluster, the strongest first."""
    return rows(
        db,
        "SELECT * FROM explanations WHERE cluster_id = ? ORDER BY strength DESC, explanation",
        cluster_id,
    )


def of_cluster(db: Database, table: str, cluster_id: str, order: str) -> list[Row]:
    """Return a cluster's rows of a run's table."""
    return rows(db, f"SELECT * FROM {table} WHERE cluster_id = ? ORDER BY {order}", cluster_id)


def resting_on(db: Database, least: float) -> dict[str, str]:
    """Return the kind of evidence that a cluster rests on, of each that rests on one alone.

    One operator falls below `least` without that kind, and without no other; where it is below as
    it is, it falls to less than half.
    """
    found = rows(
        db,
        """SELECT cluster_id, any_value(kind) AS kind FROM evidence JOIN clusters USING (cluster_id)
        WHERE coordination_without < if(coordination < ?, coordination / 2, ?)
        GROUP BY cluster_id HAVING count(*) = 1""",
        least,
        least,
    )
    return {row["cluster_id"]: row["kind"] for row in found}


def clusters_before(case: Case, run: Run) -> dict[str, Row]:
    """Return the accounts of each cluster of the run before, by its id; empty without such a run.

    Columns: cluster_id, accounts, suspended, deleted.
    """
    previous = run.info["previous_run"]
    if previous is None or not (case.root / "runs" / previous / "clusters.parquet").exists():
        return {}
    columns = ["cluster_id", "accounts", "suspended", "deleted"]
    before = Run(previous, case.root / "runs" / previous).read("clusters", columns)
    return {row["cluster_id"]: row for row in before.to_pylist()}


def timeline(case: Case, db: Database, cluster: Row, bins: int) -> dict[str, list[int]]:
    """Return the members' sign-ups, and their prompts or else their uses of addresses, counted in
    `bins` equal spans from the cluster's first to its last time.
    """
    members = db.sql(
        "SELECT account_id FROM members WHERE cluster_id = ?", params=[cluster["cluster_id"]]
    ).to_arrow_table()
    activity = ("prompts", "at") if case.manifest.rows("prompts") else ("ips", "first_seen")
    return {
        name: _counts(case, table, column, members, cluster, bins)
        for name, (table, column) in (
            ("sign-ups", ("signups", "created_at")),
            ("prompts" if activity[0] == "prompts" else "addresses", activity),
        )
    }


def rows_before_signup(case: Case, run: Run, db: Database, cluster_id: str) -> dict[str, int]:
    """Return, by table, how many rows of members are dated before the sign-up of their account."""
    if not run.info.get("before_signup"):
        return {}
    members = db.sql(
        f"{_MINE} SELECT account_id, created_at FROM accounts JOIN mine USING (account_id)",
        params=[cluster_id],
    ).to_arrow_table()
    return of_accounts.rows_before_signup(connect(case).register("accounts", members))


def _counts(
    case: Case, table: str, column: str, members: pa.Table, cluster: Row, bins: int
) -> list[int]:
    first, last = cluster["first_seen"].timestamp(), cluster["last_seen"].timestamp()
    db = connect(case).register("mine", members)
    found = rows(
        db,
        f"""SELECT least(floor(? * (epoch("{column}") - ?) / ?), ? - 1)::INTEGER AS bin,
            count(*) AS n
        FROM {table} JOIN mine USING (account_id)
        WHERE epoch("{column}") BETWEEN ? AND ? GROUP BY bin""",
        bins,
        first,
        max(last - first, 1.0),
        bins,
        first,
        last,
    )
    counts: dict[int, Any] = {row["bin"]: row["n"] for row in found}
    return [counts.get(i, 0) for i in range(bins)]


def fitting_values(db: Database, cluster_id: str) -> list[Row]:
    """Return the values by which members fit their cluster, those that weigh most in all first.

    Columns: key, fitting (members that fit by it), members (that have it), of (members in all),
    outsiders, bits (mean).
    """
    return rows(
        db,
        """SELECT key, count(*) AS fitting, max(users) + 1 AS members, max(members) + 1 AS of,
            max(others) AS outsiders, avg(bits) AS bits
        FROM fits WHERE cluster_id = ? AND key IS NOT NULL
        GROUP BY key ORDER BY sum(bits) DESC, key""",
        cluster_id,
    )
