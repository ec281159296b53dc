"""Compares pairs of accounts, any part of them at a time: what that needs is prepared once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow.compute as pc

from forensics.link.material import Material
from forensics.link.observe import (
    observe_gap,
    observe_shared,
    observe_synchrony,
    observe_templates,
)
from forensics.link.observed import COARSE, Observed
from forensics.link.operators import (
    Operators,
    count_operators,
    default_owned,
    effective_operators,
    is_trait,
    joined_uses,
    shared_tokens,
)
from forensics.link.pairs import PART, Pairs, Shared, SharedValues, strangers
from forensics.link.timing import Activity, Signups
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import Model, independent_bits

#: Pairs of strangers from which u of synchrony is estimated.
STRANGERS = PART

Bits = dict[str, Ints]
Joins = dict[str, Ints]


@dataclass(frozen=True)
class Compared:
    """What is observed of pairs, and all values that they share, by comparison."""

    observations: list[Observed]
    shared: dict[str, Shared]


class Comparer:
    """Compares pairs on one platform's material."""

    def __init__(self, material: Material) -> None:
        self.material = material
        moments = [c for c in (material.minutes, material.hours) if c]
        every = [*material.comparisons.values(), *moments]
        self._find = SharedValues(*every) if every else None
        self._signups = Signups(material.created_s) if (material.created_s > 0).any() else None
        self._activity = Activity(material.minutes) if material.minutes else None

    def __call__(self, pairs: Pairs, operators: dict[str, Operators]) -> Compared:
        """Compare pairs, each value as rare as its operators make it."""
        shared = self._shared(pairs)
        timed = []
        if self._signups:
            timed.append(observe_gap(pairs, self._signups))
        if self._activity:
            timed.append(observe_synchrony(pairs, self._activity, shared["minute"]))
        return Compared(self._observe(pairs, shared, operators) + timed, shared)

    @cached_property
    def synchrony_of_strangers(self) -> Observed | None:
        """Synchrony of pairs drawn from all active accounts, None where nobody is active.

        Candidates tell nothing of how rare it is: the minutes that they share chose them.
        """
        if not self._activity:
            return None
        pairs = strangers(np.flatnonzero(self._activity.active), STRANGERS, self.material.size)
        return observe_synchrony(pairs, self._activity, self._shared(pairs)["minute"])

    def joins(self, compared: Compared, bits: Bits) -> Joins:
        """Return per comparison the uses of one value that evidence of other kinds joins."""
        found = {}
        fine = {coarse: name for name, coarse in COARSE.items()}

        @cache
        def other(name: str) -> np.ndarray:
            return independent_bits(name, compared.observations, bits) / 1000

        for name, comparison in self.material.comparisons.items():
            shared = compared.shared[name]
            found[name] = joined_uses(comparison, shared, other(fine.get(name, name)))
        if self.material.families is not None:
            by_family = self._family_shares(compared.shared["template"])
            found["family"] = joined_uses(self.material.families, by_family, other("template"))
        return found

    def recount(self, joins: Iterable[Joins], model: Model) -> dict[str, Operators]:
        """Count the operators of every value from the joins of all parts."""
        every = list(joins)
        sources = dict(self.material.comparisons)
        if self.material.families is not None:
            sources["family"] = self.material.families
        operators = {}
        for name, comparison in sources.items():
            joined = np.concatenate([of_part[name] for of_part in every], axis=1)
            operators[name] = _effective(comparison, count_operators(comparison, joined), model)
        return operators

    def _shared(self, pairs: Pairs) -> dict[str, Shared]:
        """Return what pairs share; a template known to be public tells nothing of operators."""
        shared = self._find(pairs) if self._find else {}
        template = self.material.comparisons.get("template")
        if template is not None and template.public is not None:
            own = shared["template"]
            shared["template"] = own.where(~template.public[own.value])
        return shared

    def _observe(
        self, pairs: Pairs, shared: dict[str, Shared], operators: dict[str, Operators]
    ) -> list[Observed]:
        material, comparisons = self.material, self.material.comparisons
        coarse_names = set(COARSE.values())
        found = []
        for name, comparison in comparisons.items():
            if name in coarse_names or name == "template":
                continue
            coarse = comparisons.get(COARSE.get(name, ""))
            below = (coarse, shared[coarse.name], operators[coarse.name]) if coarse else None
            hour = self._within_hour(shared) if name == "address" else None
            of = operators[name]
            found.append(observe_shared(pairs, comparison, shared[name], of, below, hour))
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

    def _within_hour(self, shared: dict[str, Shared]) -> np.ndarray:
        """Return which of the shared addresses both used within the same hour of the clock."""
        address, size = shared["address"], len(self.material.comparisons["address"].keys)
        codes = address.pair * size + address.value
        if "address_hour" not in shared:
            return np.zeros(len(codes), dtype=bool)
        hours = shared["address_hour"]
        return np.isin(codes, hours.pair * size + self._address_of_hour[hours.value])

    @cached_property
    def _address_of_hour(self) -> Ints:
        """Per address and hour, the address in the order of the addresses."""
        assert self.material.hours is not None
        own = pc.replace_substring_regex(self.material.hours.keys, r"^(.*)@[0-9]+$", r"ip:\1")
        place: Ints = pc.index_in(own, self.material.comparisons["address"].keys).to_numpy()
        return place.astype(np.int64)

    def _family_shares(self, shared: Shared) -> Shared:
        """Return which families each pair shares a template of."""
        material = self.material
        assert material.families is not None
        family = material.family_of[shared.value]
        _, first = np.unique(shared.pair * len(material.families.keys) + family, return_index=True)
        return Shared(material.families, shared.pairs, shared.pair, family).where(first)


def first_guess(material: Material) -> dict[str, Operators]:
    """Take each account for an operator of its own."""
    every = dict(material.comparisons)
    if material.families is not None:
        every["family"] = material.families
    return {n: _effective(c, c.counts.astype(float), None) for n, c in every.items()}


def _effective(comparison: Comparison, seen: np.ndarray, model: Model | None) -> Operators:
    name, nobodys = comparison.name, comparison.placeholder
    if model is None:
        owned = default_owned(name)
    else:
        owned = model.weights[name].owned if name in model.weights else default_owned(name)
        nobodys = nobodys | shared_tokens(comparison, seen)
    effective = effective_operators(name, seen, owned)
    effective[nobodys] = comparison.size
    return Operators(seen, effective, nobodys, is_trait(comparison, seen))
