"""Is `coordination` calibrated, and what would make it so?

    python -m benchmarks.quality.calibrate results [more results]

Reads `clusters.csv` of earlier measurements. Cox's (1958) recalibration fits
logit(one operator) = shift + slope * logit(coordination): 0 and 1 say that it is calibrated. Then
measures that `coordination` may not use are added one at a time, with the gain in log likelihood
(2 is what a useless one gives by chance at about 1 in 20) and the coefficients of the fit.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.optimize import minimize

from benchmarks.quality.report import markdown, reliability_table

CEILING = 0.995  # what the tool says at most
RIDGE = 0.01


def features(clusters: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return what `coordination` may leave unused, one value per cluster."""
    bits = clusters[[c for c in clusters.columns if c.endswith("_bits")]].fillna(0).to_numpy()
    ordered = np.sort(bits, axis=1)
    return {
        "log2 of accounts": np.log2(clusters["accounts"].to_numpy()),
        "log2 of links per account": np.log2(
            np.maximum(2 * clusters["links"] / clusters["accounts"], 0.5).to_numpy()
        ),
        "kinds of 2 bits or more": (bits >= 2).sum(axis=1).astype(float),
        "mean bits of a link": bits.sum(axis=1),
        "mean bits beyond the strongest kind": bits.sum(axis=1) - ordered[:, -1],
        "stability": clusters["stability"].to_numpy(),
    }


def fit(columns: list[np.ndarray], one: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the coefficients (the intercept first) of a logistic fit, and its log likelihood."""
    design = np.column_stack([np.ones(len(one)), *columns])

    def loss(weights: np.ndarray) -> float:
        odds = design @ weights
        return float((np.logaddexp(0, odds) - one * odds).sum() + RIDGE * (weights**2).sum())

    found = minimize(loss, np.zeros(design.shape[1]))
    return found.x, -float(found.fun)


@click.command(help=__doc__)
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--smallest", default=3, show_default=True, help="Accounts of a cluster, at least.")
def main(results: tuple[Path, ...], smallest: int) -> None:
    read = [pd.read_csv(folder / "clusters.csv") for folder in results]
    clusters = pd.concat(read)
    clusters = clusters[clusters["accounts"] >= smallest]
    one = clusters["one_operator"].to_numpy(dtype=float)
    said = np.clip(clusters["coordination"].to_numpy() / CEILING, 1e-4, 1 - 1e-4)
    logit = np.log(said / (1 - said))
    base, likelihood = fit([logit], one)
    rows = [["coordination alone", 0.0, f"{base[0]:+.2f}", f"{base[1]:.2f}", ""]]
    for name, column in features(clusters).items():
        weights, better = fit([logit, column], one)
        gain = better - likelihood
        rows.append([name, gain, f"{weights[0]:+.2f}", f"{weights[1]:.2f}", f"{weights[2]:+.3f}"])
    print(reliability_table(clusters, smallest=smallest))
    print()
    print(markdown(rows, ["measure added", "gain", "shift", "slope", "its coefficient"]))


if __name__ == "__main__":
    main()
