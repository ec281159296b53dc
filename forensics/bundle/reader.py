"""Reads the evidence on clusters from a case and a run of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence
from forensics.case.database import view_run
from forensics.case.labels import Label, read_labels
from forensics.case.lent import lent_values
from forensics.case.rows import (
    digest_rows,
    find_rows,
    open_rows,
    uses_of,
    uses_of_fits,
    uses_of_shared,
)
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import UsageError, nearest

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
    "fits": """
        SELECT * EXCLUDE (cluster_id) FROM run_fits
        WHERE cluster_id = $id ORDER BY account_id, bits, comparison""",
    "held": """
        SELECT u.* FROM run_uses u SEMI JOIN members USING (account_id)""",
    "ranges": """  -- of the addresses and cards that members use, linked or not
        SELECT account_id, 'prefix:' || prefix AS key
        FROM held JOIN run_identifiers USING (key) WHERE prefix IS NOT NULL
        UNION
        SELECT account_id, 'bin:' || bin FROM cards SEMI JOIN members USING (account_id)
        WHERE bin IS NOT NULL""",
    "shared": """
        WITH behind AS (
            SELECT key, first(kind ORDER BY kind) AS sort, count(*) AS links,
                   sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits,
                   max(accounts) AS accounts, max(operators) AS operators
            FROM reasons WHERE key IS NOT NULL AND bits > 0 GROUP BY key
        ), used AS (SELECT key, count(DISTINCT account_id) AS members FROM held GROUP BY key),
        ranged AS (SELECT key, count(*) AS members FROM ranges GROUP BY key),
        fitted AS (
            SELECT key, first(comparison ORDER BY comparison) AS comparison, count(*) AS fits,
                   sum(round(1000 * bits)::BIGINT)::BIGINT / 1000 AS bits,
                   max(users) + 1 + max(others) AS accounts
            FROM fits WHERE key IS NOT NULL GROUP BY key
        )
        SELECT key, coalesce(i.class, CASE coalesce(sort, comparison)
                   WHEN 'ip' THEN 'IpAddress' WHEN 'prefix' THEN 'IpAddress'
                   WHEN 'payment' THEN 'PaymentInstrument'
                   WHEN 'card_range' THEN 'PaymentInstrument' ELSE 'Identifier' END) AS class,
               coalesce(i.kind, split_part(key, ':', 1)) AS kind,
               coalesce(i.value, substr(key, strpos(key, ':') + 1)) AS value,
               coalesce(i.accounts, b.accounts, f.accounts)::BIGINT AS accounts,
               coalesce(i.operators, b.operators) AS operators,
               i.* EXCLUDE (key, class, kind, value, accounts, operators),
               coalesce(u.members, r.members, 0)::BIGINT AS members,
               coalesce(b.links, 0)::BIGINT AS links, coalesce(b.bits, 0) AS bits,
               coalesce(f.fits, 0)::BIGINT AS fits, coalesce(f.bits, 0) AS fit_bits
        FROM behind b FULL JOIN used u USING (key) FULL JOIN fitted f USING (key)
             LEFT JOIN ranged r USING (key) LEFT JOIN run_identifiers i USING (key)
        WHERE b.key IS NOT NULL OR f.key IS NOT NULL OR u.members > 1 ORDER BY key""",
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

#: Which members have the values that one of them fits by; a bundle's `sources` tell it too.
_FITTING = """
    SELECT DISTINCT account_id, key
    FROM (SELECT account_id, key FROM held UNION ALL FROM ranges) SEMI JOIN fits USING (key)"""

#: The range of each account's cards, as the run has it; the stored payments say the same.
_CARDS = """
    CREATE VIEW cards AS
    SELECT account_id, bin FROM run_uses JOIN run_identifiers USING (key) WHERE bin IS NOT NULL"""

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
    """Read `members`, `links`, `reasons`, `fits`, `shared`, `uses`, `fitting` and `neighbours`.

    `fitting` are the members (account_id) that have a value (key) by which one of them fits.

    Raises:
        UsageError: the run has no such cluster; the message names the nearest.
    """
    database = duckdb.connect()
    view_run(database, run, "run_")
    database.execute(_CARDS)
    find_cluster(run, run.read("clusters"), cluster_id)
    network = _network(database, cluster_id)
    return {**network, "fitting": database.sql(_FITTING).to_arrow_table()}


def load_evidence(case: Case, run: Run, cluster_id: str) -> Evidence:
    """Read what the case knows of one cluster.

    Raises:
        UsageError: the run has no such cluster; the message names the nearest.
    """
    return EvidenceReader(case, run).read(cluster_id)


class EvidenceReader:
    """Reads the evidence on many clusters of one run."""

    def __init__(
        self, case: Case, run: Run, only: Sequence[str] = (), *, threads: int | None = None
    ) -> None:
        """Open the case; where `only` names clusters, keep in memory what these need.

        `threads` is how many the database may use, None for one on each core.
        """
        self.case, self.run = case, run
        self.labels = read_labels(case)
        self.database = open_rows(case, run)
        self.database.execute("CREATE VIEW cards AS SELECT account_id, bin FROM payments")
        self.clusters = run.read("clusters")
        self.tables = {name: run.read(name) for name in (*_BY_CLUSTER, "weights")}
        self.rows: pa.Table | None = None
        self.lent: pa.Table | None = None
        if threads:
            self.database.execute(f"SET threads = {threads}")
        if only:
            self._keep(list(only))

    def read(self, cluster_id: str) -> Evidence:
        """Read one cluster.

        Raises:
            UsageError: the run has no such cluster; the message names the nearest.
        """
        cluster = find_cluster(self.run, self.clusters, cluster_id)
        network = _network(self.database, cluster_id)
        said = _said(self.labels, cluster_id, network["members"]["account_id"])
        self.database.register("said", said)
        of_case = {n: self.database.sql(q).to_arrow_table() for n, q in _OF_CASE.items()}
        return Evidence(
            cluster=cluster,
            info=self.run.info,
            settings=dataclasses.asdict(self.case.settings),
            files=[dataclasses.asdict(s) for s in self.case.manifest.sources],
            sources=self._sources(cluster_id, network),
            weights=self.tables["weights"],
            forgotten=self.case.manifest.forgotten,
            lent=self._lent(cluster_id),
            **network,
            **{n: _of_cluster(self.tables[n], cluster_id) for n in _BY_CLUSTER},
            **of_case,
        )

    def _keep(self, cluster_ids: list[str]) -> None:
        """Put into memory, instead of the files, the rows that these clusters need."""
        chosen = self.database.sql(
            "SELECT DISTINCT account_id FROM run_members WHERE list_contains($ids, cluster_id)",
            params={"ids": cluster_ids},
        ).to_arrow_table()
        self.database.register("chosen", chosen)
        own = "SELECT * FROM {0} SEMI JOIN chosen USING (account_id)"
        self.lent = lent_values(self.database, cluster_ids, "run_")
        kept = dict.fromkeys(("run_accounts", "run_uses", "run_assignments"), own)
        kept |= {
            name: own.replace("*", "* EXCLUDE (embedding)" if name == "prompts" else "*")
            for name, table in TABLES.items()
            if "account_id" in table.required
        }
        kept["run_members"] = "SELECT * FROM {0}"
        kept["run_fits"] = own
        kept["run_links"] = """SELECT * FROM {0} WHERE account_a IN (FROM chosen)
                                                    OR account_b IN (FROM chosen)"""
        kept["run_reasons"] = "SELECT * FROM {0} SEMI JOIN run_links USING (account_a, account_b)"
        kept["run_identifiers"] = """SELECT * FROM {0} WHERE key IN (SELECT key FROM run_uses)
                                                          OR key IN (SELECT key FROM run_reasons)"""
        for name, query in kept.items():
            self.database.execute(f"CREATE TABLE kept AS {query.format(name)}")
            self.database.execute(f"DROP VIEW {name}; ALTER TABLE kept RENAME TO {name}")
        reasons = self.database.sql(
            """SELECT r.* FROM run_reasons r SEMI JOIN (
                   SELECT * FROM run_links WHERE list_contains($ids, cluster_id)
               ) USING (account_a, account_b)""",
            params={"ids": cluster_ids},
        ).to_arrow_table()
        self.rows = _digested(self.database, reasons, cluster_ids)

    def _lent(self, cluster_id: str) -> pa.Table:
        lent = self.lent
        if lent is None:
            lent = lent_values(self.database, [cluster_id], "run_")
        mine = lent.filter(pc.equal(lent["cluster_id"], cluster_id))
        return mine.drop_columns("cluster_id")

    def _sources(self, cluster_id: str, network: dict[str, pa.Table]) -> pa.Table:
        if self.rows is None:
            rows = _digested(self.database, network["reasons"], [cluster_id])
        else:
            members = network["members"]["account_id"].combine_chunks()
            rows = self.rows.filter(pc.is_in(self.rows["account_id"], members))
        return rows.add_column(0, "source", pa.array(np.arange(1, rows.num_rows + 1)))


_BY_CLUSTER = ("evidence", "signals", "likeness", "explanations", "lineage")


def _network(database: duckdb.DuckDBPyConnection, cluster_id: str) -> dict[str, pa.Table]:
    tables: dict[str, pa.Table] = {}
    for name, query in _OF_RUN.items():
        given = {"id": cluster_id} if "$id" in query else None
        tables[name] = database.sql(query, params=given).to_arrow_table()
        database.register(name, tables[name])
    del tables["held"], tables["ranges"]
    return tables


def find_cluster(run: Run, clusters: pa.Table, cluster_id: str) -> dict[str, Any]:
    """Return the row of one cluster of the run's `clusters`.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    found = clusters.filter(pc.equal(clusters["cluster_id"], cluster_id)).to_pylist()
    if not found:
        known = clusters["cluster_id"].to_pylist()
        raise UsageError(
            f"run {run.run_id} has no cluster '{cluster_id}'{nearest(cluster_id, known)}"
        )
    row: dict[str, Any] = found[0]
    return row


