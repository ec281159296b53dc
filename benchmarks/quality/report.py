"""Rows of results to tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.quality.platforms import ELSEWHERE, WORLDS, has_fraud

EDGES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001)
#: Of two tables each: the measures of a platform, with the words that head their columns.
COLUMNS = {
    "account_precision": "account precision",
    "account_recall": "account recall",
    "pair_precision": "pair precision",
    "pair_recall": "pair recall",
    "pair_f1": "pair F1",
    "honest_found_as_one": "honest operators found as one",
    "honest_called_legitimate": "of these called legitimate",
    "innocent_in_findings": "innocent in findings",
}
#: Shares of few operators: pooled over platforms, where the others are means over platforms.
POOLED = ("honest_found_as_one", "honest_called_legitimate", "innocent_in_findings")
NO_FRAUD = tuple(world for world in (*WORLDS, *ELSEWHERE) if not has_fraud(world))


def markdown(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a table; numbers are shown with three decimals, None as a dash."""
    lines = [list(head), ["---"] + ["---:"] * (len(head) - 1)]
    lines += [[_text(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(cell: object) -> str:
    if isinstance(cell, float | np.floating):
        return "-" if np.isnan(cell) else f"{cell:.3f}"
    return "-" if cell is None else str(cell)


def averages(
    figures: pd.DataFrame, by: list[str], measures: Sequence[str] = tuple(COLUMNS)
) -> pd.DataFrame:
    """Return one row per group of `by`: the measures, and the platforms behind them.

    Precision and recall are means over platforms that have fraud; shares of honest operators and
    of innocent accounts are of all there are together.
    """
    whole = figures[(figures["group"] == "") & figures["measure"].isin(measures)]
    fraud = whole[~whole["world"].isin(NO_FRAUD)]
    mean = fraud[~fraud["measure"].isin(POOLED)].pivot_table(
        index=by, columns="measure", values="value", aggfunc="mean"
    )
    pooled = whole[whole["measure"].isin(POOLED)].dropna(subset=["value"])
    pooled = pooled.assign(hits=pooled["value"] * pooled["count"])
    sums = pooled.groupby([*by, "measure"])[["hits", "count"]].sum()
    share = (sums["hits"] / sums["count"]).unstack("measure")
    table = mean.join(share, how="outer")
    table["platforms"] = whole.groupby(by)["platform"].nunique()
    return table.reindex(columns=[*measures, "platforms"])


def average_table(figures: pd.DataFrame, by: list[str]) -> str:
    """Return `averages` in Markdown."""
    table = averages(figures, by)
    rows = [[*_index(i), *values] for i, values in zip(table.index, table.to_numpy(), strict=True)]
    rows = [[*row[:-1], str(int(row[-1]))] for row in rows]
    return markdown(rows, [*by, *COLUMNS.values(), "platforms"])


def kind_table(figures: pd.DataFrame) -> str:
    """Return the share of accounts in findings by kind of operator and evasion."""
    mine = figures[(figures["measure"] == "in_findings") & figures["value"].notna()]
    mine = mine.assign(hits=mine["value"] * mine["count"])
    sums = mine.groupby(["group", "evasion"])[["hits", "count"]].sum()
    table = (sums["hits"] / sums["count"]).unstack("evasion")
    rows = [[str(i), *values] for i, values in zip(table.index, table.to_numpy(), strict=True)]
    return markdown(rows, ["kind", *(f"evasion {e:g}" for e in table.columns)])


def reliability_table(clusters: pd.DataFrame, *, smallest: int = 3) -> str:
    """Return how often clusters said to be p likely one operator are one; Brier score below."""
    asked = clusters[clusters["accounts"] >= smallest]
    place = pd.cut(asked["coordination"], EDGES, right=False)
    rows = [
        [
            f"{at.left:.2f} to {min(at.right, 1):.2f}",
            str(len(g)),
            float(g["coordination"].mean()),
            float(g["one_operator"].mean()),
        ]
        for at, g in asked.groupby(place, observed=True)
    ]
    brier = ((asked["coordination"] - asked["one_operator"]) ** 2).mean()
    head = ["coordination", "clusters", "mean said", "share one operator"]
    return markdown(rows, head) + f"\n\nBrier score {brier:.4f} over {len(asked):,} clusters."


def verdict_table(clusters: pd.DataFrame, *, smallest: int = 3) -> str:
    """Return what the clusters of each verdict really are: by their main operator's kind."""
    asked = clusters[clusters["accounts"] >= smallest]
    table = pd.crosstab(asked["main_kind"], asked["verdict"])
    mixed = asked[~asked["one_operator"]]
    table.loc["(several operators)"] = mixed["verdict"].value_counts()
    cells = table.fillna(0).astype(int).astype(str)
    rows = [[str(i), *values] for i, values in zip(cells.index, cells.to_numpy(), strict=True)]
    return markdown(rows, ["main kind of the cluster", *cells.columns])


def _index(value: object) -> list[object]:
    parts = value if isinstance(value, tuple) else (value,)
    return [f"{p:g}" if isinstance(p, float) else str(p) for p in parts]
