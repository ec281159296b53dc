"""Match weights: log2 of m over u, per comparison and level, and what bounds it.

The model is Fellegi and Sunter's (1969); `estimate` finds its numbers. Bounds stand for what the
model leaves out: that evidence echoes other evidence, and that a shared value need not be owned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.link.observed import CAUSES, COARSE_ECHOES, Observed
from forensics.link.operators import default_owned

_FINE = {"instrument": 2, "address": 2, "email": 2}  # first level that is not coarse
DEFAULT_M = {
    "instrument": (0.45, 0.10, 0.39, 0.03, 0.03),
    "address": (0.35, 0.15, 0.10, 0.20, 0.20),
    "device": (0.50, 0.50),
    "email": (0.88, 0.10, 0.02),
    "phone": (0.90, 0.10),
    "template": (0.50, 0.15, 0.15, 0.20),
    "signup_gap": (0.04, 0.06, 0.10, 0.12, 0.13, 0.55),
    "synchrony": (0.05, 0.05, 0.10, 0.10, 0.70),
}
DEFAULT_M_OTHER = (0.60, 0.40)
#: Among agreements on one value: how they divide over the levels between two operators.
DEFAULT_SPLIT = {
    "instrument": (0.98, 0.015, 0.005),
    "address": (0.60, 0.28, 0.12),
    "template": (0.80, 0.15, 0.05),
}
#: What an agreement can add, in bits, when another that mostly brings it about (`CAUSES`) is there
#: as well. What another carries adds nothing to it.
ECHO_BITS = 1.0
#: Not to share a value says little: an operator has many devices, cards and addresses.
LEAST_BITS = -0.6
DEFAULT_U = {"synchrony": (0.0005, 0.0005, 0.004, 0.02, 0.975)}


@dataclass(frozen=True)
class Weight:
    """The estimates of one comparison, one entry per level.

    `u` multiplies what is known beforehand of a pair (`Observed.given_u`): for agreements on a
    value it divides that value's frequency over the levels. `pairs` is the weight in accounts.
    `owned` is per class of `RARITY` the share of agreeing pairs that other evidence calls one
    operator: it bounds what such an agreement can weigh.
    """

    m: np.ndarray
    u: np.ndarray
    default_m: np.ndarray
    default_u: np.ndarray
    pairs: np.ndarray
    owned: np.ndarray


@dataclass(frozen=True)
class Model:
    """All weights, by comparison, and the prior in bits."""

    weights: dict[str, Weight]
    prior_bits: float

    def bits(self, observed: Observed, least: float = LEAST_BITS) -> np.ndarray:
        """Return log2(m / u) per pair in thousandths of a bit, 0 where it is missing."""
        of_level = np.append(self._bits(observed.of_level, least), np.int32(0))
        bits: np.ndarray = of_level[observed.level]
        bits[observed.special] = self._bits(observed.of_special, least)
        return bits

    def _bits(self, observed: Observed, least: float) -> np.ndarray:
        weight = self.weights[observed.name]
        at = np.maximum(observed.level, 0)
        u = np.clip(weight.u[at] * observed.given_u, 1e-9, 1)
        raw = np.log2(weight.m[at] / u)
        most = np.minimum(observed.cap, self._ceiling(observed))
        bits: np.ndarray = np.clip(raw, least, np.maximum(most, 0))
        bits[observed.level < 0] = 0
        whole: np.ndarray = np.rint(bits * 1000).astype(np.int32)
        return whole

    def all_bits(
        self, observations: list[Observed], least: float = LEAST_BITS
    ) -> dict[str, np.ndarray]:
        """Return `bits` of every comparison, echoes bounded."""
        return echoes_bounded({o.name: self.bits(o, least) for o in observations}, observations)

    def _ceiling(self, observed: Observed) -> np.ndarray:
        owned = self.weights[observed.name].owned
        ceiling = np.log2(owned / (1 - owned)) - self.prior_bits
        bound: np.ndarray = np.where(observed.rarity >= 0, ceiling[observed.rarity], np.inf)
        return bound


def echoes_bounded(
    bits: dict[str, np.ndarray], observations: list[Observed]
) -> dict[str, np.ndarray]:
    """Bound what an echo adds where its cause is there as well, in place."""
    by_name = {o.name: o for o in observations}
    for o in observations:
        most = round(1000 * ECHO_BITS) if o.name in CAUSES else 0
        for cause in o.causes:
            if cause in bits:
                echo = _brought_about(o, by_name[cause])
                bits[o.name][echo] = np.minimum(bits[o.name][echo], most)
    return bits


def _brought_about(observed: Observed, cause: Observed) -> np.ndarray:
    """Return of which pairs the cause may have brought the agreement about."""
    echo: np.ndarray = cause.level >= _FINE.get(cause.name, 1)
    if observed.name in COARSE_ECHOES:
        echo &= observed.level < _FINE[observed.name]
    return echo


def default_model(observations: list[Observed], prior_bits: float) -> Model:
    """Return the model before any data: all weights at their documented defaults."""
    weights = {}
    for o in observations:
        m = np.array(DEFAULT_M.get(o.name, DEFAULT_M_OTHER))
        u = _default_u(o)
        owned = default_owned(o.name)
        weights[o.name] = Weight(m, u, m, u, np.zeros(len(m)), owned)
    return Model(weights, prior_bits)


def independent_bits(
    name: str, observations: list[Observed], bits: dict[str, np.ndarray]
) -> np.ndarray:
    """Return the evidence per pair that does not depend on a comparison, in thousandths of a bit.

    Its own kind is left out, and what it echoes or what echoes it.
    """
    apart = dependent_on(name, observations)
    total = np.zeros(len(next(iter(bits.values()))), dtype=np.int64)
    for o in observations:
        if o.name not in apart:
            total += bits[o.name]
    return total


def dependent_on(name: str, observations: list[Observed]) -> frozenset[str]:
    """Return the comparisons that one depends on, itself included.

    Two that have a cause in common do: where a device stands, and the cookies that lie on it.
    """
    this = next(o for o in observations if o.name == name)
    return frozenset(
        o.name
        for o in observations
        if o.kind == this.kind or {o.name, *o.causes} & set(this.causes) or name in o.causes
    )


def probability(bits: np.ndarray) -> np.ndarray:
    """Return the probability that has these posterior odds, in bits (log2)."""
    result: np.ndarray = 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
    return result


def _default_u(observed: Observed) -> np.ndarray:
    u = np.array(DEFAULT_U.get(observed.name, (1.0,) * len(observed.levels)))
    if observed.name in DEFAULT_SPLIT:
        u[fine_levels(observed)] = DEFAULT_SPLIT[observed.name]
    return u


def fine_levels(observed: Observed) -> np.ndarray:
    """Return the levels that divide an agreement on one value."""
    return np.arange(_FINE.get(observed.name, 1), len(observed.levels))
