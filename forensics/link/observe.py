"""What is observed of each candidate pair: one level per comparison, and the value behind it."""

from __future__ import annotations

import numpy as np

from forensics.link.observed import (
    CAPS,
    CAUSES,
    COARSE,
    DEFAULT_CAP,
    DIFFERENT,
    LEVELS,
    MISSING,
    PLAIN,
    Observed,
    Small,
    Value,
)
from forensics.link.operators import Operators, rarity_class
from forensics.link.pairs import Pairs, Shared
from forensics.link.timing import Activity, Signups
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import DEFAULT_M, DEFAULT_SPLIT
from forensics.ordered import first_rows

DAY, WEEK = 86_400, 604_800  # seconds


def observe_shared(
    pairs: Pairs,
    comparison: Comparison,
    shared: Shared,
    operators: Operators,
    coarse: tuple[Comparison, Shared, Operators] | None = None,
    within_hour: np.ndarray | None = None,
) -> Observed:
    """Observe a comparison of shared values; of several the one that chance brings about least.

    u of an agreement is the share of accounts that the value's other operators make up. Of
    addresses `within_hour` tells which shared ones both accounts used within an hour.
    """
    name = comparison.name
    capped = "trait" if operators.trait else name
    level = np.full(len(pairs), DIFFERENT, dtype=np.int8)
    level[~(comparison.present[pairs.a] & comparison.present[pairs.b])] = MISSING
    given_u = np.ones(len(pairs), dtype=np.float32)
    value = np.full(len(pairs), -1, dtype=np.int32)
    is_coarse = np.zeros(len(pairs), dtype=bool)
    rarity = np.full(len(pairs), -1, dtype=np.int8)
    cap = np.full(len(pairs), _cap(capped, pairs), dtype=np.float32)
    if coarse is not None:
        _agree(*coarse, np.ones(len(coarse[1].pair), np.int8), level, value, given_u, rarity)
        is_coarse = value >= 0
        cap[is_coarse] = _cap(coarse[0].name, pairs)
    fine = np.zeros(len(pairs), dtype=bool)
    fine[shared.pair] = True
    level_of = _levels(comparison, shared, operators, within_hour)
    _agree(comparison, shared, operators, level_of, level, value, given_u, rarity)
    is_coarse &= ~fine
    cap[fine] = _cap(capped, pairs)
    if comparison.public is not None:
        cap[fine & comparison.public[value]] = _cap("public_address", pairs)
    levels = LEVELS.get(name, PLAIN)
    carrier = comparison.carrier
    causes = (carrier, *CAUSES.get(carrier, ())) if carrier else CAUSES.get(name, ())
    return Observed(
        *(name, comparison.kind, levels, level, value, given_u, cap, is_coarse, rarity, causes)
    )


def _levels(
    comparison: Comparison, shared: Shared, operators: Operators, within_hour: np.ndarray | None
) -> Small:
    """Return the level of each shared value; what is nobody's own has the lowest, and adds none."""
    own = ~operators.nobodys[shared.value]
    above = np.zeros(len(own), dtype=np.int8)
    if comparison.name == "instrument":
        number = np.bincount(shared.pair, own, minlength=len(shared.pairs))[shared.pair]
        above[own] = np.minimum(number[own], 3) - 1
    if within_hour is not None:
        above[_within_a_day(comparison, shared) & own] = 1
        above[within_hour & own] = 2
    levels: Small = above + np.int8(2 if comparison.name in COARSE else 1)
    return levels


def _within_a_day(comparison: Comparison, shared: Shared) -> np.ndarray:
    """Return which shared values both accounts used within a day.

    Ranges of weeks tell nothing, and neither do uses without a time.
    """
    use_a, use_b = shared.use_a, shared.use_b
    first_a, last_a = comparison.first_s[use_a], comparison.last_s[use_a]
    first_b, last_b = comparison.first_s[use_b], comparison.last_s[use_b]
    gap = np.maximum(first_a, first_b) - np.minimum(last_a, last_b)
    longest = np.maximum(last_a - first_a, last_b - first_b)
    known = np.minimum(first_a, first_b) > 0
    near: np.ndarray = known & (gap <= DAY) & (longest <= WEEK)
    return near


