"""From uses to weighed pairs: candidates, comparisons, weights and operators, to a fixed point.

Pairs are compared a part at a time, and only those that may matter are kept, so that memory is
bounded by what is linked, not by what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from forensics.link.candidates import candidate_pairs
from forensics.link.compare import Bits, Comparer, Joins, first_guess
from forensics.link.estimate import estimate, first_model
from forensics.link.material import Material
from forensics.link.observed import Observed
from forensics.link.operators import Operators
from forensics.link.pairs import Pairs
from forensics.link.timing import BUSY
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import Model, probability
from forensics.parallel import in_order

Found = TypeVar("Found")

#: Rounds of candidates, weights and operators; the last one keeps the pairs of the one before.
ROUNDS = 3
STEPS = 2 * ROUNDS - 1
FROZEN_ROUNDS = 2  # with frozen weights only the operators are still to be found
#: Weights are estimated from an even draw of so many pairs: far more than the few dozen numbers
#: need, and the time no longer grows with the platform.
ENOUGH = 250_000
#: Pairs of less (match weight in thousandths of a bit) are dropped before the last round. Up to
#: 41,000 accounts, no pair that the last round makes a link had less in the one before.
LEAST = -10_000
#: Accounts of one operator that an account has beside it, within which the prior may move.
PRIOR_PARTNERS = (0.5, 1.0)


@dataclass(frozen=True)
class Linkage:
    """Weighed pairs. `bits` holds thousandths of a bit per pair, by comparison."""

    pairs: Pairs
    observations: list[Observed]
    operators: dict[str, Operators]
    model: Model
    bits: Bits

    def of(self, rows: Ints) -> Linkage:
        """Return what is known of some of the pairs."""
        return replace(
            self,
            pairs=self.pairs.take(rows),
            observations=[o.of(rows) for o in self.observations],
            bits={name: bits[rows] for name, bits in self.bits.items()},
        )

    def bits_by_kind(self, rows: Ints) -> Bits:
        """Return the evidence per kind, in thousandths of a bit, for some of the pairs."""
        found: Bits = {}
        for o in self.observations:
            found[o.kind] = found.get(o.kind, 0) + self.bits[o.name][rows]
        return found

    @property
    def total(self) -> Ints:
        """Match weight per pair in thousandths of a bit, the prior included."""
        return _total(self.bits, self.model, len(self.pairs))

    @property
    def probabilities(self) -> np.ndarray:
        """Match probability per pair."""
        return probability(self.total / 1000)


def link_accounts(
    material: Material,
    *,
    top: int,
    frozen: Model | None = None,
    advance: Callable[[float], None] = lambda _: None,
) -> Linkage:
    """Weigh all candidate pairs, and return those that come near to a match.

    Args:
        material: what pairs are compared on.
        top: candidates per account.
        frozen: weights to use as they are, instead of estimating them (for shuffled data). Of what
            is observed of pairs only the bits are kept then.
        advance: told how many of the `STEPS`, or what part of one, is done more.
    """
    compare = Comparer(material)
    operators = first_guess(material)
    model = frozen
    for _ in range((ROUNDS if frozen is None else FROZEN_ROUNDS) - 1):
        pairs = candidate_pairs(*_sources(material, operators), material.size, top)
        drawn, accounts = pairs.draw(ENOUGH)
        advance(1)
        if frozen is None:
            model = _estimated(compare, drawn, accounts, len(pairs), operators, model)
        assert model is not None
        kept, joins = _near_matches(compare, pairs, operators, model, advance)
        operators = compare.recount(joins, model)
    if frozen is None:
        model = _estimated(compare, drawn, accounts, len(pairs), operators, model)
    assert model is not None
    return _weighed(compare, kept, operators, model, frozen is None, advance)


def _sources(
    material: Material, operators: dict[str, Operators]
) -> tuple[list[Comparison], dict[str, np.ndarray]]:
    """Return the comparisons that bring candidates, and the operators of their values.

    A minute with few accounts weighs four bits here, whoever they are: enough for one shared minute
    to bring a candidate, and little beside whatever else two accounts share.
    """
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


def _estimated(
    compare: Comparer,
    drawn: Pairs,
    accounts: np.ndarray,
    pairs: int,
    operators: dict[str, Operators],
    model: Model | None,
) -> Model:
    """Return the model estimated from a draw of so many pairs, starting at `model`.

    The prior follows from the partners that an account is expected to have among its candidates.
    """
    parts = list(in_order(lambda part: compare(part, operators).observations, drawn.parts()))
    seen = [Observed.of_parts(list(of_parts)) for of_parts in zip(*parts, strict=True)]
    prior_bits = -float(np.log2(max(drawn.size, 2))) + 1
    start = model or first_model(seen, compare.synchrony_of_strangers, prior_bits)
    found = estimate(seen, accounts, start)
    matches = probability(_total(found.all_bits(seen), found, len(drawn)) / 1000).sum()
    expected = matches * 2 * pairs / max(len(drawn), 1) / max(drawn.size, 1)
    partners = float(np.clip(expected, *PRIOR_PARTNERS))
    return replace(found, prior_bits=float(np.log2(partners / max(drawn.size, 2))))


def _near_matches(
    compare: Comparer,
    pairs: Pairs,
    operators: dict[str, Operators],
    model: Model,
    advance: Callable[[float], None],
) -> tuple[Pairs, list[Joins]]:
    """Return the pairs that may matter, and the uses that other evidence joins."""

    def weigh(part: Pairs) -> tuple[Pairs, Joins]:
        compared = compare(part, operators)
        bits = model.all_bits(compared.observations)
        kept = np.flatnonzero(_total(bits, model, len(part)) >= LEAST)
        return part.take(kept), compare.joins(compared, bits)

    kept, joins = [], []
    for of_part, joined in _in_parts(weigh, pairs, advance):
        kept.append(of_part)
        joins.append(joined)
    return Pairs.of(kept), joins


def _weighed(
    compare: Comparer,
    pairs: Pairs,
    operators: dict[str, Operators],
    model: Model,
    keep: bool,
    advance: Callable[[float], None],
) -> Linkage:
    """Return the pairs with their bits, and all that is observed of them if that is to be kept."""
    nothing = np.empty(0, dtype=np.int64)

    def weigh(part: Pairs) -> tuple[list[Observed], Bits]:
        observed = compare(part, operators).observations
        bits = model.all_bits(observed)
        # A copy is without what was worked out to weigh them.
        return [replace(o) if keep else o.of(nothing) for o in observed], bits

    parts, bits = [], []
    for observed, weighed in _in_parts(weigh, pairs, advance):
        parts.append(observed)
        bits.append(weighed)
    # Each part lets go of what has been taken over, or memory would hold everything twice.
    observations = [Observed.of_parts([part.pop(0) for part in parts]) for _ in list(parts[0])]
    by_name = {o.name: np.concatenate([part.pop(o.name) for part in bits]) for o in observations}
    return Linkage(pairs, observations, operators, model, by_name)


def _in_parts(
    work: Callable[[Pairs], Found], pairs: Pairs, advance: Callable[[float], None]
) -> Iterator[Found]:
    """Give what `work` makes of each part of the pairs; all of them are one step."""
    for found in in_order(work, pairs.parts()):
        yield found
        advance(1 / pairs.part_count)


def _total(bits: Bits, model: Model, pairs: int) -> Ints:
    total = np.full(pairs, round(model.prior_bits * 1000), dtype=np.int64)
    for of_comparison in bits.values():
        total += of_comparison
    return total