def _of_cluster(table: pa.Table, cluster_id: str) -> pa.Table:
    mine = table.filter(pc.equal(table["cluster_id"], cluster_id)).drop_columns("cluster_id")
    return mine.sort_by([(mine.column_names[0], "ascending")])


def _said(labels: Sequence[Label], cluster_id: str, members: pa.ChunkedArray) -> pa.Table:
    """What people said in this case, of the cluster or of its members."""
    about = {cluster_id, *members.to_pylist()}
    columns = ("subject", "verdict", "operator", "reason", "by", "at")
    rows = [{c: getattr(x, c) for c in columns} for x in labels if x.subject in about]
    return pa.Table.from_pylist(rows, pa.schema([(column, pa.string()) for column in columns]))


def _digested(
    database: duckdb.DuckDBPyConnection, reasons: pa.Table, cluster_ids: list[str]
) -> pa.Table:
    """Read, with digests, the rows behind reasons, and behind clusters' fits and shared values."""
    of_clusters = (find(database, cluster_ids) for find in (uses_of_fits, uses_of_shared))
    uses = pa.concat_tables([uses_of(reasons), *of_clusters])
    rows = find_rows(database, uses.group_by(uses.column_names).aggregate([]))
    return rows.append_column("row_sha256", digest_rows(database, rows))
