"""What is known of each pair by one comparison: the levels that there are, and where a pair stands.

Levels of one value count once: the /24 only where no address agrees, the card range only where
no instrument does, the mail domain only where no address of mail does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forensics.link.timing import GAP_LEVELS, SURPRISE_LEVELS
from forensics.link.uses import Ints

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
    "trait": 0.4,  # a kind that the user added, of values that mark sorts of accounts
}
DEFAULT_CAP = 1.5
#: What mostly brings an agreement about: who shares a device shares where it stands, who shares a
#: campus shares its mail domain.
CAUSES = {"address": ("device",), "email": ("address",)}
#: Of these only the coarse level is brought about: no campus makes two people share a mailbox.
COARSE_ECHOES = ("email",)


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
    causes: tuple[str, ...] = ()  # comparisons that mostly bring an agreement about

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
