"""`why.jsonl`: one line of canonical JSON per link and reason, down to the source rows.

    {"account_a":…,"account_b":…,"accounts":4,"adjustment":-1,"bits":12.966,"comparison":…,
     "key":…,"kind":…,"level":…,"m":0.8,"operators":2,"prior":-10,"probability":…,
     "sources_a":[5,7],"sources_b":[12,12],"total":…,"u":0.00005}

`bits` = log2(m / u) + adjustment; `prior` plus the bits of all of a link's lines is its `total`.
`sources_a` and `sources_b` are the first and last `source` of the rows in sources.csv that show
the value (or, without a key, the whole comparison) for either account; null where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle import canonical
from forensics.bundle.evidence import Evidence

ROWS_AT_ONCE = 100_000

_RANGES = """
SELECT account_id, comparison, key, min(source) AS first, max(source) AS last
FROM sources GROUP BY ALL
"""
_WHY = """
SELECT r.*, l.prior_bits AS prior, l.match_weight AS total, l.match_probability AS probability,
       a.first AS first_a, a.last AS last_a, b.first AS first_b, b.last AS last_b
FROM some_reasons r JOIN links l USING (account_a, account_b)
LEFT JOIN ranges a ON a.account_id = account_a AND a.comparison = r.comparison
                  AND a.key IS NOT DISTINCT FROM r.key
LEFT JOIN ranges b ON b.account_id = account_b AND b.comparison = r.comparison
                  AND b.key IS NOT DISTINCT FROM r.key
ORDER BY account_a, account_b, kind, comparison, r.key NULLS FIRST, level
"""


def why_of(evidence: Evidence) -> Iterator[pa.Table]:
    """Give the reasons with their link's `prior`, `total`, `probability` and source ranges.

    The ranges are `first_a`, `last_a`, `first_b`, `last_b`; order as in `Evidence.reasons`, some
    thousand rows at a time.
    """
    database = _database()
    database.register("links", evidence.links)
    database.register("sources", evidence.sources)
    ranges = database.sql(_RANGES).to_arrow_table()
    for start in range(0, evidence.reasons.num_rows, ROWS_AT_ONCE):
        database.register("links", evidence.links)
        database.register("ranges", ranges)
        database.register("some_reasons", evidence.reasons.slice(start, ROWS_AT_ONCE))
        yield database.sql(_WHY).to_arrow_table()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One connection for all bundles; opening one takes longer than a small bundle's join."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    return database


def why_jsonl(evidence: Evidence) -> Iterator[bytes]:
    """Write the lines, some thousand at a time."""
    for part in why_of(evidence):
        plain = [n for n in part.column_names if not n.startswith(("first_", "last_"))]
        texts: list[pa.Array | str] = []
        for name in sorted([*plain, "sources_a", "sources_b"]):
            ranged = name.startswith("sources_")
            value = _range(part, name[-1]) if ranged else canonical.column(part[name])
            texts += [f'{"," if texts else "{"}"{name}":', value]
        lines = pc.binary_join_element_wise(*texts, "}\n", "")
        yield "".join(lines.to_pylist()).encode()


def _range(rows: pa.Table, side: str) -> pa.Array:
    first, last = (canonical.column(rows[f"{end}_{side}"]) for end in ("first", "last"))
    pairs = pc.binary_join_element_wise("[", first, ",", last, "]", "")
    return pc.if_else(pc.equal(first, "null"), "null", pairs)
