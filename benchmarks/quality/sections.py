"""The sections of `docs/benchmarks.md` that come from generated platforms."""

from __future__ import annotations

import pandas as pd

from benchmarks.quality.report import (
    NO_FRAUD,
    average_table,
    kind_table,
    reliability_table,
    verdict_table,
)


def quality_sections(figures: pd.DataFrame, clusters: pd.DataFrame) -> dict[str, str]:
    """Return title and Markdown of each section that there are figures for."""
    mine = figures[figures["method"] == "forensics"]
    sections = {
        "Averages by evasion": average_table(mine, ["split", "evasion"]),
        "Worlds": average_table(mine, ["world", "evasion"]),
        "Accounts in findings, by kind of operator": kind_table(mine),
        "Calibration": reliability_table(clusters),
        "Verdicts": verdict_table(clusters),
    }
    fraud = figures[(~figures["world"].isin(NO_FRAUD)) & (figures["method"] != "forensics")]
    if len(fraud):
        from benchmarks.quality.peers.table import peer_table

        sections["Side by side"] = peer_table(figures)
    return sections
