"""Everything that a bundle says of one cluster, read once; every file is built from it alone.

That is also where redaction has its place: it turns one `Evidence` into another.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.database import connect
from forensics.case.labels import read_labels
from forensics.case.rows import row_digests, source_rows, uses_of
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.errors import UsageError, nearest


@dataclass(frozen=True)
class Evidence:
    """One cluster of one run.

    Attributes:
        cluster: its row of `clusters`.
        info: the run's `run.json`.
        settings: all settings, by section.
        files: the loaded source files: table, file, sha256, rows, stored, quarantined.
        members: `members` with their columns of `accounts`, by account_id.
        links: the links between members, by account_a and account_b.
        reasons: the reasons of these links, by account_a, account_b, kind, comparison and key.
        shared: the values behind the reasons, or that two members use: columns of `identifiers`,
            `members` (how many use it), `links` and `bits` (sum over the links that rest on it).
        uses: the members' uses of these values.
        sources: the stored rows behind the reasons: `ROWS` of forensics.case.rows, `source` (a
            number from 1) and `row_sha256`. The rows of one account, comparison and key adjoin.
        evidence, signals, explanations, lineage: the run's rows of this cluster.
        weights: the run's m and u.
        neighbours: other clusters that members are linked with: cluster_id, members, links, bits.
        labels: what people decided on the cluster and its members: subject (an id), verdict,
            operator, reason, by, at (text).
        activity: the members' prompts by the hour: at, prompts.
        events: what happened in the period: name, at, kind.
        profile: what was taken out or replaced: "internal" (nothing), "partner" or "public".
        share_key: the name of the key that values were replaced under, None without one.
    """

    cluster: dict[str, Any]
    info: dict[str, Any]
    settings: dict[str, Any]
    files: list[dict[str, Any]]
    members: pa.Table
    links: pa.Table
    reasons: pa.Table
    shared: pa.Table
    uses: pa.Table
    sources: pa.Table
    evidence: pa.Table
    signals: pa.Table
    explanations: pa.Table
    lineage: pa.Table
    weights: pa.Table
    neighbours: pa.Table
    labels: pa.Table
    activity: pa.Table
    events: pa.Table
    profile: str = "internal"
    share_key: str | None = None

    @property
    def cluster_id(self) -> str:
        """The cluster's id."""
        return str(self.cluster["cluster_id"])


#: Read from the run alone, in this order.
_OF_RUN = {
    "members": """
        SELECT m.* EXCLUDE (cluster_id), a.* EXCLUDE (account_id)
        FROM run_members m JOIN run_accounts a USING (account_id)
        WHERE m.cluster_id = $id ORDER BY account_id""",
    "links": """
        SELECT * EXCLUDE (cluster_id) FROM run_links
        WHERE cluster_id = $id ORDER BY account_a, account_b""",
    "reasons": """
        SELECT r.* FROM run_reasons r SEMI JOIN links USING (account_a, account_b)
        ORDER BY account_a, account_b, kind, comparison, key NULLS FIRST, level""",
    "held": """
        SELECT u.* FROM run_uses u SEMI JOIN members USING (account_id)""",
    "shared": """
        WITH behind AS (
            SELECT key, first(kind ORDER BY kind) AS sort, count(*) AS links,
                   sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits,
                   max(accounts) AS accounts, max(operators) AS operators
            FROM reasons WHERE key IS NOT NULL AND bits > 0 GROUP BY key
        ), used AS (SELECT key, count(DISTINCT account_id) AS members FROM held GROUP BY key),
        linked AS (
            SELECT key, count(DISTINCT account_id) AS members FROM (
                SELECT key, account_a AS account_id FROM reasons WHERE bits > 0
                UNION ALL SELECT key, account_b FROM reasons WHERE bits > 0) GROUP BY key
        )
        SELECT key, coalesce(i.class, CASE sort WHEN 'ip' THEN 'IpAddress'
                   WHEN 'payment' THEN 'PaymentInstrument' ELSE 'Identifier' END) AS class,
               coalesce(i.kind, split_part(key, ':', 1)) AS kind,
               coalesce(i.value, substr(key, strpos(key, ':') + 1)) AS value,
               coalesce(i.accounts, b.accounts)::BIGINT AS accounts,
               coalesce(i.operators, b.operators) AS operators,
               i.* EXCLUDE (key, class, kind, value, accounts, operators),
               coalesce(u.members, l.members)::BIGINT AS members,
               coalesce(b.links, 0)::BIGINT AS links, coalesce(b.bits, 0) AS bits
        FROM behind b FULL JOIN used u USING (key) LEFT JOIN linked l USING (key)
             LEFT JOIN run_identifiers i USING (key)
        WHERE b.key IS NOT NULL OR u.members > 1 ORDER BY key""",
    "uses": """
        SELECT u.* FROM held u SEMI JOIN shared USING (key) ORDER BY account_id, key, role""",
    "neighbours": """
        WITH crossing AS (
            SELECT CASE WHEN a.account_id IS NULL THEN account_a ELSE account_b END AS other,
                   coalesce(a.account_id, b.account_id) AS member, match_weight
            FROM run_links LEFT JOIN members a ON a.account_id = account_a
                           LEFT JOIN members b ON b.account_id = account_b
            WHERE (a.account_id IS NULL) <> (b.account_id IS NULL)
        )
        SELECT m.cluster_id, count(DISTINCT member) AS members, count(*) AS links,
               max(match_weight) AS bits
        FROM crossing LEFT JOIN run_members m ON m.account_id = other
        GROUP BY m.cluster_id ORDER BY links DESC, m.cluster_id NULLS LAST""",
}

