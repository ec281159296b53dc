"""The curve: seconds and memory by number of accounts, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "scale"
from matplotlib import pyplot as plt  # noqa: E402


def slope(accounts: Sequence[float], cost: Sequence[float]) -> float:
    """Return the exponent by which a cost grows with the accounts: 1 is in proportion."""
    return float(np.polyfit(np.log(accounts), np.log(cost), 1)[0])


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw the curve of `rows` (accounts, floor_cpu, run_cpu, run_gb) as SVG."""
    accounts = [row["accounts"] for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for key, label, mark in (("run_cpu", "forensics run", "o"), ("floor_cpu", "floor", "s")):
        left.loglog(accounts, [row[key] for row in rows], marker=mark, label=label)
    left.set(title="Processor seconds", xlabel="accounts")
    left.legend()
    right.loglog(accounts, [row["run_gb"] for row in rows], marker="o")
    right.axhline(8, linestyle=":", color="grey")
    right.set(title="Peak memory of forensics run, GB", xlabel="accounts")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.set_ylim(bottom=0.1)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
