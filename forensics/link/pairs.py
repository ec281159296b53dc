"""Pairs of accounts, and the values that they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.link.uses import Comparison, Ints

#: Pairs that are compared at a time: it bounds memory, whatever the platform.
PART = 1 << 17
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

    def take(self, rows: Ints) -> Pairs:
        """Return some of the pairs, in their order."""
        return Pairs(self.a[rows], self.b[rows], self.size)

    @classmethod
    def of(cls, parts: list[Pairs]) -> Pairs:
        """Put parts together again."""
        return cls(
            np.concatenate([part.a for part in parts]),
            np.concatenate([part.b for part in parts]),
            parts[0].size,
        )

    @property
    def part_count(self) -> int:
        """Into how many parts of `PART` pairs these are cut, one at least."""
        return max(1, -(-len(self) // PART))

    def parts(self) -> Iterator[Pairs]:
        """Yield the pairs part by part."""
        for start in range(0, self.part_count * PART, PART):
            yield Pairs(self.a[start : start + PART], self.b[start : start + PART], self.size)

    def draw(self, most: int) -> tuple[Pairs, np.ndarray]:
        """Return an even draw of at most so many pairs, and how many accounts each stands for."""
        if len(self) <= most:
            return self, self.account_weights(np.arange(len(self)))
        rows = np.linspace(0, len(self) - 1, most).astype(np.int64)
        return self.take(rows), self.account_weights(rows) * (len(self) / most)

    def account_weights(self, rows: Ints) -> np.ndarray:
        """Return per pair the mean of 1 / (pairs of the account): accounts count alike."""
        degree = np.bincount(self.a, minlength=self.size) + np.bincount(self.b, minlength=self.size)
        weights: np.ndarray = (1 / degree[self.a[rows]] + 1 / degree[self.b[rows]]) / 2
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


class SharedValues:
    """Finds the values that pairs share in one comparison.

    Of each pair the values of that side which has fewer are looked up among those of the other.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.keys = len(comparison.keys)
        # Values that one account alone uses are shared by nobody.
        self.uses = np.flatnonzero(comparison.counts[comparison.value] > 1).astype(np.int32)
        self.value = comparison.value[self.uses].astype(np.int32)
        account = comparison.account[self.uses]
        self.codes = account.astype(np.int64) * self.keys + self.value
        self.counts = np.bincount(account, minlength=comparison.size)
        self.starts = np.cumsum(self.counts) - self.counts

    def __call__(self, pairs: Pairs) -> Shared:
        """Return every value that each pair shares, ordered by pair and value."""
        sought = np.minimum(self.counts[pairs.a], self.counts[pairs.b])
        found = [_NOTHING, *(self._look_up(pairs, b, sought[b]) for b in _blocks(sought))]
        return Shared(*map(np.concatenate, zip(*found, strict=True)))

    def _look_up(self, pairs: Pairs, rows: Ints, length: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the columns of `Shared` for some pairs."""
        a, b = pairs.a[rows], pairs.b[rows]
        swap = self.counts[a] > self.counts[b]
        few, many = np.where(swap, b, a), np.where(swap, a, b)
        first = self.starts[few] - (np.cumsum(length) - length)
        use_few = np.arange(int(length.sum())) + np.repeat(first, length)
        value = self.value[use_few]
        wanted = np.repeat(many * self.keys, length) + value
        use_many = np.searchsorted(self.codes, wanted)
        hit = np.flatnonzero(self.codes.take(use_many, mode="clip") == wanted)
        pair = np.repeat(np.arange(len(a)), length)[hit]
        value = value[hit].astype(np.int64)
        use_few, use_many = self.uses[use_few[hit]], self.uses[use_many[hit]]
        use_a = np.where(swap[pair], use_many, use_few)
        use_b = np.where(swap[pair], use_few, use_many)
        return rows[pair], value, use_a, use_b


_NOTHING = (np.empty(0, dtype=np.int64),) * 4


def _blocks(sought: Ints) -> Iterator[Ints]:
    """Yield the pairs with values to look up, about `BLOCK` values at a time."""
    some = np.flatnonzero(sought)
    upto = np.cumsum(sought[some])
    every = int(upto[-1]) if len(upto) else 0
    ends = np.searchsorted(upto, np.arange(BLOCK, every, BLOCK)) + 1
    yield from (part for part in np.split(some, np.unique(ends)) if len(part))
