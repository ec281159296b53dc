"""Real payments: what do labels of some clusters tell of the others?

    python -m benchmarks.real.labels DATA/p2p_payments --docs docs/benchmarks.md

The case is analysed once; then a share of its clusters, drawn at random, is labelled by what is
known of their members (fraud by chargeback or review: abusive; else legitimate), and the scores of
all others are held against what is known of them. `abuse` is compared with the share of known
fraud. The Brier score of one figure for all, the share of fraud itself, is what no score that
tells nothing can better.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import run_tool
from forensics.case.labels import Label
from forensics.case.run import Run
from forensics.score.calibrate import calibrate

SHARES = (0.02, 0.1, 0.5)
DRAWS = 20
AT = "2026-01-01T00:00:00Z"


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file.")
def main(data: Path, docs: Path | None) -> None:
    users = pq.read_table(data / "User.parquet", columns=["id", "fraudMoneyTransfer"]).to_pandas()
    fraud = set(users.loc[users["fraudMoneyTransfer"] == 1, "id"].astype(str))
    settings = (Path(__file__).parent / "p2p.toml").read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        sources = sorted(data.glob("*.parquet"))
        run = run_tool(sources, Path(scratch) / "case", settings).run
        clusters, total = known(run, fraud), len(run.read("clusters", ["cluster_id"]))
    rows = [figures(clusters, share) for share in SHARES]
    head = ["labelled", "clusters", "shift", "slope", "Brier score before", "after", "one for all"]
    table = markdown(rows, head)
    print(table)
    if docs:
        command = "`python -m benchmarks.real.labels DATA/p2p_payments`"
        about = f"{len(clusters):,} of {total:,} clusters have a score; means of {DRAWS} draws."
        put_section(docs, "Real payments, labels", f"{command}\n\n{about}\n\n{table}", level=3)


def known(run: Run, fraud: set[str]) -> pd.DataFrame:
    """Return abuse of each cluster that has one, and the labels that its members would have."""
    members = run.read("members", ["cluster_id", "account_id"]).to_pandas()
    members["label"] = [
        Label("abusive" if account in fraud else "legitimate", AT, account_id=account)
        for account in members["account_id"]
    ]
    labels = members.groupby("cluster_id")["label"].agg(list)
    clusters = run.read("clusters", ["cluster_id", "abuse"]).to_pandas().dropna()
    clusters["labels"] = clusters["cluster_id"].map(labels)
    clusters["share"] = [np.mean([x.verdict == "abusive" for x in of]) for of in clusters["labels"]]
    return clusters


def figures(clusters: pd.DataFrame, share: float) -> list[str]:
    """Return a row of the table: means over draws of that share of the clusters."""
    said, truth = clusters["abuse"].to_numpy(), clusters["share"].to_numpy()
    sizes = clusters["labels"].map(len).tolist()
    found = []
    for draw in range(DRAWS):
        labelled = np.random.default_rng(draw).random(len(clusters)) < share
        labels = [
            of if given else [] for of, given in zip(clusters["labels"], labelled, strict=True)
        ]
        calibration = calibrate(labels, sizes, said.tolist(), said.tolist()).abuse
        rest, rate = ~labelled, truth[labelled].mean()
        after = np.array([calibration(p) for p in said[rest]])
        brier = [((p - truth[rest]) ** 2).mean() for p in (said[rest], after, rate)]
        found.append([calibration.clusters, calibration.shift, calibration.slope, *brier])
    count, shift, slope, *scores = np.mean(found, axis=0)
    return [
        f"{share:.0%}",
        f"{count:,.0f}",
        f"{shift:+.2f}",
        f"{slope:.2f}",
        *(f"{s:.4f}" for s in scores),
    ]


if __name__ == "__main__":
    main()
