"""By what clusters are held, and by how many links each member is, asked of the run's tables."""

from __future__ import annotations

from forensics.cli.lookup import Database, Row, rows
from forensics.score.words import KIND_WORDS, SAME_RANGE, said_kinds

#: Reasons that rest on a card itself; that of a range has a level of its own.
_BY_CARD = f"""SELECT account_a, account_b FROM reasons
    WHERE comparison = 'instrument' AND level <> '{SAME_RANGE}' AND bits > 0"""


def with_said_kinds(db: Database, clusters: list[Row]) -> list[Row]:
    """Return clusters with their `evidence_kinds` as they are said (`said_kinds`)."""
    paid = [c["cluster_id"] for c in clusters if "payment" in (c["evidence_kinds"] or ())]
    by_card = rows(
        db,
        f"""WITH asked AS (SELECT unnest(?::VARCHAR[]) AS cluster_id)
        SELECT cluster_id FROM (SELECT * FROM links SEMI JOIN asked USING (cluster_id))
            SEMI JOIN ({_BY_CARD}) USING (account_a, account_b)
        UNION
        SELECT cluster_id FROM fits SEMI JOIN asked USING (cluster_id)
        WHERE comparison = 'instrument' AND key IS NOT NULL AND bits > 0""",
        paid,
    )
    ranges = set(paid) - {row["cluster_id"] for row in by_card}
    return [
        {**c, "evidence_kinds": said_kinds(c["evidence_kinds"] or (), c["cluster_id"] in ranges)}
        for c in clusters
    ]


def kind_words(cluster: Row) -> dict[str, str]:
    """Return what kinds of evidence are called for a cluster of `with_said_kinds`."""
    (payment,) = said_kinds(["payment"], "card_range" in cluster["evidence_kinds"])
    return {**KIND_WORDS, "payment": KIND_WORDS[payment]}


def with_card_words(db: Database, links: list[Row]) -> list[Row]:
    """Return links with `card_word`: what payments are called that each rests on."""
    pairs = [(link["account_a"], link["account_b"]) for link in links]
    by_card = rows(
        db,
        f"""SELECT account_a, account_b FROM ({_BY_CARD})
        SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS account_a, unnest(?::VARCHAR[]) AS account_b)
        USING (account_a, account_b)""",
        [a for a, _ in pairs],
        [b for _, b in pairs],
    )
    cards = {(row["account_a"], row["account_b"]) for row in by_card}
    words = {pair: KIND_WORDS[said_kinds(["payment"], pair not in cards)[0]] for pair in pairs}
    return [{**link, "card_word": words[link["account_a"], link["account_b"]]} for link in links]


def links_of_members(db: Database, cluster_id: str | None = None) -> list[Row]:
    """Return the members of one cluster, or of all, with how many others of it each is linked to.

    Columns: cluster_id, account_id, links.
    """
    return rows(
        db,
        """WITH inside AS (
            SELECT account_a, account_b FROM links
            WHERE cluster_id IS NOT NULL AND (? IS NULL OR cluster_id = ?)
        ), held AS (
            SELECT account_id, count(*) AS links FROM (
                SELECT account_a AS account_id FROM inside
                UNION ALL SELECT account_b FROM inside
            ) GROUP BY account_id
        )
        SELECT cluster_id, account_id, coalesce(links, 0) AS links
        FROM members LEFT JOIN held USING (account_id)
        WHERE ? IS NULL OR cluster_id = ? ORDER BY cluster_id, account_id""",
        cluster_id,
        cluster_id,
        cluster_id,
        cluster_id,
    )
