"""Fits the scorecard, and shows how it holds on generators that it was not fitted to.

    python -m benchmarks.likeness --docs docs/benchmarks.md

`groups.parquet` holds the groups: what `collect` found on the generated platforms. The figures are
of each generator by a scorecard that was fitted to all others.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
import pandas as pd

from benchmarks.document import put_section
from benchmarks.likeness.fit import fit, probability, scale_rows
from benchmarks.quality.report import markdown

GROUPS = Path(__file__).with_name("groups.parquet")
EDGES = (0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1)


def held_out(groups: pd.DataFrame) -> pd.Series:
    """Return the probability of each group by a scorecard that never saw its generator."""
    said = pd.Series(np.nan, index=groups.index)
    for generator in sorted(groups["generator"].unique()):
        mine = groups["generator"] == generator
        said[mine] = probability(groups[mine], fit(groups[~mine]))
    return said


def reliability(groups: pd.DataFrame, said: pd.Series) -> str:
    """Return, per range of what is said, how often it is so, as Markdown."""
    rows = []
    for low, high in pairwise(EDGES):
        mine = (said >= low) & ((said < high) if high < 1 else (said <= 1))
        of_generator = groups[mine].groupby("generator")["abusive"].mean()
        rows.append(
            [
                f"{low:g} to {high:g}",
                f"{int(mine.sum()):,}",
                float(said[mine].mean()),
                float(groups.loc[mine, "abusive"].mean()),
                f"{of_generator.min():.2f} to {of_generator.max():.2f}",
            ]
        )
    return markdown(rows, ["said", "groups", "mean of it", "campaigns among them", "by generator"])


def write_scale(found: np.ndarray) -> None:
    """Write the scale to where the tool reads it."""
    path = Path(str(files("forensics.score").joinpath("likeness.csv")))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("item", "at_least", "bits"))
        writer.writerows(scale_rows(found))


@click.command()
@click.option("--docs", type=click.Path(path_type=Path), help="Markdown file to put the table in.")
def main(docs: Path | None) -> None:
    """Fit the scorecard to all groups, write it, and show how such a one holds elsewhere."""
    groups = pd.read_parquet(GROUPS)
    write_scale(fit(groups))
    table = reliability(groups, held_out(groups))
    click.echo(table)
    if docs:
        put_section(docs, "likeness", f"`python -m benchmarks.likeness`\n\n{table}")


if __name__ == "__main__":
    main()
