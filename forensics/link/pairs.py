"""Pairs of accounts, and the values that they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.link.uses import Comparison, Ints
from forensics.parallel import in_order

#: Values that are looked up at a time: as many as stay near the processor.
BLOCK = 1 << 18


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts, `a` < `b`, ordered by both."""

    a: Ints
    b: Ints
    size: int  # accounts on the platform

    def __len__(self) -> int:
        return len(self.a)

    def account_weights(self) -> np.ndarray:
        """Return per pair the mean of 1 / (pairs of the account): accounts count alike."""
        degree = np.bincount(self.a, minlength=self.size) + np.bincount(self.b, minlength=self.size)
        weights: np.ndarray = (1 / degree[self.a] + 1 / degree[self.b]) / 2
        return weights


@dataclass(frozen=True)
class Shared:
    """Values that pairs share in one comparison: row by row, a pair, a value, and both uses."""

    pair: Ints
    value: Ints
    use_a: Ints
    use_b: Ints

    def where(self, kept: npt.NDArray[np.bool_]) -> Shared:
        """Return the rows that are to be kept."""
        return Shared(self.pair[kept], self.value[kept], self.use_a[kept], self.use_b[kept])


def shared_values(pairs: Pairs, comparison: Comparison) -> Shared:
    """Return every value that each pair shares in a comparison, ordered by pair and value."""
    search = _Search(pairs, comparison)
    nothing = (np.empty(0, dtype=np.int64),) * 4
    found = [nothing, *in_order(search, search.blocks())]
    return Shared(*map(np.concatenate, zip(*found, strict=True)))


class _Search:
    """Looks up the values of that side of a pair which has fewer among those of the other."""

    def __init__(self, pairs: Pairs, comparison: Comparison) -> None:
        self.keys = len(comparison.keys)
        # Values that one account alone uses are shared by nobody.
        self.uses = np.flatnonzero(comparison.counts[comparison.value] > 1)
        self.value = comparison.value[self.uses]
        account = comparison.account[self.uses]
        self.codes = account * self.keys + self.value
        self.counts = np.bincount(account, minlength=comparison.size)
        self.starts = np.cumsum(self.counts) - self.counts
        self.pairs = pairs
        self.sought = np.minimum(self.counts[pairs.a], self.counts[pairs.b])
        self.both = np.flatnonzero(self.sought)

    def blocks(self) -> Iterator[Ints]:
        """Yield pairs whose both sides have values, about `BLOCK` values to look up at a time."""
        sought = np.cumsum(self.sought[self.both])
        every = int(sought[-1]) if len(sought) else 0
        ends = np.searchsorted(sought, np.arange(BLOCK, every, BLOCK)) + 1
        yield from (part for part in np.split(self.both, np.unique(ends)) if len(part))

    def __call__(self, pairs: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the columns of `Shared` for some pairs."""
        a, b, length = self.pairs.a[pairs], self.pairs.b[pairs], self.sought[pairs]
        swap = self.counts[a] > self.counts[b]
        few, many = np.where(swap, b, a), np.where(swap, a, b)
        first = self.starts[few] - (np.cumsum(length) - length)
        use_few = np.arange(int(length.sum())) + np.repeat(first, length)
        value = self.value[use_few]
        wanted = np.repeat(many * self.keys, length) + value
        use_many = np.searchsorted(self.codes, wanted)
        hit = np.flatnonzero(self.codes.take(use_many, mode="clip") == wanted)
        pair = np.repeat(np.arange(len(a)), length)[hit]
        use_few, use_many = self.uses[use_few[hit]], self.uses[use_many[hit]]
        use_a = np.where(swap[pair], use_many, use_few)
        use_b = np.where(swap[pair], use_few, use_many)
        return pairs[pair], value[hit], use_a, use_b
