"""The tool and its peers side by side, each peer at its best setting."""

from __future__ import annotations

import pandas as pd

from benchmarks.quality.report import NO_FRAUD, averages, markdown

SHOWN = {
    "account_precision": "account precision",
    "account_recall": "account recall",
    "pair_precision": "pair precision",
    "pair_recall": "pair recall",
    "pair_f1": "pair F1",
    "innocent_in_findings": "innocent in findings",
}
TOOL = "forensics"


def best_settings(figures: pd.DataFrame) -> pd.DataFrame:
    """Keep of each method, at each evasion, the setting of the best mean account F1 there.

    An oracle: nobody has the truth to choose by. The tool has one setting.
    """
    fraud = figures[(~figures["world"].isin(NO_FRAUD)) & (figures["group"] == "")]
    asked = fraud[fraud["measure"].isin(["account_precision", "account_recall"])]
    index = ["method", "evasion", "setting", "platform"]
    wide = asked.pivot_table(index=index, columns="measure", values="value", dropna=False)
    wide = wide.fillna(0)
    precision, recall = wide["account_precision"], wide["account_recall"]
    f1 = (2 * precision * recall / (precision + recall).where(lambda s: s > 0)).fillna(0)
    mean = f1.groupby(["method", "evasion", "setting"]).mean().rename("f1").reset_index()
    mean = mean.sort_values(["f1", "setting"], ascending=[False, True], kind="stable")
    best = mean.drop_duplicates(["method", "evasion"])[["method", "evasion", "setting"]]
    return figures.merge(best, on=["method", "evasion", "setting"])


def peer_table(figures: pd.DataFrame) -> str:
    """Return both tables in Markdown: findings by the common rule, and by the oracle's verdicts."""
    best = best_settings(figures)
    oracle = best["method"].str.endswith("(oracle)")
    common = best[~oracle]
    given = best[oracle | (best["method"] == TOOL)]
    return (
        "Every cluster of three accounts or more is a finding (the tool: by its verdicts):\n\n"
        f"{_table(common)}\n\n"
        "The peers are told which clusters are mostly abusive, the tool is not:\n\n"
        f"{_table(given)}\n\n"
        "Best settings, by the truth:\n\n"
        f"{_settings(best)}"
    )


def _table(figures: pd.DataFrame) -> str:
    parts = []
    for method in figures["method"].unique():
        mine = averages(figures[figures["method"] == method], ["evasion"])
        parts.append(mine.assign(method=method).set_index("method", append=True))
    table = pd.concat(parts).sort_index(level="evasion", sort_remaining=False)
    rows = [
        [method.removesuffix(" (oracle)"), f"{evasion:g}", *row]
        for (evasion, method), row in zip(table.index, table[list(SHOWN)].to_numpy(), strict=True)
    ]
    return markdown(rows, ["method", "evasion", *SHOWN.values()])


def _settings(best: pd.DataFrame) -> str:
    table = best[best["method"] != TOOL][["method", "evasion", "setting"]].drop_duplicates()
    rows = [[m, f"{e:g}", s] for m, e, s in table.itertuples(index=False)]
    return markdown(rows, ["method", "evasion", "best setting"])