#: Read from the stored tables as well.
_OF_CASE = {
    "labels": """
        SELECT account_id AS subject, verdict, operator, reason, "by",
               strftime("at", '%Y-%m-%dT%H:%M:%SZ') AS "at"
        FROM labels SEMI JOIN members USING (account_id)
        UNION ALL FROM said
        ORDER BY subject, "at" NULLS FIRST, verdict, "by" NULLS FIRST, reason NULLS FIRST""",
    "activity": """
        SELECT date_trunc('hour', "at") AS "at", count(*) AS prompts
        FROM prompts SEMI JOIN members USING (account_id) GROUP BY 1 ORDER BY 1""",
    "events": 'SELECT name, "at", kind FROM events ORDER BY "at", name, kind NULLS FIRST',
}


def load_network(run: Run, cluster_id: str) -> dict[str, pa.Table]:
    """Read `members`, `links`, `reasons`, `uses`, `shared` and `neighbours` of one cluster.

    Raises:
        UsageError: the run has no such cluster; the message names the nearest.
    """
    return _network(duckdb.connect(), run, cluster_id)


def load_evidence(case: Case, run: Run, cluster_id: str) -> Evidence:
    """Read what the case knows of one cluster.

    Raises:
        UsageError: the run has no such cluster; the message names the nearest.
    """
    cluster = _cluster(run, cluster_id)
    database = connect(case)
    network = _network(database, run, cluster_id)
    database.register("said", _said(case, cluster_id, network["members"]["account_id"]))
    return Evidence(
        cluster=cluster,
        info=run.info,
        settings=dataclasses.asdict(case.settings),
        files=[dataclasses.asdict(s) for s in case.manifest.sources],
        sources=_sources(case, run, network["reasons"]),
        weights=run.read("weights"),
        **network,
        **{name: _of_cluster(run, name, cluster_id) for name in _BY_CLUSTER},
        **{name: database.sql(query).to_arrow_table() for name, query in _OF_CASE.items()},
    )


_BY_CLUSTER = ("evidence", "signals", "explanations", "lineage")


def _network(database: duckdb.DuckDBPyConnection, run: Run, cluster_id: str) -> dict[str, pa.Table]:
    for name in SCHEMAS:
        database.read_parquet(str(run.folder / f"{name}.parquet")).create_view(f"run_{name}")
    tables: dict[str, pa.Table] = {}
    for name, query in _OF_RUN.items():
        given = {"id": cluster_id} if "$id" in query else None
        tables[name] = database.sql(query, params=given).to_arrow_table()
        database.register(name, tables[name])
    del tables["held"]
    if not tables["members"].num_rows:
        _cluster(run, cluster_id)
    return tables


def _cluster(run: Run, cluster_id: str) -> dict[str, Any]:
    clusters = run.read("clusters")
    found = clusters.filter(pc.equal(clusters["cluster_id"], cluster_id)).to_pylist()
    if not found:
        known = clusters["cluster_id"].to_pylist()
        raise UsageError(
            f"run {run.run_id} has no cluster '{cluster_id}'{nearest(cluster_id, known)}"
        )
    row: dict[str, Any] = found[0]
    return row


def _of_cluster(run: Run, name: str, cluster_id: str) -> pa.Table:
    table = run.read(name)
    mine = table.filter(pc.equal(table["cluster_id"], cluster_id)).drop_columns("cluster_id")
    return mine.sort_by([(mine.column_names[0], "ascending")])


def _said(case: Case, cluster_id: str, members: pa.ChunkedArray) -> pa.Table:
    """What people said in this case, of the cluster or of its members."""
    about = {cluster_id, *members.to_pylist()}
    columns = ("subject", "verdict", "operator", "reason", "by", "at")
    rows = [[getattr(x, c) for c in columns] for x in read_labels(case) if x.subject in about]
    schema = pa.schema([(column, pa.string()) for column in columns])
    return pa.table(
        [pa.array(c) for c in zip(*rows, strict=True)] if rows else [[]] * 6, schema=schema
    )


def _sources(case: Case, run: Run, reasons: pa.Table) -> pa.Table:
    rows = source_rows(case, run, uses_of(reasons))
    numbers = pa.array(np.arange(1, rows.num_rows + 1))
    digests = row_digests(case, rows)
    return rows.append_column("row_sha256", digests).add_column(0, "source", numbers)
