"""Bootstrap intervals of ratios of sums over operators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Interval = tuple[float | None, float | None]
#: What an interval leaves out on either side.
TAIL = 0.025


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


def interval(values: Reals, unseen: float = 0.0) -> Interval:
    """Return the middle 95 % of the values (percentile method), None where there are none.

    Where all operators tell the same, or all but a few that many samples miss, it ends at 0 or 1,
    and would claim certainty: there it is at least as wide as the share that is `unseen`.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return None, None
    low, high = (float(end) for end in np.quantile(known, [TAIL, 1 - TAIL]))
    return min(low, 1 - unseen) if high == 1 else low, max(high, unseen) if low == 0 else high


def ratio(above: Reals, below: Reals) -> Reals:
    """Divide, with NaN where there is nothing to divide by."""
    result: Reals = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def estimate(
    resamples: Resamples, above: Reals, below: Reals
) -> tuple[float | None, float | None, float | None]:
    """Return the share of the sum of `above` in that of `below`, and its interval.

    Both are what each operator adds. One operator alone says nothing of others, so there is no
    interval then.
    """
    parts = np.stack([above, below], axis=1)
    value = float(ratio(above.sum(), below.sum()))
    if np.isnan(value):
        return None, None, None
    if np.count_nonzero(np.any(parts != 0, axis=1)) < 2:
        return value, None, None
    sums = resamples.sums(parts)
    return value, *interval(ratio(sums[:, 0], sums[:, 1]), _unseen(below))


def _unseen(weight: Reals) -> float:
    """Return the largest share that none of so many operators need have shown.

    The exact bound of a share of which nothing was seen (Clopper and Pearson 1934), over the
    effective number of operators, (sum w)^2 / sum w^2 (Kish 1965): where one has nearly all
    accounts, the share rests on little more than one. Korn and Graubard (1998) join the two.
    """
    operators = weight.sum() ** 2 / (weight**2).sum()
    return float(1 - TAIL ** (1 / operators))
