"""Bootstrap intervals of ratios of sums over operators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Interval = tuple[float | None, float | None]


class Resamples:
    """Repeated draws of as many operators as there are, with replacement (Efron 1979).

    Accounts of one operator stand or fall together, so operators are drawn, not accounts.
    """

    def __init__(self, operators: int, samples: int = 1_000, seed: int = 0) -> None:
        self.operators, self.samples, self.seed = operators, samples, seed

    def sums(self, parts: Reals) -> Reals:
        """Return the sums of each column of `parts` (operators x columns) in every sample.

        Operators with equal rows are drawn as one, as often as there are of them: the same
        distribution, at the price of the different rows only.
        """
        rows, often = np.unique(parts, axis=0, return_counts=True)
        rng = np.random.default_rng(self.seed)
        drawn = rng.multinomial(self.operators, often / self.operators, size=self.samples)
        return np.asarray(drawn.astype(np.float64) @ rows)


def interval(values: Reals) -> Interval:
    """Return the middle 95 % of the values (percentile method), None where there are none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def ratio(above: Reals, below: Reals) -> Reals:
    """Divide, with NaN where there is nothing to divide by."""
    result: Reals = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def estimate(
    resamples: Resamples, parts: Reals, figure: Callable[[Reals], Reals]
) -> tuple[float | None, float | None, float | None]:
    """Return a figure and its interval.

    `parts` (operators x columns) are what each operator adds to the sums; `figure` takes sums
    (samples x columns) and gives one value per sample, NaN where it is not defined. One operator
    alone says nothing of others, so there is no interval then.
    """
    value = float(figure(parts.sum(axis=0, keepdims=True))[0])
    if np.isnan(value):
        return None, None, None
    if np.count_nonzero(np.any(parts != 0, axis=1)) < 2:
        return value, None, None
    return value, *interval(figure(resamples.sums(parts)))
