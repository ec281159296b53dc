"""What holds accounts together: the bipartite graph of accounts and the values they share.

Correlated values are one: the addresses of one prefix, the templates of one family. Values that
too many operators use hold nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.observed import COARSE
from forensics.link.uses import Ints
from forensics.ordered import distinct

MIN_BITS = 6.0
#: A value that so many operators use holds nobody, however large the platform makes its bits: two
#: rings with one lent card between them would be one by a browser's fingerprint.
MOST_OPERATORS = 30.0
PERSONAL = ("payment", "device")


@dataclass(frozen=True)
class Holds:
    """Account `account[i]` uses value `value[i]`; `kind[v]` numbers the kind of evidence of v.

    `operators[v]` is how many operators use v (seen to use it, unless it is a card or device).
    `kinds` are the names of the kinds, in the order of their numbers.
    """

    account: Ints
    value: Ints
    kind: Ints
    size: int  # accounts
    operators: np.ndarray
    kinds: tuple[str, ...] = ()

    @property
    def personal(self) -> npt.NDArray[np.bool_]:
        """Per value, whether one person alone should hold it: cards and devices."""
        return self.is_of(*PERSONAL)

    def is_of(self, *kinds: str) -> npt.NDArray[np.bool_]:
        """Return per value whether it is of one of these kinds."""
        return np.isin(self.kind, [at for at, name in enumerate(self.kinds) if name in kinds])

    def uses(self, chosen: npt.NDArray[np.bool_]) -> Holds:
        """Return some of the uses."""
        return replace(self, account=self.account[chosen], value=self.value[chosen])

    def of(self, chosen: npt.NDArray[np.bool_]) -> Holds:
        """Return the uses of some accounts."""
        return self.uses(chosen[self.account])

    def among(self, label: Ints) -> Holds:
        """Return the uses of values that at least two accounts of one group use, per group.

        A value that several groups use becomes a value of its own in each.
        """
        group = label[self.account]
        codes, inverse, counts = np.unique(
            group * (int(self.value.max(initial=0)) + 1) + self.value,
            return_inverse=True,
            return_counts=True,
        )
        kept = counts[inverse] > 1
        numbers, value = np.unique(inverse[kept], return_inverse=True)
        old = codes[numbers] % (int(self.value.max(initial=0)) + 1)
        return Holds(
            self.account[kept],
            value,
            self.kind[old],
            self.size,
            self.operators[old],
            self.kinds,
        )


def collect_holds(material: Material, linkage: Linkage) -> Holds:
    """Gather the values that are rare enough among operators to hold accounts together."""
    accounts, values, kinds, counted = [], [], [], []
    offset = 0
    names = sorted(set(material.comparisons) - set(COARSE.values()) - {"template"})
    sources = [(material.comparisons[n], linkage.operators[n]) for n in names]
    sources = [(uses, known) for uses, known in sources if not (known.trait or uses.carrier)]
    if material.families is not None:
        sources.append((material.families, linkage.operators["family"]))
    numbers = {kind: at for at, kind in enumerate(sorted({c.kind for c, _ in sources}))}
    for comparison, known in sources:
        counts_as = known.effective if comparison.kind in PERSONAL else known.seen
        rare = np.log2(comparison.size / np.maximum(known.effective, 1)) >= MIN_BITS
        kept = rare[comparison.value]
        value = comparison.value[kept]
        if comparison.name == "address" and "prefix" in material.comparisons:
            value = _prefixes(material, comparison.account[kept], value, linkage)
            counts_as = np.concatenate([counts_as, linkage.operators["prefix"].seen])
        few = counts_as[value] <= MOST_OPERATORS
        accounts.append(comparison.account[kept][few])
        values.append(value[few] + offset)
        size = int(value.max(initial=-1)) + 1
        kinds.append(np.full(size, numbers[comparison.kind]))
        counted.append(counts_as[:size])
        offset += size
    if not accounts:
        nothing = np.empty(0, dtype=np.int64)
        return Holds(nothing, nothing, nothing, material.size, np.empty(0))
    kind = np.concatenate(kinds)
    codes = distinct(np.concatenate(accounts) * max(offset, 1) + np.concatenate(values))
    account, value = np.divmod(codes, max(offset, 1))
    return Holds(account, value, kind, material.size, np.concatenate(counted), tuple(numbers))


def _prefixes(material: Material, account: Ints, value: Ints, linkage: Linkage) -> Ints:
    """Replace addresses by their prefix where the prefix itself is rare among operators.

    Prefixes are numbered after all addresses.
    """
    of_address = material.prefix_of
    rare = np.log2(material.size / np.maximum(linkage.operators["prefix"].effective, 1)) >= MIN_BITS
    addresses = len(material.comparisons["address"].keys)
    prefix = of_address[value]
    replaced: Ints = np.where(rare[prefix], prefix + addresses, value)
    return replaced
