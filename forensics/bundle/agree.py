"""Whether the tables of a bundle agree with each other and with its statements.

Each check finds rows that should not be, as a sentence about each. They see the bundle's tables as
`arithmetic` reads them, and `files`, `evidence`, `kinds` (of each comparison) and `told` (counts).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from forensics.bundle.hostile import csv_texts

_TEXT, _REAL, _WHOLE = pa.string(), pa.float64(), pa.int64()
FILES = pa.schema({**dict.fromkeys(("table", "file", "sha256"), _TEXT), "rows": _WHOLE})
EVIDENCE = pa.schema({"kind": _TEXT, "links": _WHOLE, "bits": _REAL})

#: What may have held a member, and named what it joined by, went with an account that was
#: forgotten: these are asked only where none was.
HELD = (
    """SELECT account_id || ' is a member, but no link or fit holds it' FROM members
       ANTI JOIN (SELECT account_a AS account_id FROM links UNION ALL
                  SELECT account_b FROM links UNION ALL SELECT account_id FROM fits) h
       USING (account_id)""",
    """SELECT m.account_id || ' joined by ' || joined_by || ', which is no reason of its links and '
           || 'nothing that it fits by'
       FROM members m
       ANTI JOIN (SELECT account_a AS account_id, comparison, key FROM why
                  UNION SELECT account_b, comparison, key FROM why
                  UNION SELECT account_id, comparison, key FROM fits) r
       ON m.account_id = r.account_id AND joined_by IN (key, CASE WHEN key IS NULL
           THEN comparison || substr(joined_by, 1 + length(split_part(joined_by, ':h-', 1))) END)
       WHERE joined_by IS NOT NULL""",
    """SELECT DISTINCT key || ' has ' || s.operators || ' operators by shared.csv, '
           || w.operators || ' by why.jsonl'
       FROM shared s JOIN why w USING (key)
       WHERE w.bits > 0 AND abs(s.operators - w.operators) > 0.000001""",
)

CHECKS = (
    """WITH there AS (
           SELECT count(*) AS accounts, count(*) FILTER (bridge) AS bridges,
                  count(*) FILTER (status IS DISTINCT FROM 'suspended'
                                   AND status IS DISTINCT FROM 'deleted') AS active,
                  count(*) FILTER (status = 'suspended') AS suspended,
                  count(*) FILTER (status = 'deleted') AS deleted,
                  count(*) FILTER (status IS NULL) AS without_status,
                  (SELECT count(*) FROM links) AS links,
                  (SELECT count(DISTINCT account_id) FROM fits) AS fitting
           FROM members
       )
       SELECT 'cluster.json says ' || coalesce(t.value::VARCHAR, 'nothing') || ' ' || name
           || ', the tables hold ' || n.value
       FROM (UNPIVOT there ON COLUMNS(*) INTO NAME name VALUE value) n LEFT JOIN told t USING (name)
       WHERE t.value IS DISTINCT FROM n.value""",
    """WITH linked AS (
           SELECT kind, count(*) FILTER (bits >= 2) AS links, avg(bits) AS bits
           FROM (UNPIVOT links ON {kinds} INTO NAME kind VALUE bits) GROUP BY 1
       ), fitted AS (
           SELECT CASE comparison WHEN 'card_range' THEN 'payment' WHEN 'prefix' THEN 'ip'
               ELSE coalesce(k.kind, 'identifier') END || '_bits' AS kind,
                  sum(bits) / (SELECT count(DISTINCT account_id) FROM fits) AS bits
           FROM fits LEFT JOIN kinds k USING (comparison) WHERE comparison <> 'prior' GROUP BY 1
       ), are AS (
           SELECT kind, coalesce(e.links, 0) AS told_links, coalesce(e.bits, 0) AS told_bits,
                  coalesce(l.links, 0) AS links,
                  coalesce(CASE WHEN {mostly_fits} THEN f.bits ELSE l.bits END, 0) AS bits
           FROM (SELECT * REPLACE (kind || '_bits' AS kind) FROM evidence) e
           FULL JOIN linked l USING (kind) FULL JOIN fitted f USING (kind)
       )
       SELECT 'cluster.json says of ' || replace(kind, '_bits', '') || ': ' || told_links
           || ' links, ' || told_bits || ' bits in the mean; the tables give ' || links || ' and '
           || round(bits, 3)
       FROM are WHERE links <> told_links OR abs(bits - told_bits) > {bits}""",
    """SELECT DISTINCT s.file || ' (' || s."table" || ', ' || left(s.sha256, 8)
           || ') in sources.csv is none of the files that provenance.json lists'
       FROM sources s ANTI JOIN files f USING ("table", file, sha256)""",
    """SELECT 'source ' || source || ' is row ' || "row" || ' of ' || s.file || ', which has '
           || f.rows
       FROM sources s JOIN files f USING ("table", file, sha256)
       WHERE NOT coalesce("row" BETWEEN 1 AND f.rows, false)""",
    """SELECT 'row ' || "row" || ' of ' || file || ' is of ' || count(DISTINCT account_id)
           || ' accounts, with ' || count(DISTINCT row_sha256) || ' digests, in sources.csv'
       FROM sources GROUP BY "table", file, sha256, "row"
       HAVING count(DISTINCT account_id) > 1 OR count(DISTINCT row_sha256) <> 1""",
    """SELECT key || ': ' || coalesce(s.links, 0) || ' links with ' || coalesce(s.bits, 0)
           || ' bits rest on it by shared.csv, ' || coalesce(w.links, 0) || ' with '
           || coalesce(w.bits, 0) || ' by why.jsonl'
       FROM shared s FULL JOIN (
           SELECT key, count(*) AS links, sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits
           FROM why WHERE key IS NOT NULL AND bits > 0 GROUP BY key) w USING (key)
       WHERE NOT coalesce(s.links = coalesce(w.links, 0)
           AND abs(s.bits - coalesce(w.bits, 0)) < 0.0005, false)""",
    """SELECT key || ': ' || coalesce(s.fits, 0) || ' members fit by it with '
           || coalesce(s.fit_bits, 0) || ' bits by shared.csv, ' || coalesce(f.fits, 0) || ' with '
           || coalesce(f.bits, 0) || ' by fits.csv'
       FROM shared s FULL JOIN (
           SELECT key, count(*) AS fits, sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits
           FROM fits WHERE key IS NOT NULL GROUP BY key) f USING (key)
       WHERE NOT coalesce(s.fits = coalesce(f.fits, 0)
           AND abs(s.fit_bits - coalesce(f.bits, 0)) < 0.0005, false)""",
    """SELECT account_id || ' has ' || event || ' at ' || "at" || ' in ' || min(place)
           || ', and not in the other of accounts.csv and timeline.csv'
       FROM (SELECT account_id, 'signup' AS event, created_at AS "at", 'accounts.csv' AS place
             FROM members WHERE created_at IS NOT NULL
             UNION ALL SELECT account_id, status, status_at, 'accounts.csv'
             FROM members WHERE status_at IS NOT NULL
             UNION ALL SELECT account_id, event, "at", 'timeline.csv'
             FROM timeline WHERE event <> 'used')
       GROUP BY account_id, event, "at"
       HAVING count(*) <> 2 OR count(DISTINCT place) <> 2""",
    """SELECT account_id || ' used ' || key || ' from ' || coalesce(t."at", 'no time') || ' to '
           || coalesce(t.until, 'no time') || ' by timeline.csv, from '
           || coalesce(s.first, 'no time') || ' to ' || coalesce(s.last, 'no time')
           || ' by sources.csv'
       FROM (SELECT account_id, key, "at", until FROM timeline WHERE event = 'used') t
       FULL JOIN (
           SELECT account_id, key, min(first_seen) AS first, max(last_seen) AS last
           FROM sources SEMI JOIN shared USING (key) SEMI JOIN members USING (account_id)
           WHERE "table" <> 'signups' AND first_seen IS NOT NULL
             AND NOT starts_with(key, 'prefix:') AND NOT starts_with(key, 'bin:')
           GROUP BY ALL
       ) s USING (account_id, key)
       WHERE t."at" IS DISTINCT FROM s.first OR t.until IS DISTINCT FROM s.last""",
)


def told_by(summary: dict[str, Any], origin: dict[str, Any]) -> dict[str, pa.Table]:
    """Return what the statements tell as tables: `files`, `evidence`, `kinds` and `told`.

    Raises:
        KeyError, TypeError: they are something else.
        ValueError: a value is of another type (pyarrow's errors are among these).
    """
    kinds = {row["comparison"]: row["kind"] for row in summary["method"]["weights"]}
    counts = {n: v for n, v in summary.items() if isinstance(v, int) and not isinstance(v, bool)}
    files = pa.Table.from_pylist(origin["sources"], FILES)
    place = FILES.get_field_index("file")
    return {
        "files": files.set_column(place, "file", csv_texts(files["file"])),  # as CSV spells them
        "evidence": pa.Table.from_pylist(summary["evidence"], EVIDENCE),
        "kinds": pa.table(
            {
                "comparison": csv_texts(pa.array(kinds, _TEXT)),
                "kind": pa.array(kinds.values(), _TEXT),
            }
        ),
        "told": pa.table(
            {"name": pa.array(counts, _TEXT), "value": pa.array(counts.values(), _WHOLE)}
        ),
    }


def check_statements(summary: dict[str, Any], origin: dict[str, Any]) -> list[str]:
    """Return on what `cluster.json` and `provenance.json` disagree.

    Raises:
        KeyError, TypeError: they are something else.
    """
    names = ("table", "file", "sha256", "rows", "stored", "quarantined")
    files = [{name: file[name] for name in names} for file in origin["sources"]]
    alike = {
        "settings": summary["settings"] == origin["settings"],
        "source files": summary["data"]["sources"] == files,
    }
    return [
        f"cluster.json and provenance.json have other {what}"
        for what, same in alike.items()
        if not same
    ]
