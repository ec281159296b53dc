"""What is observed of each candidate pair: one level per comparison, and the value behind it.

Levels of one value count once: the /24 only where no address agrees, the card range only where
no instrument does, the mail domain only where no address of mail does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forensics.link.operators import Operators, rarity_class
from forensics.link.pairs import Pairs, Shared
from forensics.link.timing import GAP_LEVELS, SURPRISE_LEVELS, Activity, Signups
from forensics.link.uses import Comparison, Ints
from forensics.ordered import first_rows

# There are twenty pairs and more per account, and a comparison holds these of each.
Small = npt.NDArray[np.int8]
Value = npt.NDArray[np.int32]

MISSING, DIFFERENT = -1, 0
#: The coarse level of a comparison: used only where no fine value agrees.
COARSE = {"instrument": "card_range", "address": "prefix", "email": "email_domain"}
LEVELS = {
    "instrument": (
        "different",
        "same card range",
        "same instrument",
        "2 instruments",
        "3 or more instruments",
    ),
    "address": (
        "different",
        "same prefix",
        "same address at other times",
        "same address within a day",
        "same address within the hour",
    ),
    "email": ("different", "same domain", "same address"),
    "template": (
        "none shared",
        "one template shared",
        "2 or 3 templates shared",
        "4 or more templates shared",
    ),
    "signup_gap": GAP_LEVELS,
    "synchrony": SURPRISE_LEVELS,
}
PLAIN = ("different", "same")
KIND = {"signup_gap": "timing", "synchrony": "timing"}
#: What is no identifier can't weigh more than this, as a share of log2(accounts), however rare
#: it looks: sharing it never makes up for the prior alone.
CAPS = {
    "card_range": 0.25,
    "public_address": 0.3,
    "prefix": 0.4,
    "email_domain": 0.4,
    "signup_gap": 0.4,
    "synchrony": 0.65,
    "template": 0.8,
}
DEFAULT_CAP = 1.5
DAY, WEEK = 86_400, 604_800  # seconds


#: What `Observed` holds an entry of per pair.
_OF_PAIR = ("level", "value", "given_u", "cap", "coarse", "rarity")


@dataclass(frozen=True)
class Observed:
    """One comparison over all pairs.

    `level` is per pair an index into `levels`, -1 where the comparison is missing on a side.
    `value` is the agreed value that weighs most (an index into `source.keys`), -1 without one.
    `given_u` is P(this level | two operators) per pair, as far as it is known beforehand.
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    level: Small
    value: Value
    given_u: np.ndarray
    cap: np.ndarray
    coarse: np.ndarray  # per pair: whether `value` counts into the coarse comparison's keys
    rarity: Small  # per pair: the class (`RARITY`) of the value agreed on, -1 without one

    @classmethod
    def of_parts(cls, parts: list[Observed]) -> Observed:
        """Put what is observed of parts of the pairs together."""
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in _OF_PAIR
        }
        return replace(parts[0], **joined)

    @cached_property
    def special(self) -> Ints:
        """The pairs of which more than the level is known; most agree on nothing."""
        known = (self.given_u != 1) | (self.rarity >= 0)
        special: Ints = np.flatnonzero(known | (self.cap != self.cap.max(initial=0)))
        return special

    @cached_property
    def of_special(self) -> Observed:
        """What is observed of the pairs in `special`."""
        return self.of(self.special)

    def of(self, pairs: Ints) -> Observed:
        """What is observed of some of the pairs."""
        return replace(self, **{name: getattr(self, name)[pairs] for name in _OF_PAIR})

    @cached_property
    def of_level(self) -> Observed:
        """What is observed of a pair at each level of which nothing more is known."""
        count = len(self.levels)
        nothing = np.full(count, -1, dtype=np.int8)
        return replace(
            self,
            level=np.arange(count, dtype=np.int8),
            value=nothing.astype(np.int32),
            given_u=np.ones(count),
            cap=np.full(count, self.cap.max(initial=0)),
            coarse=nothing >= 0,
            rarity=nothing,
        )


