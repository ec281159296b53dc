"""Coordination: the probability that one operator runs a cluster.

A logistic function of four measures of the cluster, fitted by maximum likelihood to generated
platforms on which the operators are known (`docs/method.md` has the fit and its reliability).
The total contains the second, so that what counts most is the strongest kind against the prior.
"""

from __future__ import annotations

import numpy as np

from forensics.score.corroboration import Corroboration

INTERCEPT = -0.39
PER_TOTAL_BIT = 0.83
PER_SECOND_BIT = -0.70
PER_STABILITY = 0.99
PER_DOUBLING = 0.25  # of the accounts
CEILING = 0.995  # nothing here is certain


def coordination_of(found: Corroboration, stability: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the probability of one operator per group, from 0 to `CEILING`."""
    odds = (
        INTERCEPT
        + PER_TOTAL_BIT * np.clip(found.total, -10, 20)
        + PER_SECOND_BIT * np.clip(found.second, -5, 15)
        + PER_STABILITY * stability
        + PER_DOUBLING * np.log2(np.maximum(sizes, 1))
    )
    probability: np.ndarray = CEILING / (1 + np.exp(-odds))
    return probability
