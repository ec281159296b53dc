"""Coordination: the probability that one operator runs a cluster.

A logistic function of three measures of the cluster, fitted to generated platforms on which the
operators are known (`benchmarks/quality/calibrate.py`; `docs/method.md` has its reliability).
"""

from __future__ import annotations

import numpy as np

from forensics.score.corroboration import Corroboration

INTERCEPT = -3.0
PER_TOTAL_BIT = 0.25
PER_SECOND_BIT = 0.35
PER_STABILITY = 2.0
CEILING = 0.995  # nothing here is certain


def coordination_of(found: Corroboration, stability: np.ndarray) -> np.ndarray:
    """Return the probability of one operator per group, from 0 to `CEILING`."""
    odds = (
        INTERCEPT
        + PER_TOTAL_BIT * np.clip(found.total, -10, 20)
        + PER_SECOND_BIT * np.clip(found.second, -5, 15)
        + PER_STABILITY * stability
    )
    probability: np.ndarray = CEILING / (1 + np.exp(-odds))
    return probability
