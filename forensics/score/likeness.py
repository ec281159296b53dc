"""Likeness: whether a cluster looks like a campaign or like honest accounts, in bits.

A scorecard: each item adds the weight of evidence (Good 1950) of the range that its value lies in,
the log2 of how much oftener campaigns are in that range than honest groups are, with all other
items as they are. The bits are fitted by logistic regression to groups of generated platforms on
which the operators are known (`benchmarks/likeness`), so that no item's bits fall where it should
speak more for a campaign; `likeness.csv` holds them. What a case can't tell adds nothing.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from forensics.score.coordination import CEILING
from forensics.score.readings import Facts, ramp
from forensics.score.scorecard import ITEMS, PRIOR

#: From such coordination, likeness apart, what looks like a campaign is one operator's (measured).
CAMPAIGN_FROM = 0.1
#: What is left of coordination where a cluster looks like a campaign and is none (measured).
OTHERWISE = 0.5


@dataclass(frozen=True)
class Scale:
    """The bits of an item: `bits[i]` from `at_least[i]` on; the first is below all others."""

    at_least: tuple[float, ...]
    bits: tuple[float, ...]

    def of(self, value: float | None) -> float:
        """Return the bits of a value, 0 of one that is not known."""
        return 0.0 if value is None else self.bits[bisect_right(self.at_least, value) - 1]


@cache
def scorecard() -> dict[str, Scale]:
    """Return the scale of each item, and of `PRIOR` the bits that stand before all evidence."""
    found: dict[str, list[tuple[float, float]]] = {}
    with files("forensics.score").joinpath("likeness.csv").open(encoding="utf-8") as given:
        for row in csv.DictReader(given):
            least = float(row["at_least"]) if row["at_least"] else -np.inf
            found.setdefault(row["item"], []).append((least, float(row["bits"])))
    return {name: Scale(*zip(*rows, strict=True)) for name, rows in found.items()}


@dataclass(frozen=True)
class Likeness:
    """What the items say of each cluster.

    `values` and `bits` have shape (clusters, items), a value that is not known is NaN; `told` is
    whether enough is known of what a cluster does, without which nothing is said of it.
    """

    values: npt.NDArray[np.float64]
    bits: npt.NDArray[np.float64]
    told: npt.NDArray[np.bool_]

    def campaign(self, without: Sequence[str] = ()) -> npt.NDArray[np.float64]:
        """Return the probability of a campaign, of such items as are of no kind in `without`.

        It is at most `CEILING`, and 0 where nothing is told of what the accounts do.
        """
        kept = np.array([item.kind not in without for item in ITEMS])
        total = scorecard()[PRIOR].bits[0] + self.bits[:, kept].sum(axis=1)
        said = CEILING / (1 + np.exp2(-total))
        found: npt.NDArray[np.float64] = np.where(self.told, np.round(said, 3), 0.0)
        return found

    def rows(self, at: int) -> list[dict[str, Any]]:
        """Return the items that add bits, the prior first; none where nothing is told."""
        if not self.told[at]:
            return []
        prior = {"item": PRIOR, "value": None, "bits": scorecard()[PRIOR].bits[0]}
        weighed = [
            {"item": item.name, "value": round(float(value), 4), "bits": round(float(bits), 3)}
            for item, value, bits in zip(ITEMS, self.values[at], self.bits[at], strict=True)
            if bits
        ]
        return [prior, *weighed]


def weigh_likeness(
    facts: Sequence[Facts], measures: Mapping[str, np.ndarray], told: Sequence[bool]
) -> Likeness:
    """Weigh every cluster; `measures` has an entry per cluster."""
    values = np.full((len(facts), len(ITEMS)), np.nan)
    bits = np.zeros(values.shape)
    for at, f in enumerate(facts):
        of_cluster = {name: float(found[at]) for name, found in measures.items()}
        unexplained = 1 - (ramp(f["declared_share"], 0.3, 0.9) or 0.0)
        for number, item in enumerate(ITEMS):
            value = item.read(f, of_cluster)
            if value is None:
                continue
            adds = scorecard()[item.name].of(value)
            nature = adds > 0 and f["declared_kind"] in item.expected
            values[at, number], bits[at, number] = value, adds * (unexplained if nature else 1)
    return Likeness(values, bits, np.array(told, dtype=bool) & _informed(values))


def _informed(values: npt.NDArray[np.float64]) -> bool:
    """Return whether a case knows what the bits were fitted to: when accounts are active."""
    parallel = [item.name for item in ITEMS].index("parallel")
    return not bool(np.isnan(values[:, parallel]).all())
