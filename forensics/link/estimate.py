"""The numbers of the match weights, without labels: m and u per comparison and level, by EM.

Fitted as by Winkler (1988), with four departures that each matter: accounts count alike, not pairs
(else the largest values rule); a kind of evidence is updated from the posterior *without* that kind
(else a kind that stands alone proves itself); m is regressed on that posterior, not averaged by it
(else m and u are drawn to each other, see `_regress`); and every estimate is shrunk to a documented
default by the weight of `SHRINKAGE` accounts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forensics.link.observed import Observed
from forensics.link.operators import PERSONAL, RARITY, default_owned
from forensics.link.weights import (
    DEFAULT_SPLIT,
    Model,
    Weight,
    default_model,
    dependent_on,
    echoes_bounded,
    fine_levels,
    independent_bits,
    probability,
)
from forensics.parallel import in_order

SHRINKAGE = 20.0
MIN_M = 0.002
ROUNDS = 12
TOLERANCE = 1e-4
LEAST_IN_EM = -8.0  # bits that a difference may take away while weights are estimated


def first_model(
    observations: list[Observed], synchrony_of_strangers: Observed | None, prior_bits: float
) -> Model:
    """Return the model to start at: the documented defaults, but u of synchrony as measured."""
    model, strangers = default_model(observations, prior_bits), synchrony_of_strangers
    if strangers is None:
        return model
    old = model.weights[strangers.name]
    seen = np.bincount(strangers.level[strangers.level >= 0], minlength=len(old.u))
    u = (seen + SHRINKAGE * old.default_u) / (seen.sum() + SHRINKAGE)
    return replace(model, weights={**model.weights, strangers.name: replace(old, u=u)})


def estimate(observations: list[Observed], accounts: np.ndarray, model: Model) -> Model:
    """Return the model re-estimated from candidate pairs, starting at `model`.

    `accounts` is how many accounts each pair stands for.
    """
    alike: dict[frozenset[str], list[Observed]] = {}
    for o in observations:
        alike.setdefault(dependent_on(o.name, observations), []).append(o)
    for _ in range(ROUNDS):
        weights = _improved(model, observations, list(alike.values()), accounts)
        moved = max(np.abs(weights[n].m - model.weights[n].m).max() for n in weights)
        model = Model(weights, model.prior_bits)
        if moved < TOLERANCE:
            break
    return model


def _improved(
    model: Model, observations: list[Observed], alike: list[list[Observed]], accounts: np.ndarray
) -> dict[str, Weight]:
    """Return all weights after one round; those in `alike` depend on the same comparisons."""
    found = in_order(lambda o: model.bits(o, LEAST_IN_EM), observations)
    bits = echoes_bounded(
        {o.name: b for o, b in zip(observations, found, strict=True)}, observations
    )

    def update(some: list[Observed]) -> dict[str, Weight]:
        other = independent_bits(some[0].name, observations, bits) / 1000
        match = probability(other + model.prior_bits)
        return {o.name: _update(o, accounts, match, model.weights[o.name]) for o in some}

    weights = {name: w for some in in_order(update, alike) for name, w in some.items()}
    return {o.name: weights[o.name] for o in observations}


def _update(observed: Observed, accounts: np.ndarray, match: np.ndarray, old: Weight) -> Weight:
    seen = observed.level >= 0
    level, weight, w = observed.level, accounts, match
    if not seen.all():
        level, weight, w = level[seen], weight[seen], w[seen]
    size = len(old.m)
    matched = np.bincount(level, weights=weight * w, minlength=size)
    others = np.bincount(level, weights=weight * (1 - w), minlength=size)
    m = _regress(matched, others, weight, w, old.default_m)
    u = _split(observed, others, old)
    return Weight(m, u, old.default_m, old.default_u, matched, _owned(observed, accounts, match))


def _regress(
    matched: np.ndarray, others: np.ndarray, weight: np.ndarray, w: np.ndarray, default: np.ndarray
) -> np.ndarray:
    """Return m: the levels regressed on the posterior w, with a ridge to the default.

    Plain averages weighted by w are biased towards each other where w, which leaves the kind's
    own evidence out, is not near 0 or 1: they estimate m E[w^2] / E[w] + u (1 - E[w^2] / E[w]).
    """
    chance = others / max(others.sum(), 1e-9)
    # Sums, not dot products: those would depend on the number of threads.
    yes = float((weight * w**2).sum()) + SHRINKAGE
    no = float((weight * (1 - w) ** 2).sum()) + SHRINKAGE
    cross = float((weight * (w * (1 - w))).sum())
    first, second = matched + SHRINKAGE * default, others + SHRINKAGE * chance
    m = np.clip((no * first - cross * second) / (yes * no - cross**2), MIN_M, 1)
    shares: np.ndarray = m / m.sum()
    return shares


def _owned(observed: Observed, accounts: np.ndarray, match: np.ndarray) -> np.ndarray:
    """Return the owned share of each class of values, from the other evidence of pairs that agree.

    A card or a mailbox is personal by nature: that its users share nothing else tells nothing.
    """
    default = default_owned(observed.name)
    if observed.name in PERSONAL:
        return default
    classes = len(RARITY) + 1
    agree = np.flatnonzero(observed.rarity >= 0)
    rarity, weight = observed.rarity[agree], accounts[agree]
    yes = np.bincount(rarity, weights=weight * match[agree], minlength=classes)
    every = np.bincount(rarity, weights=weight, minlength=classes)
    owned: np.ndarray = (yes + SHRINKAGE * default) / (every + SHRINKAGE)
    clipped: np.ndarray = np.clip(owned, 0.001, 0.999)
    return clipped


def _split(observed: Observed, others: np.ndarray, old: Weight) -> np.ndarray:
    """Return u per level, or what divides a known frequency over the levels.

    Of timing it is known beforehand; candidates are no fair draw of unmatched pairs.
    """
    if observed.name not in DEFAULT_SPLIT:
        return old.u
    u, fine = old.u.copy(), fine_levels(observed)
    split = others[fine] + SHRINKAGE * old.default_u[fine]
    u[fine] = split / split.sum()
    return u
