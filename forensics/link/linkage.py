"""From uses to weighed pairs: candidates, comparisons, weights and operators, to a fixed point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forensics.link.candidates import candidate_pairs
from forensics.link.observe import (
    COARSE,
    Observed,
    observe_gap,
    observe_shared,
    observe_synchrony,
    observe_templates,
)
from forensics.link.operators import (
    Operators,
    count_operators,
    default_owned,
    effective_operators,
)
from forensics.link.pairs import Pairs, Shared, shared_values
from forensics.link.timing import BUSY
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import (
    Model,
    default_model,
    estimate,
    independent_bits,
    probability,
)

#: Rounds of candidates, weights and operators; the last one keeps the pairs of the one before.
ROUNDS = 3
STEPS = 2 * ROUNDS - 1
FROZEN_ROUNDS = 2  # with frozen weights only the operators are still to be found
#: Accounts of one operator that an account has beside it, within which the prior may move.
PRIOR_PARTNERS = (0.5, 1.0)


@dataclass(frozen=True)
class Material:
    """What pairs are compared on.

    `comparisons` are the sorts of shared values (coarse ones and templates included),
    `prefix_of` the prefix of each address, `family_of` the family of each template and `families`
    their comparison; `minutes` and `hours` are activity by the minute and use of addresses by the
    hour; `created_s` is 0 where unknown.
    """

    comparisons: dict[str, Comparison]
    prefix_of: Ints
    families: Comparison | None
    family_of: Ints
    minutes: Comparison | None
    hours: Comparison | None
    created_s: Ints

    @property
    def size(self) -> int:
        """Accounts on the platform."""
        return len(self.created_s)


@dataclass(frozen=True)
class Linkage:
    """Weighed pairs. `bits` holds thousandths of a bit per pair, by comparison."""

    pairs: Pairs
    observations: list[Observed]
    operators: dict[str, Operators]
    model: Model
    bits: dict[str, Ints]

    @property
    def total(self) -> Ints:
        """Match weight per pair in thousandths of a bit, the prior included."""
        prior = round(self.model.prior_bits * 1000)
        return sum(self.bits.values(), start=np.full(len(self.pairs), prior, dtype=np.int64))

    @property
    def probabilities(self) -> np.ndarray:
        """Match probability per pair."""
        return probability(self.total / 1000)


def link_accounts(
    material: Material,
    *,
    top: int,
    frozen: Model | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Linkage:
    """Weigh all candidate pairs.

    Args:
        material: what pairs are compared on.
        top: candidates per account.
        frozen: weights to use as they are, instead of estimating them (for shuffled data).
        advance: called after each of the `STEPS`.
    """
    operators = _first_guess(material)
    linkage = None
    rounds = ROUNDS if frozen is None else FROZEN_ROUNDS
    for round_ in range(rounds):
        if round_ < rounds - 1:
            pairs = candidate_pairs(*_sources(material, operators), material.size, top)
            shared = {n: _shared(pairs, c) for n, c in material.comparisons.items()}
            same_hour, timed = _same_hour(material, pairs), _observe_timing(material, pairs)
            advance()
        observations = _observe(material, pairs, shared, operators, same_hour) + timed
        model = frozen or (linkage.model if linkage else _start(material, observations))
        if frozen is None:
            model = _with_prior(estimate(observations, pairs, model), observations, pairs)
        bits = model.all_bits(observations)
        linkage = Linkage(pairs, observations, operators, model, bits)
        operators = _recount(material, shared, linkage)
        advance()
    assert linkage is not None
    return linkage


def _first_guess(material: Material) -> dict[str, Operators]:
    """Take each account for an operator of its own."""
    counts = {n: c.counts.astype(float) for n, c in material.comparisons.items()}
    if material.families is not None:
        counts["family"] = material.families.counts.astype(float)
    return {n: _effective(n, seen, None) for n, seen in counts.items()}


def _effective(name: str, seen: np.ndarray, model: Model | None) -> Operators:
    weighed = "template" if name == "family" else name
    known = model is not None and weighed in model.weights
    owned = model.weights[weighed].owned if model and known else default_owned(weighed)
    return Operators(seen, effective_operators(weighed, seen, owned))


def _sources(
    material: Material, operators: dict[str, Operators]
) -> tuple[list[Comparison], dict[str, np.ndarray]]:
    """Return the comparisons that bring candidates; one shared minute alone brings none."""
    sources = list(material.comparisons.values())
    rarity = {name: of.effective for name, of in operators.items()}
    if material.families is not None:
        public = material.comparisons["template"].public
        of_family = rarity["family"][material.family_of]
        rarity["template"] = (
            of_family if public is None else np.where(public, material.size, of_family)
        )
    if material.minutes is not None:
        counts = material.minutes.counts
        sources.append(material.minutes)
        rarity["minute"] = np.where(counts > BUSY, material.size, material.size / 16)
    return sources, rarity


def _shared(pairs: Pairs, comparison: Comparison) -> Shared:
    """Return what pairs share; a template that is known to be public tells nothing of operators."""
    shared = shared_values(pairs, comparison)
    if comparison.name != "template" or comparison.public is None:
        return shared
    return shared.where(~comparison.public[shared.value])


def _observe(
    material: Material,
    pairs: Pairs,
    shared: dict[str, Shared],
    operators: dict[str, Operators],
    same_hour: np.ndarray,
) -> list[Observed]:
    comparisons = material.comparisons
    coarse_names = set(COARSE.values())
    found = []
    for name, comparison in comparisons.items():
        if name in coarse_names or name == "template":
            continue
        coarse = comparisons.get(COARSE.get(name, ""))
        below = (coarse, shared[coarse.name], operators[coarse.name]) if coarse else None
        hour = same_hour if name == "address" else None
        found.append(observe_shared(pairs, comparison, shared[name], operators[name], below, hour))
    if material.families is not None:
        found.append(
            observe_templates(
                pairs,
                material.families,
                material.family_of,
                comparisons["template"],
                shared["template"],
                operators["family"],
            )
        )
    return found


def _observe_timing(material: Material, pairs: Pairs) -> list[Observed]:
    found = []
    if (material.created_s > 0).any():
        found.append(observe_gap(pairs, material.created_s))
    if material.minutes is not None:
        found.append(observe_synchrony(pairs, material.minutes))
    return found


def _same_hour(material: Material, pairs: Pairs) -> np.ndarray:
    same = np.zeros(len(pairs), dtype=bool)
    if material.hours is not None:
        same[shared_values(pairs, material.hours).pair] = True
    return same


def _start(material: Material, observations: list[Observed]) -> Model:
    return default_model(observations, -float(np.log2(max(material.size, 2))) + 1)


def _with_prior(model: Model, observations: list[Observed], pairs: Pairs) -> Model:
    """Set the prior from the partners that an account is expected to have among its candidates."""
    bits = sum(model.all_bits(observations).values(), start=np.zeros(len(pairs), dtype=np.int64))
    expected = probability(bits / 1000 + model.prior_bits).sum() * 2 / max(pairs.size, 1)
    partners = float(np.clip(expected, *PRIOR_PARTNERS))
    return replace(model, prior_bits=float(np.log2(partners / max(pairs.size, 2))))


def _recount(
    material: Material, shared: dict[str, Shared], linkage: Linkage
) -> dict[str, Operators]:
    """Count the operators of every value from the evidence of all other kinds."""
    operators = {}
    for name, comparison in material.comparisons.items():
        of = next((n for n, c in COARSE.items() if c == name), name)
        other = independent_bits(of, linkage.observations, linkage.bits) / 1000
        seen = count_operators(comparison, shared[name], other)
        operators[name] = _effective(name, seen, linkage.model)
    families = material.families
    if families is not None:
        template = material.comparisons["template"]
        by_family = _family_shares(material, shared["template"], template, families)
        other = independent_bits("template", linkage.observations, linkage.bits) / 1000
        seen = count_operators(families, by_family, other)
        operators["family"] = _effective("family", seen, linkage.model)
    return operators


def _family_shares(
    material: Material, shared: Shared, template: Comparison, families: Comparison
) -> Shared:
    """Return which families each pair shares a template of."""
    family = material.family_of[shared.value]
    codes = families.account * len(families.keys) + families.value
    sides = [
        np.searchsorted(codes, template.account[use] * len(families.keys) + family)
        for use in (shared.use_a, shared.use_b)
    ]
    _, first = np.unique(shared.pair * len(families.keys) + family, return_index=True)
    return Shared(shared.pair, family, *sides).where(first)
