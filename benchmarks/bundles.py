"""Seconds and peak memory of bundles: 24,000 accounts with 500,000 links or none, 1,000 small ones.

    python -m benchmarks.bundles --out results

The evidence is made up, in the shape that a run has: every link has seven reasons, every account
15 prompts, 10 uses of addresses, two devices and a card; without links all fit by a range of cards
and a template.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import duckdb
import pyarrow as pa

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import peak_memory_mb
from forensics.bundle.many import create_bundles
from forensics.bundle.verify import verify_bundle
from forensics.case.files import canonical_json, write_parquet
from forensics.case.manifest import Manifest, Part, Source
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.case.tables import TABLES

SHA = {name: f"{number:064x}" for number, name in enumerate(TABLES)}

_STORED = {
    "signups": "SELECT *, created AS created_at, 'active' AS status, email AS email_raw FROM a",
    "payments": """SELECT account_id, card AS instrument_id, 'card' AS kind, '411111' AS bin,
        created AS first_seen, created AS last_seen, 1 AS count FROM a""",
    "ips": """SELECT account_id, created AS first_seen, created AS last_seen, 5 AS requests,
        '10.' || (i // 40 + n) % 250 || '.' || (i // 10000) || '.' || n AS ip
        FROM a, range(10) t(n)""",
    "devices": """SELECT account_id, 'dev-' || i || '-' || n AS device_id, created AS first_seen,
        created AS last_seen, 1 AS count FROM a, range(2) t(n)""",
    "prompts": """SELECT 'p-' || (i * 15 + n) AS prompt_id, account_id,
        created + to_hours(n * 20) AS "at", 'm' AS model FROM a, range(15) t(n)""",
}

_REASONS = """
    SELECT account_a, account_b, * EXCLUDE (account_a, account_b, i, j, c) FROM l, (VALUES
        ('payment', 'instrument', 'same instrument', 0.8, 5e-5, 0.0),
        ('ip', 'address', 'same address', 0.6, 0.001, 0.0),
        ('device', 'device', 'different', 0.5, 0.9, 0.0),
        ('prompt', 'template', 'one template shared', 0.5, 0.002, 0.0),
        ('identifier', 'email', 'different', 0.8, 1.0, 0.0),
        ('timing', 'signup_gap', 'within a day', 0.2, 0.05, 0.0),
        ('timing', 'synchrony', 'as by chance', 0.95, 0.99, 0.0)
    ) r(kind, comparison, level, m, u, adjustment)"""


def make_case(root: Path, clusters: int, size: int, reach: int) -> tuple[Case, Run]:
    """Make a case of equal clusters, each account linked with the next `reach` of its cluster."""
    database = duckdb.connect()
    database.execute(f"""
        CREATE TABLE a AS SELECT i, i // {
        size
    } AS c, 'acc-' || lpad(i::VARCHAR, 7, '0') AS account_id,
            TIMESTAMPTZ '2026-01-01' + to_minutes(i % 40000) AS created,
            'u' || i || '@mail.example' AS email, 'card-' || (i // 20) AS card
        FROM range({clusters * size}) t(i);
        CREATE TABLE l AS SELECT x.i, y.i AS j, x.c, x.account_id AS account_a,
            y.account_id AS account_b
        FROM a x JOIN a y ON y.i > x.i AND y.i <= x.i + {reach} AND y.c = x.c;
        CREATE TABLE r AS SELECT * REPLACE (round(log2(m / u), 3) AS bits, CASE comparison
                WHEN 'instrument' THEN 'payment:card-' || (i // 20)
                WHEN 'address' THEN 'ip:10.' || (i // 40) % 250 || '.' || (i // 10000) || '.0'
                WHEN 'template' THEN 'template:t-' || c || '-' || i % 7 END AS key,
                50 AS accounts, 1.0 AS operators) FROM (
            SELECT *, 0.0 AS bits, '' AS key, 0 AS accounts, 0.0 AS operators FROM ({
        _REASONS.replace("i, j, c)", "j)")
    }));
    """)
    case = Case.create(root)
    with case.writing("make") as writer:
        parts = {name: _store(database, case, name, query) for name, query in _STORED.items()}
        sources = tuple(
            Source(name, f"{name}.csv", SHA[name], part.rows, part.rows, 0)
            for name, part in parts.items()
        )
        writer.publish_tables(
            Manifest(tables={n: (p,) for n, p in parts.items()}, sources=sources, dimension=8)
        )
    with case.writing("make") as writer:
        folder = writer.run_folder("r-made")
        for name, schema in SCHEMAS.items():
            table = _run_table(database, name)
            write_parquet(_fitted(table, schema), folder / f"{name}.parquet")
        (folder / "run.json").write_bytes(canonical_json(_info(clusters * size)))
        writer.publish_run("r-made")
    return case, Run.current(case)


def _store(database: duckdb.DuckDBPyConnection, case: Case, name: str, query: str) -> Part:
    source = f"'{SHA[name]}' AS source_sha256, row_number() OVER () AS source_row"
    table = database.sql(f"SELECT *, {source} FROM ({query})").to_arrow_table()
    fitted = _fitted(table, TABLES[name].schema(8))
    write_parquet(fitted, case.root / "tables" / f"{name}-1.parquet")
    return Part(f"{name}-1.parquet", fitted.num_rows)


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[f.name].cast(f.type)
        if f.name in table.column_names
        else pa.nulls(table.num_rows, f.type)
        for f in schema
    ]
    return pa.table(columns, schema=schema)


def _run_table(database: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    cluster = "'C-' || lpad(c::VARCHAR, 5, '0')"
    queries = {
        "accounts": "SELECT *, true AS has_signup, created AS created_at, 'active' AS status, "
        "created AS first_seen, created + to_days(13) AS last_seen FROM a ORDER BY account_id",
        "members": f"""SELECT {cluster} AS cluster_id, account_id, 1.0 AS membership,
            false AS bridge FROM a ORDER BY ALL""",
        "clusters": f"""SELECT {cluster} AS cluster_id, count(*) AS accounts, count(*) AS active,
            0.99 AS coordination, 0.9 AS abuse, 'abusive' AS verdict, 0.01 AS q_value,
            0.9 AS stability, 0 AS suspended, 0 AS bridges, c + 1 AS rank,
            (SELECT count(*) FROM l WHERE l.c = a.c) AS links,
            if(c IN (SELECT c FROM l), 0, count(*)) AS fitting FROM a GROUP BY c ORDER BY c""",
        "fits": f"""SELECT {cluster} AS cluster_id, account_id, comparison, key,
            members - 1 AS members, users - 1 AS users, if(users IS NULL, NULL, 0) AS others,
            round(CASE comparison
                WHEN 'prior' THEN log2((members - 1) / accounts) WHEN 'device' THEN -0.6
                ELSE log2((users - 1) / members / (0.5 / accounts)) END, 3) AS bits
            FROM (SELECT *, count(*) OVER () AS accounts, count(*) OVER (PARTITION BY c) AS members,
                         count(*) OVER (PARTITION BY c, i % 7) AS send FROM a),
                 LATERAL (VALUES ('prior', NULL, NULL), ('device', NULL, NULL),
                                 ('card_range', 'bin:411111', members),
                                 ('template', 'template:t-' || c || '-' || i % 7, send)
                 ) f(comparison, key, users)
            WHERE c NOT IN (SELECT c FROM l) ORDER BY cluster_id, account_id, bits""",
        "links": f"""SELECT account_a, account_b, -10.0 AS prior_bits, s.*, {cluster} AS cluster_id,
            round(-10.0 + payment_bits + ip_bits + device_bits + prompt_bits + identifier_bits
                  + timing_bits, 3) AS match_weight,
            1 / (1 + pow(2, -match_weight)) AS match_probability, 3 AS evidence_kinds
            FROM l, (SELECT {
            ", ".join(
                f"round(sum(bits) FILTER (kind = '{k}'), 3) AS {k}_bits"
                for k in ("payment", "ip", "device", "prompt", "identifier", "timing")
            )
        } FROM (SELECT DISTINCT kind, comparison, bits FROM r)) s ORDER BY account_a, account_b""",
        "reasons": "SELECT * FROM r ORDER BY account_a, account_b, kind, comparison",
        "weights": "SELECT DISTINCT kind, comparison, level, m, u, m AS default_m, u AS default_u, "
        "1.0 AS pairs FROM r ORDER BY ALL",
        "uses": """SELECT account_id, 'payment:' || card AS key, 'use' AS role, 1 AS uses,
                created AS first_seen, created AS last_seen FROM a
            UNION ALL SELECT account_id, 'template:t-' || c || '-' || i % 7, 'use', 15, created,
                created FROM a ORDER BY ALL""",
        "identifiers": """SELECT key, CASE WHEN key LIKE 'payment%' THEN 'PaymentInstrument'
                WHEN key LIKE 'ip%' THEN 'IpAddress' ELSE 'PromptTemplate' END AS class,
                split_part(key, ':', 1) AS kind, split_part(key, ':', 2) AS value, 50 AS accounts,
                1.0 AS operators FROM (SELECT DISTINCT key FROM r WHERE key IS NOT NULL)
            ORDER BY key""",
        "assignments": f"""SELECT account_id, 'template:t-' || c || '-' || i % 7 AS key,
            '{SHA["prompts"]}' AS source_sha256, i * 15 + n + 1 AS source_row
            FROM a, range(15) t(n) ORDER BY ALL""",
        "evidence": f"""SELECT DISTINCT {cluster} AS cluster_id, kind, bits, 1 AS links,
            0.9 AS coordination_without FROM r WHERE comparison <> 'synchrony' ORDER BY ALL""",
    }
    query = queries.get(name)
    return database.sql(query).to_arrow_table() if query else SCHEMAS[name].empty_table()


def _info(accounts: int) -> dict[str, Any]:
    return {
        "run_id": "r-made", "version": "0", "settings_digest": "0", "previous_run": None,
        "period": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"], "tables": {},
        "counts": {"accounts": accounts, "findings": 1}, "coverage": {}, "missing": [],
        "chance": {"expected_findings": 0.1, "shuffles": 10}, "prior": {"bits": -10.0},
        "seed": 1, "notes": [],
    }  # fmt: skip


def time_bundles(root: Path, clusters: int, size: int) -> dict[str, Any]:
    """Make, then verify, all bundles of a case that `make_case` made."""
    case = Case.open(root)
    run = Run.current(case)
    ids = run.read("clusters", ["cluster_id"])["cluster_id"].to_pylist()
    started = time.perf_counter()
    made = [placed.path for placed in create_bundles(case, run, ids, root.parent / "out")]
    created = time.perf_counter() - started
    peak = peak_memory_mb()
    bad = [path for path in made[:50] if not verify_bundle(path).intact]
    verified = time.perf_counter() - started - created
    data = sum(path.stat().st_size for path in made[0].rglob("*") if path.is_file())
    links = run.read("links", ["account_a"]).num_rows
    return {
        "bundles": clusters, "accounts": clusters * size, "links": links, "seconds": created,
        "verify_seconds": verified, "verified": min(50, clusters), "peak_mb": peak,
        "mb": data / 1e6, "bad": len(bad),
    }  # fmt: skip


def _made(root: Path, clusters: int, size: int, reach: int) -> None:
    make_case(root, clusters, size, reach)


def _apart(work: Callable[..., Any], *given: Any) -> Any:
    """Run in a process of its own, so that its peak of memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


@click.command(help=__doc__)
@click.option("--large", default=24_000, show_default=True, help="Accounts of the large bundle.")
@click.option("--small", default=1_000, show_default=True, help="How many small bundles.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(large: int, small: int, out: Path, docs: Path | None) -> None:
    results = []
    for clusters, size, reach in ((1, large, 21), (1, large, 0), (small, 12, 6)):
        scratch = Path(tempfile.mkdtemp())
        try:
            _apart(_made, scratch / "case", clusters, size, reach)
            results.append(_apart(time_bundles, scratch / "case", clusters, size))
        finally:
            shutil.rmtree(scratch)
    out.mkdir(parents=True, exist_ok=True)
    (out / "bundles.json").write_text(json.dumps(results, indent=1))
    head = [
        "bundles",
        "accounts",
        "links",
        "seconds",
        "peak memory, MB",
        "verify, s a bundle",
        "MB each",
    ]
    rows = [
        [
            f"{r['bundles']:,}", f"{r['accounts']:,}", f"{r['links']:,}", f"{r['seconds']:.1f}",
            f"{r['peak_mb']:,.0f}", f"{r['verify_seconds'] / r['verified']:.2f}", f"{r['mb']:.1f}",
        ]
        for r in results
    ]  # fmt: skip
    table = f"{os.cpu_count()} cores.\n\n{markdown(rows, head)}"
    print(table)
    if docs:
        put_section(docs, "Bundles", f"`python -m benchmarks.bundles --out results`\n\n{table}")


if __name__ == "__main__":
    main()