def _cap(name: str, pairs: Pairs) -> float:
    return CAPS.get(name, DEFAULT_CAP) * float(np.log2(max(pairs.size, 2)))


def _agree(
    comparison: Comparison,
    shared: Shared,
    operators: Operators,
    level_of: Small,
    level: Small,
    value: Value,
    given_u: np.ndarray,
    rarity: Small,
) -> None:
    """Note for each pair that shares values the one that chance brings about least, in place.

    That is the value with the fewest operators, times how likely strangers who share one have it
    at its level (`level_of`, per shared value) and not one operator. `shared` is ordered by pair
    and value: of equal ones the first counts.
    """
    if len(shared.pair) == 0:
        return
    others = operators.effective[shared.value] - 1 + 0.1
    by_chance = others * _against(comparison.name)[level_of]
    starts = first_rows(shared.pair)
    lengths = np.diff(starts, append=len(shared.pair))
    least = np.flatnonzero(by_chance == np.repeat(np.minimum.reduceat(by_chance, starts), lengths))
    first = least[first_rows(shared.pair[least])]
    pair, best = shared.pair[first], shared.value[first]
    level[pair], value[pair] = level_of[first], best
    rarity[pair] = rarity_class(operators.seen[best])
    given_u[pair] = np.minimum(others[first] / max(int(comparison.present.sum()), 1), 1)


def _against(name: str) -> np.ndarray:
    """Return u over m of each level, as documented: values of several levels are weighed by it."""
    against = np.ones(len(LEVELS.get(name, PLAIN)))
    if name in DEFAULT_SPLIT:
        split = np.array(DEFAULT_SPLIT[name])
        against[-len(split) :] = split / np.array(DEFAULT_M[name])[-len(split) :]
    return against


def observe_templates(
    pairs: Pairs,
    families: Comparison,
    family_of: Ints,
    templates: Comparison,
    shared: Shared,
    operators: Operators,
) -> Observed:
    """Observe shared templates: the family that weighs most, by how many of its templates.

    `value` is the first template of that family that both accounts send.
    """
    family = family_of[shared.value]
    codes, counts = np.unique(shared.pair * len(families.keys) + family, return_counts=True)
    pair, shared_family = codes // len(families.keys), codes % len(families.keys)
    by_family = Shared(families, pairs, pair, shared_family)
    observed = observe_shared(pairs, families, by_family, operators)
    best = observed.value[pair] == shared_family
    of_best = np.flatnonzero(observed.value[shared.pair] == family)
    value = np.full(len(pairs), len(templates.keys), dtype=np.int32)
    np.minimum.at(value, shared.pair[of_best], shared.value[of_best].astype(np.int32))
    value[value == len(templates.keys)] = -1
    level = observed.level.copy()
    level[pair[best]] = np.searchsorted([2, 4], counts[best], side="right") + 1
    present = templates.present[pairs.a] & templates.present[pairs.b]
    level[~present] = MISSING
    cap = np.full(len(pairs), _cap("template", pairs), dtype=np.float32)
    return Observed(
        "template",
        "prompt",
        LEVELS["template"],
        level,
        value,
        observed.given_u,
        cap,
        observed.coarse,
        observed.rarity,
    )


def observe_gap(pairs: Pairs, signups: Signups) -> Observed:
    """Observe how far apart two accounts signed up."""
    return _timed("signup_gap", *signups.gap_levels(pairs), pairs)


def observe_synchrony(pairs: Pairs, activity: Activity, minutes: Shared) -> Observed:
    """Observe whether two accounts are active in the same minutes more often than by chance."""
    return _timed("synchrony", activity.surprise_levels(minutes), np.ones(len(pairs)), pairs)


def _timed(name: str, level: Ints, given_u: np.ndarray, pairs: Pairs) -> Observed:
    small, nothing = level.astype(np.int8), np.full(len(level), -1, dtype=np.int8)
    value, cap = nothing.astype(np.int32), np.full(len(level), _cap(name, pairs), np.float32)
    u = given_u.astype(np.float32)
    return Observed(name, "timing", LEVELS[name], small, value, u, cap, nothing >= 0, nothing)
