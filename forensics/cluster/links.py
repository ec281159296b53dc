"""Links: the pairs that are likely enough to hold clusters together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.case.settings import Settings
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints

#: Kinds of evidence that are about a person or a thing, not about a place or what is done.
OF_ONES_OWN = ("payment", "device", "identifier")


@dataclass(frozen=True)
class Links:
    """Pairs of accounts with their match probability, one entry per link.

    `personal` says whether what weighs most is a card, a device or an identifier.
    """

    a: Ints
    b: Ints
    probability: np.ndarray
    personal: npt.NDArray[np.bool_]

    def where(self, kept: npt.NDArray[np.bool_]) -> Links:
        """Return the links that are to be kept."""
        return Links(self.a[kept], self.b[kept], self.probability[kept], self.personal[kept])


def strong_links(linkage: Linkage, settings: Settings) -> Links:
    """Return the pairs that count as links."""
    probability = linkage.probabilities
    kept = np.flatnonzero(probability >= settings.link.min_probability)
    bits = linkage.bits_by_kind(kept)
    nothing = np.zeros(len(kept), dtype=np.int64)
    own = np.maximum.reduce([nothing, *(bits[k] for k in bits if k in OF_ONES_OWN)])
    other = np.maximum.reduce([nothing, *(bits[k] for k in bits if k not in OF_ONES_OWN)])
    a, b = linkage.pairs.a[kept], linkage.pairs.b[kept]
    return Links(a, b, probability[kept], own >= other)
