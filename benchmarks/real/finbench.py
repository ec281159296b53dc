"""LDBC FinBench's sample: are accounts of one owner found together?

    python -m benchmarks.real.finbench DATA/finbench --out results

Accounts go through the ordinary settings in `finbench.toml`. A sign-in names its medium by number
only, so the script joins the medium's type to it and gives both as `identifiers`: kind and value.
Owners (persons and companies) are the truth. `chance` says what shared values can tell of owners
at all: pairs of accounts that share one, how many of them have one owner, and how many would by
chance.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import run_tool
from forensics.evaluate.measure import evaluate
from forensics.evaluate.truth import truth_of

SIGN_INS = """
    COPY (
        SELECT accountId::VARCHAR AS account_id, lower(mediumType) AS kind,
               mediumId::VARCHAR AS value, s.createTime AS "at"
        FROM '{data}/mediumsigninaccount.parquet' s JOIN '{data}/medium.parquet' USING (mediumId)
        ORDER BY ALL
    ) TO '{target}' (FORMAT parquet)
"""
OWNERS = """
    SELECT accountId::VARCHAR AS account_id, 'person ' || personId AS operator
    FROM '{data}/personownaccount.parquet'
    UNION ALL
    SELECT accountId::VARCHAR, 'company ' || companyId FROM '{data}/companyownaccount.parquet'
    ORDER BY ALL
"""
CHANCE = """
    WITH shared AS (
        SELECT 'medium' AS what, mediumId::VARCHAR AS value, accountId
        FROM '{data}/mediumsigninaccount.parquet'
        UNION SELECT 'phone', phonenum, accountId FROM '{data}/account.parquet'
        UNION SELECT 'name', nickname, accountId FROM '{data}/account.parquet'
    ),
    pairs AS (
        SELECT DISTINCT a.what, a.accountId::VARCHAR AS a, b.accountId::VARCHAR AS b
        FROM shared a JOIN shared b USING (what, value) WHERE a.accountId < b.accountId
    )
    SELECT what, count(*) AS pairs, count(*) FILTER (x.operator = y.operator) AS one_owner
    FROM pairs JOIN owners x ON a = x.account_id JOIN owners y ON b = y.account_id
    GROUP BY what ORDER BY what
"""


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the figures.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
@click.option("--case", "root", type=click.Path(path_type=Path), help="Keep the case there.")
def main(data: Path, out: Path | None, docs: Path | None, root: Path | None) -> None:
    owners = duckdb.sql(OWNERS.format(data=data)).to_arrow_table()
    with tempfile.TemporaryDirectory() as scratch:
        sign_ins = Path(scratch) / "identifiers.parquet"
        duckdb.sql(SIGN_INS.format(data=data, target=sign_ins))
        settings = (Path(__file__).parent / "finbench.toml").read_bytes()
        sources = [*sorted(data.glob("*.parquet")), sign_ins]
        run = run_tool(sources, root or Path(scratch) / "case", settings).run
        clusters = run.read("clusters")
        found = evaluate(run.read("members"), clusters, truth_of(owners), samples=0)
        findings, links = run.info["counts"]["findings"], run.count("links")
    names = ("pair_precision", "pair_recall", "pair_f1")
    sizes = duckdb.sql("SELECT operator, count(*) AS n FROM owners GROUP BY 1").fetchall()
    pairs = sum(n * (n - 1) // 2 for _, n in sizes)
    figures = {
        **{name: found.value(name) for name in names},
        "accounts": len(owners),
        "pairs of one owner": pairs,
        "clusters": len(clusters),
        "findings": findings,
        "links": links,
        "share of all pairs that have one owner": pairs / (len(owners) * (len(owners) - 1) / 2),
        "chance": duckdb.sql(CHANCE.format(data=data)).df().to_dict("records"),
    }
    text = json.dumps(figures, indent=1)
    print(text)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "finbench.json").write_text(text)
    if docs:
        command = "`python -m benchmarks.real.finbench DATA/finbench`"
        put_section(docs, "FinBench", f"{command}\n\n{owner_table(figures)}", level=3)


def owner_table(figures: dict[str, Any]) -> str:
    """Return the figures in Markdown."""
    chance = figures["share of all pairs that have one owner"]
    rows = [[k, _text(v)] for k, v in figures.items() if k != "chance"]
    shared = [
        [row["what"], f"{row['pairs']:,}", row["one_owner"], row["pairs"] * chance]
        for row in figures["chance"]
    ]
    head = ["shared", "pairs of accounts", "of one owner", "of one owner by chance"]
    return f"{markdown(rows, ['figure', 'value'])}\n\n{markdown(shared, head)}"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return "-" if value is None else f"{value:,}"


if __name__ == "__main__":
    main()
