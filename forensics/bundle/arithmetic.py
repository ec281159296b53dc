"""Whether a bundle's numbers follow from each other: every link's bits, sums, counts and rows.

Nothing but the bundle is needed. For each line of why.jsonl, bits = log2(m / u) + adjustment; the
bits of a kind add up to their column in links.csv; these and the prior to the match weight; and
from that follows the match probability, 1 / (1 + 2 ** -weight). No mark in fits.csv adds more than
its counts give, as many members have it as sources.csv has rows of, and the scores are what
`scores` works out.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa

from forensics.bundle.agree import CHECKS, HELD, check_statements, told_by
from forensics.bundle.container import Container
from forensics.bundle.decided import check_verdict
from forensics.bundle.read_tables import read_tables
from forensics.bundle.scores import check_scores
from forensics.case.run import KINDS
from forensics.score.words import mostly_fits

#: Bits are rounded to thousandths, their parts too: so much may be between them.
TOLERANCE_BITS = 0.002
TOLERANCE_PROBABILITY = 1e-6
#: Problems of one sort that are named one by one.
MAX_NAMED = 3
_STATEMENTS = ("cluster", "alternatives", "provenance")

#: Rows that should not be: a sentence about each, most important first.
_CHECKS = (
    """SELECT 'the bits of ' || account_a || ' and ' || account_b || ' (' || comparison || ') are '
           || bits || ', but log2(m / u) + adjustment is ' || round(log2(m / u) + adjustment, 3)
       FROM why WHERE NOT coalesce(abs(bits - log2(m / u) - adjustment) <= {bits}, false)""",
    """SELECT 'the adjustment of ' || account_a || ' and ' || account_b || ' (' || comparison
           || ') adds evidence; it may only take some away'
       FROM why WHERE abs(bits) > abs(log2(m / u)) + {bits} OR bits * log2(m / u) < -{bits}""",
    """SELECT 'm of ' || comparison || ', ' || level || ' is ' || why.m
           || ' in why.jsonl, not what cluster.json says' FROM why
       LEFT JOIN weights USING (comparison, level)
       WHERE NOT coalesce(abs(why.m - weights.m) <= 1e-9, false)
       GROUP BY ALL""",
    """SELECT account_a || ' and ' || account_b || ': ' || kind || ' adds up to '
           || coalesce(s.bits, 0) || ' bits in why.jsonl, links.csv says '
           || coalesce(l.bits::VARCHAR, 'nothing')
       FROM (UNPIVOT links ON {kinds} INTO NAME kind VALUE bits) l
       FULL JOIN (SELECT account_a, account_b, kind || '_bits' AS kind,
                         sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits
                  FROM why GROUP BY ALL) s USING (account_a, account_b, kind)
       WHERE NOT coalesce(abs(coalesce(s.bits, 0) - l.bits) < 0.0005, false)""",
    """SELECT account_a || ' and ' || account_b || ': prior and kinds add up to '
           || round(prior_bits + {sum}, 3) || ' bits, the match weight is ' || match_weight
       FROM links WHERE NOT coalesce(abs(prior_bits + {sum} - match_weight) < 0.0005, false)""",
    """SELECT account_a || ' and ' || account_b || ': ' || match_weight
           || ' bits give another match probability than ' || match_probability
       FROM links
       WHERE NOT coalesce(
           abs(match_probability - 1 / (1 + pow(2, -match_weight))) <= {probability}, false)""",
    """SELECT account_a || ' and ' || account_b || ': prior, total or probability in why.jsonl '
           || 'are not those in links.csv'
       FROM why LEFT JOIN links USING (account_a, account_b)
       WHERE NOT coalesce(abs(prior - prior_bits) < 0.0005 AND abs(total - match_weight) < 0.0005
           AND abs(probability - match_probability) <= {probability}, false)""",
    """SELECT l.account_a || ' and ' || l.account_b || ' are linked, but not both are members'
       FROM links l LEFT JOIN members a ON a.account_id = account_a
                    LEFT JOIN members b ON b.account_id = account_b
       WHERE a.account_id IS NULL OR b.account_id IS NULL""",
    """SELECT account || ' (' || w.comparison || coalesce(', ' || w.key, '')
           || '): the source rows named in why.jsonl are not its own in sources.csv'
       FROM (SELECT account_a AS account, comparison, key, sources_a AS place FROM why
             UNION SELECT account_b, comparison, key, sources_b FROM why) w
       LEFT JOIN sources f ON f.source = place[1] LEFT JOIN sources l ON l.source = place[2]
       WHERE place IS NULL
          OR NOT coalesce(len(place) = 2 AND place[1] <= place[2] AND f.account_id = account
              AND l.account_id = account AND f.comparison = w.comparison
              AND l.comparison = w.comparison AND f.key IS NOT DISTINCT FROM w.key
              AND l.key IS NOT DISTINCT FROM w.key, false)""",
    """SELECT DISTINCT w.key || ' is used by ' || w.accounts || ' accounts by why.jsonl, by '
           || s.accounts || ' by shared.csv'
       FROM why w JOIN shared s USING (key) WHERE w.accounts <> s.accounts""",
    """SELECT key || ' has ' || members || ' members of ' || accounts || ' accounts'
       FROM shared WHERE members > accounts""",
    """SELECT key || ' has ' || members || ' members by shared.csv, rows of ' || n
           || ' by sources.csv'
       FROM (SELECT key, members, coalesce(n, 0) AS n FROM shared LEFT JOIN (
                 SELECT key, count(DISTINCT account_id) AS n
                 FROM sources SEMI JOIN members USING (account_id) GROUP BY key) USING (key))
       WHERE n IS DISTINCT FROM members""",
    """SELECT f.account_id || ' fits by ' || f.comparison || ' with ' || bits || ' bits, more than '
           || users || ' of ' || members || ' members and ' || others || ' others give'
       FROM fits f WHERE key IS NOT NULL AND NOT coalesce(
           bits <= log2(users / (members + 1) / ((others + 0.5) / {accounts})) + {bits}, false)""",
    """SELECT f.account_id || ' fits by ' || f.comparison || ', but the prior is ' || bits
           || ' bits with ' || members || ' members'
       FROM fits f WHERE comparison = 'prior'
           AND NOT coalesce(abs(bits - log2(members / {accounts})) <= {bits}, false)""",
    """SELECT f.account_id || ' fits by ' || f.comparison || ' with ' || bits || ' bits, but that '
           || users || ' of ' || members || ' members have as few in common gives another number'
       FROM (SELECT *, least((1 + users) / (1 + members), exp(-1)) AS p FROM fits) f
       WHERE key IS NULL AND users IS NOT NULL
           AND NOT coalesce(abs(bits - log2(-exp(1) * p * ln(p))) <= {bits}, false)""",
    """SELECT f.account_id || ' fits, but is no member' FROM fits f
       LEFT JOIN members m USING (account_id) WHERE m.account_id IS NULL""",
    """SELECT f.account_id || ' fits by ' || f.comparison || coalesce(', ' || f.key, '')
           || ': the source rows named in fits.csv are not its own in sources.csv'
       FROM fits f LEFT JOIN sources a ON a.source = first_source
                   LEFT JOIN sources b ON b.source = last_source
       WHERE (f.key IS NOT NULL OR first_source IS NOT NULL OR last_source IS NOT NULL)
         AND NOT coalesce(first_source <= last_source
             AND a.account_id = f.account_id AND b.account_id = f.account_id
             AND a.comparison = f.comparison AND b.comparison = f.comparison
             AND a.key IS NOT DISTINCT FROM f.key AND b.key IS NOT DISTINCT FROM f.key, false)""",
    """SELECT f.account_id || ' fits by ' || f.comparison || ', ' || f.key || ', which ' || users
           || ' of ' || f.members || ' other members have by fits.csv, ' || coalesce(n, 0)
           || ' by sources.csv'
       FROM fits f LEFT JOIN (
           SELECT comparison, key, count(DISTINCT account_id) - 1 AS n
           FROM sources SEMI JOIN members USING (account_id) GROUP BY ALL
       ) USING (comparison, key)
       WHERE f.key IS NOT NULL AND users IS DISTINCT FROM coalesce(n, 0)""",
    """SELECT DISTINCT f.key || ' has ' || users + 1 + others || ' accounts by fits.csv, '
           || coalesce(s.accounts::VARCHAR, 'none') || ' by shared.csv'
       FROM fits f LEFT JOIN shared s USING (key)
       WHERE f.key IS NOT NULL AND users + 1 + others IS DISTINCT FROM s.accounts""",
)


def check_arithmetic(bag: Container) -> list[str]:
    """Return what does not add up, in plain words; nothing where all does.

    Raises:
        ValueError, OSError: a file that is needed can't be read as what it should be
            (pyarrow's errors are among these).
    """
    database = duckdb.connect()
    database.execute("SET enable_progress_bar = false")
    summary, alternatives, origin = (_statement(bag, name) for name in _STATEMENTS)
    tables = {**read_tables(bag, summary), **told_by(summary, origin["from"])}
    for name, table in tables.items():
        database.register(name, table)
    problems = check_verdict(summary, alternatives, origin["from"])
    problems += check_scores(summary)
    problems += _priors(summary, tables["links"])
    kinds = [f"{kind}_bits" for kind in KINDS]
    held = () if origin["from"]["forgotten"] else HELD
    for check in (*held, *CHECKS, *_CHECKS):
        query = check.format(
            bits=TOLERANCE_BITS,
            probability=TOLERANCE_PROBABILITY,
            accounts=summary["method"].get("fit", {}).get("accounts", 1),
            kinds=", ".join(kinds),
            mostly_fits=mostly_fits(summary),
            sum=" + ".join(kinds),
        )
        wrong = [text for (text,) in database.sql(f"{query} ORDER BY 1").fetchall()]
        problems += wrong[:MAX_NAMED]
        if len(wrong) > MAX_NAMED:
            problems.append(f"and {len(wrong) - MAX_NAMED:,} more like this")
    return problems + check_statements(summary, origin["from"])


def _statement(bag: Container, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bag.read(f"data/{name}.json", 1 << 30))
    return read


def _priors(summary: dict[str, Any], links: pa.Table) -> list[str]:
    prior = summary.get("method", {}).get("prior", {}).get("bits")
    priors = set(links["prior_bits"].to_pylist())
    if any(prior is None or abs(prior - other) > 0.0005 for other in priors):
        return [f"cluster.json gives a prior of {prior} bits, links.csv another"]
    return []
