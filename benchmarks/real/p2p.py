"""A real payment platform: is there more known fraud among the top-ranked clusters?

    python -m benchmarks.real.p2p DATA/p2p_payments --out results

Cards and devices go through the ordinary settings in `p2p.toml`. `--referrals` adds, as an
identifier, who referred whom, which needs a reshaping that settings can't say: the referrer, as a
value that both it and those it referred have. The 241 users known as fraudulent (chargebacks and
manual review) are never shown to the tool. `--smallest` is the setting `score.min_accounts`: from
how many accounts on a cluster can be a finding, and so stand at the top.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click
import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import run_tool
from forensics.case.run import Run

TOPS = (10, 25, 50)
REFERRALS = """
    COPY (
        SELECT to_user_id::VARCHAR AS account_id, 'referrer' AS kind,
               from_user_id::VARCHAR AS value FROM '{source}'
        UNION
        SELECT from_user_id::VARCHAR, 'referrer', from_user_id::VARCHAR FROM '{source}'
        ORDER BY ALL
    ) TO '{target}' (FORMAT parquet)
"""


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--referrals", is_flag=True, help="Load who referred whom as well.")
@click.option("--smallest", default=3, show_default=True, help="Accounts that make a finding.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the figures.")
@click.option("--case", "root", type=click.Path(path_type=Path), help="Keep the case there.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(
    data: Path,
    referrals: bool,
    smallest: int,
    out: Path | None,
    root: Path | None,
    docs: Path | None,
) -> None:
    users = pq.read_table(data / "User.parquet", columns=["id", "fraudMoneyTransfer"]).to_pandas()
    fraud = set(users.loc[users["fraudMoneyTransfer"] == 1, "id"].astype(str))
    settings = (Path(__file__).parent / "p2p.toml").read_bytes()
    settings += f"\n[score]\nmin_accounts = {smallest}\n".encode()
    with tempfile.TemporaryDirectory() as scratch:
        sources = sorted(data.glob("*.parquet"))
        if referrals:
            sources.append(_referrals(data / "REFERRED.parquet", Path(scratch)))
        analysed = run_tool(sources, root or Path(scratch) / "case", settings)
        figures = lift(analysed.run, fraud, len(users))
        figures["seconds"] = {"load": analysed.load_s, "analyse": analysed.analyse_s}
    text = json.dumps(figures, indent=1)
    print(text)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        name = f"p2p-{smallest}-referrals" if referrals else f"p2p-{smallest}"
        (out / f"{name}.json").write_text(text)
    if docs:
        given = f"--smallest {smallest}" + " --referrals" * referrals
        command = f"`python -m benchmarks.real.p2p DATA/p2p_payments {given}`"
        title = f"Real payments, findings from {smallest} accounts" + ", referrals" * referrals
        put_section(docs, title, f"{command}\n\n{lift_table(figures)}", level=3)


def lift(run: Run, fraud: set[str], users: int) -> dict[str, Any]:
    """Return the share of known fraud among accounts of top-ranked clusters, and base rates."""
    clusters = run.read("clusters").to_pandas()
    members = run.read("members", ["cluster_id", "account_id"]).to_pandas()
    members["fraud"] = members["account_id"].isin(fraud)
    ranked = members.merge(clusters[["cluster_id", "rank", "accounts", "verdict"]], on="cluster_id")
    base = len(fraud) / users
    top = {}
    for number in TOPS:
        mine = ranked[ranked["rank"] <= number]
        share = float(mine["fraud"].mean())
        top[f"top {number}"] = {
            "accounts": len(mine),
            "fraudulent": int(mine["fraud"].sum()),
            "share": share,
            "lift": share / base,
            "interval": _wilson(int(mine["fraud"].sum()), len(mine)),
        }
    found = ranked[ranked["verdict"].isin(["abusive", "coordinated"])]
    sizes = ranked.groupby("verdict").agg(
        clusters=("cluster_id", "nunique"), accounts=("fraud", "size"), fraudulent=("fraud", "sum")
    )
    return {
        "base_rate": base,
        "fraudulent": len(fraud),
        "in a cluster": int(ranked["fraud"].sum()),
        "in a finding": int(found["fraud"].sum()),
        "accounts in clusters": len(ranked),
        "by verdict": sizes.astype(int).to_dict("index"),
        **top,
    }


def lift_table(figures: dict[str, Any]) -> str:
    """Return the figures in Markdown."""
    rows = [
        [
            *(name, f"{f['accounts']:,}", f["fraudulent"]),
            *(_percent(f["share"]), f"{f['lift']:.1f}"),
            " to ".join(_percent(end) for end in f["interval"]),
        ]
        for name, f in figures.items()
        if name.startswith("top ")
    ]
    head = ["clusters", "accounts", "known fraud", "share", "times the base rate", "95 %"]
    verdicts = [[v, *f.values()] for v, f in figures["by verdict"].items()]
    return (
        f"Base rate {_percent(figures['base_rate'])}.\n\n{markdown(rows, head)}\n\n"
        f"{markdown(verdicts, ['verdict', 'clusters', 'accounts', 'known fraud'])}"
    )


def _percent(share: float) -> str:
    return f"{max(share, 0):.2%}"


def _wilson(hits: int, of: int) -> list[float]:
    """Return the 95 % score interval of a share (Wilson 1927)."""
    z, share = 1.96, hits / max(of, 1)
    centre = share + z * z / (2 * of)
    spread = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return [float((centre + s * spread) / (1 + z * z / of)) for s in (-1, 1)]


def _referrals(source: Path, folder: Path) -> Path:
    target = folder / "identifiers.parquet"
    duckdb.sql(REFERRALS.format(source=source, target=target))
    return target


if __name__ == "__main__":
    main()
