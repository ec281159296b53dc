"""Match weights without labels: m and u per comparison and level, by EM.

The model is Fellegi and Sunter's (1969), fitted as by Winkler (1988), with three departures that
each matter: accounts count alike, not pairs (else the largest values rule); a kind of evidence is
updated from the posterior *without* that kind (else a kind that stands alone proves itself); and
every estimate is shrunk to a documented default by the weight of `SHRINKAGE` accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.link.candidates import Pairs
from forensics.link.observe import Observed

SHRINKAGE = 20.0
ROUNDS = 12
TOLERANCE = 1e-4
DEFAULT_M = {
    "instrument": (0.45, 0.10, 0.45),
    "address": (0.35, 0.15, 0.30, 0.20),
    "device": (0.50, 0.50),
    "email": (0.88, 0.10, 0.02),
    "phone": (0.90, 0.10),
    "template": (0.50, 0.15, 0.15, 0.20),
    "signup_gap": (0.04, 0.06, 0.10, 0.12, 0.13, 0.55),
    "synchrony": (0.05, 0.05, 0.10, 0.10, 0.70),
}
DEFAULT_M_OTHER = (0.60, 0.40)
#: Among agreements on one value: how they divide over the levels between two operators.
DEFAULT_SPLIT = {"address": (0.85, 0.15), "template": (0.80, 0.15, 0.05)}
DEFAULT_U = {"synchrony": (0.0005, 0.0005, 0.004, 0.02, 0.975)}


@dataclass(frozen=True)
class Weight:
    """The estimates of one comparison, one entry per level.

    `u` multiplies what is known beforehand of a pair (`Observed.given_u`): for agreements on a
    value it divides that value's frequency over the levels. `pairs` is the weight in accounts.
    """

    m: np.ndarray
    u: np.ndarray
    default_m: np.ndarray
    default_u: np.ndarray
    pairs: np.ndarray


@dataclass(frozen=True)
class Model:
    """All weights, by comparison, and the prior in bits."""

    weights: dict[str, Weight]
    prior_bits: float

    def bits(self, observed: Observed) -> np.ndarray:
        """Return log2(m / u) per pair in thousandths of a bit, 0 where the comparison is missing."""
        weight = self.weights[observed.name]
        at = np.maximum(observed.level, 0)
        u = np.clip(weight.u[at] * observed.given_u, 1e-9, 1)
        bits = np.log2(weight.m[at] / u)
        bits = np.clip(bits, -observed.cap, observed.cap)
        bits[observed.level < 0] = 0
        return np.rint(bits * 1000).astype(np.int64)


def default_model(observations: list[Observed], prior_bits: float) -> Model:
    """Return the model before any data: all weights at their documented defaults."""
    weights = {}
    for o in observations:
        m = np.array(DEFAULT_M.get(o.name, DEFAULT_M_OTHER))
        u = _default_u(o)
        weights[o.name] = Weight(m, u, m, u, np.zeros(len(m)))
    return Model(weights, prior_bits)


def estimate(observations: list[Observed], pairs: Pairs, model: Model) -> Model:
    """Return the model re-estimated from candidate pairs, starting at `model`."""
    accounts = pairs.account_weights()
    for _ in range(ROUNDS):
        bits = {o.name: model.bits(o) for o in observations}
        total = sum(bits.values(), start=np.zeros(len(pairs), dtype=np.int64))
        kinds = {o.kind for o in observations}
        posterior = {
            kind: probability(
                (total - sum(bits[o.name] for o in observations if o.kind == kind)) / 1000
                + model.prior_bits
            )
            for kind in sorted(kinds)
        }
        weights = {
            o.name: _update(o, accounts, posterior[o.kind], model.weights[o.name])
            for o in observations
        }
        moved = max(np.abs(weights[n].m - model.weights[n].m).max() for n in weights)
        model = Model(weights, model.prior_bits)
        if moved < TOLERANCE:
            break
    return model


def probability(bits: np.ndarray) -> np.ndarray:
    """Return the probability that has these posterior odds, in bits (log2)."""
    result: np.ndarray = 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
    return result


def _update(observed: Observed, accounts: np.ndarray, match: np.ndarray, old: Weight) -> Weight:
    seen = observed.level >= 0
    level, weight = observed.level[seen], accounts[seen]
    size = len(old.m)
    matched = np.bincount(level, weights=weight * match[seen], minlength=size)
    m = (matched + SHRINKAGE * old.default_m) / (matched.sum() + SHRINKAGE)
    others = np.bincount(level, weights=weight * (1 - match[seen]), minlength=size)
    return Weight(m, _split(observed, others, old), old.default_m, old.default_u, matched)


def _split(observed: Observed, others: np.ndarray, old: Weight) -> np.ndarray:
    """Return u per level from unmatched pairs, or what divides a known frequency over levels."""
    if observed.name == "signup_gap":
        return old.u
    if observed.name in DEFAULT_U:
        return (others + SHRINKAGE * old.default_u) / (others.sum() + SHRINKAGE)
    u = old.default_u.copy()
    fine = _fine_levels(observed)
    if len(fine) > 1:
        split = others[fine] + SHRINKAGE * old.default_u[fine]
        u[fine] = split / split.sum()
    return u


def _default_u(observed: Observed) -> np.ndarray:
    u = np.array(DEFAULT_U.get(observed.name, (1.0,) * len(observed.levels)))
    if observed.name in DEFAULT_SPLIT:
        u[_fine_levels(observed)] = DEFAULT_SPLIT[observed.name]
    return u


def _fine_levels(observed: Observed) -> np.ndarray:
    """Return the levels that divide an agreement on one value."""
    first = 2 if observed.name in ("instrument", "address", "email") else 1
    return np.arange(first, len(observed.levels))