def observe_shared(
    pairs: Pairs,
    comparison: Comparison,
    shared: Shared,
    operators: Operators,
    coarse: tuple[Comparison, Shared, Operators] | None = None,
    within_hour: np.ndarray | None = None,
) -> Observed:
    """Observe a comparison of shared values; of several, the one with fewest operators counts.

    u of an agreement is the share of accounts that the value's other operators make up.
    """
    name = comparison.name
    level = np.full(len(pairs), DIFFERENT, dtype=np.int8)
    level[~(comparison.present[pairs.a] & comparison.present[pairs.b])] = MISSING
    given_u = np.ones(len(pairs), dtype=np.float32)
    value = np.full(len(pairs), -1, dtype=np.int32)
    is_coarse = np.zeros(len(pairs), dtype=bool)
    rarity = np.full(len(pairs), -1, dtype=np.int8)
    cap = np.full(len(pairs), _cap(name, pairs), dtype=np.float32)
    if coarse is not None:
        _agree(*coarse, 1, level, value, given_u, rarity)
        is_coarse = value >= 0
        cap[is_coarse] = _cap(coarse[0].name, pairs)
    fine = np.zeros(len(pairs), dtype=bool)
    fine[shared.pair] = True
    level_of = 2 if name in COARSE else 1
    _agree(comparison, shared, operators, level_of, level, value, given_u, rarity)
    is_coarse &= ~fine
    cap[fine] = _cap(name, pairs)
    if comparison.public is not None:
        cap[fine & comparison.public[value]] = _cap("public_address", pairs)
    levels = LEVELS.get(name, PLAIN)
    if name == "instrument":
        number = np.bincount(shared.pair, minlength=len(pairs))
        level[fine] += (np.minimum(number[fine], 3) - 1).astype(np.int8)
    if within_hour is not None:
        day = np.zeros(len(pairs), dtype=bool)
        day[shared.pair[_within_a_day(comparison, shared)]] = True
        level[fine] += day[fine]
        level[fine & within_hour] = level_of + 2
    return Observed(name, comparison.kind, levels, level, value, given_u, cap, is_coarse, rarity)


def _within_a_day(comparison: Comparison, shared: Shared) -> np.ndarray:
    """Return which shared values both accounts used within a day; ranges of weeks tell nothing."""
    use_a, use_b = shared.use_a, shared.use_b
    first_a, last_a = comparison.first_s[use_a], comparison.last_s[use_a]
    first_b, last_b = comparison.first_s[use_b], comparison.last_s[use_b]
    gap = np.maximum(first_a, first_b) - np.minimum(last_a, last_b)
    longest = np.maximum(last_a - first_a, last_b - first_b)
    near: np.ndarray = (gap <= DAY) & (longest <= WEEK)
    return near


def _cap(name: str, pairs: Pairs) -> float:
    return CAPS.get(name, DEFAULT_CAP) * float(np.log2(max(pairs.size, 2)))


def _agree(
    comparison: Comparison,
    shared: Shared,
    operators: Operators,
    level_of: int,
    level: Small,
    value: Value,
    given_u: np.ndarray,
    rarity: Small,
) -> None:
    """Note for each pair that shares values the rarest of them, in place.

    `shared` is ordered by pair and value: of equally rare values the first counts.
    """
    if len(shared.pair) == 0:
        return
    of_value = operators.effective[shared.value]
    starts = first_rows(shared.pair)
    lengths = np.diff(starts, append=len(shared.pair))
    rarest = np.flatnonzero(of_value == np.repeat(np.minimum.reduceat(of_value, starts), lengths))
    first = rarest[first_rows(shared.pair[rarest])]
    pair, best = shared.pair[first], shared.value[first]
    others = operators.effective[best] - 1 + 0.1
    level[pair], value[pair] = level_of, best
    rarity[pair] = rarity_class(operators.seen[best])
    given_u[pair] = np.minimum(others / max(int(comparison.present.sum()), 1), 1)


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
