"""Pairs of accounts, and the values that they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from forensics.link.uses import Comparison, Ints

#: Pairs that are compared at a time: it bounds memory, whatever the platform.
PART = 1 << 17
#: Values that are compared at a time: as many as stay near the processor.
BLOCK = 1 << 18
#: Where both accounts have so many times the values of the one with fewer, these are looked up.
UNEVEN = 64

#: Pairs, the values that they share, and the numbers of the comparisons that these are of.
Found = tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.int16]]
_NOTHING: Found = (np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int16))


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


def strangers(accounts: Ints, most: int, size: int) -> Pairs:
    """Return pairs of these accounts drawn evenly, the same each time; all if these are few."""
    count = len(accounts)
    if count * (count - 1) // 2 <= most:
        first, second = np.triu_indices(count, k=1)
    else:
        rng = np.random.default_rng(count)
        first = rng.integers(count, size=most)
        second = (first + rng.integers(1, count, size=most)) % count
    ends = np.stack([accounts[first], accounts[second]]).astype(np.int64)
    codes = np.sort(ends.min(axis=0) * size + ends.max(axis=0))
    return Pairs(*np.divmod(codes, max(size, 1)), size)


@dataclass(frozen=True)
class Shared:
    """Values that pairs share in one comparison: row by row, a pair and a value."""

    comparison: Comparison
    pairs: Pairs
    pair: Ints
    value: Ints

    def where(self, kept: npt.NDArray[np.bool_]) -> Shared:
        """Return the rows that are to be kept."""
        return replace(self, pair=self.pair[kept], value=self.value[kept])

    @property
    def use_a(self) -> Ints:
        """The use of each value by the first account of the pair."""
        return self.comparison.find(self.pairs.a[self.pair], self.value)

    @property
    def use_b(self) -> Ints:
        """The use of each value by the second account of the pair."""
        return self.comparison.find(self.pairs.b[self.pair], self.value)


class SharedValues:
    """Finds the values that pairs share, in several comparisons at once.

    The values of all comparisons are numbered in one go, and of each pair the ordered values of
    both accounts are merged. Where one has far more of them, those of the other are looked up.
    """

    def __init__(self, *comparisons: Comparison) -> None:
        self.comparisons = comparisons
        self.offsets = np.cumsum([0, *(len(c.keys) for c in comparisons)])
        accounts, values = [], []
        for comparison, offset in zip(comparisons, self.offsets[:-1], strict=True):
            # Values that one account alone uses are shared by nobody.
            kept = comparison.counts[comparison.value] > 1
            accounts.append(comparison.account[kept])
            values.append(comparison.value[kept] + offset)
        ends = (np.concatenate(accounts), np.concatenate(values))
        numbers = np.arange(1, len(comparisons) + 1, dtype=np.int16)
        number = np.repeat(numbers, [len(account) for account in accounts])
        shape = (comparisons[0].size, int(self.offsets[-1]))
        # The product of an entry of one and of the other is the number of the comparison.
        self.uses = csr_array((number, ends), shape=shape)
        ones = np.ones_like(self.uses.data)
        self.ones = csr_array((ones, self.uses.indices, self.uses.indptr), shape=shape)
        self.counts = np.diff(self.uses.indptr)

    def __call__(self, pairs: Pairs) -> dict[str, Shared]:
        """Return by comparison every value that each pair shares, ordered by pair and value."""
        of_a, of_b = self.counts[pairs.a], self.counts[pairs.b]
        few = np.minimum(of_a, of_b)
        every = np.where(few > 0, of_a + of_b, 0)
        uneven = every > UNEVEN * few
        found: list[Found] = [_NOTHING]
        found += [self._merge(pairs, rows) for rows in _blocks(np.where(uneven, 0, every))]
        found += [self._look_up(pairs, rows) for rows in _blocks(np.where(uneven, few, 0))]
        pair, value, number = map(np.concatenate, zip(*found, strict=True))
        if uneven.any():
            order = np.argsort(pair, kind="stable")
            pair, value, number = pair[order], value[order], number[order]
        shared = {}
        for at, comparison in enumerate(self.comparisons):
            rows = np.flatnonzero(number == at + 1)
            own = value[rows].astype(np.int64) - self.offsets[at]
            shared[comparison.name] = Shared(comparison, pairs, pair[rows], own)
        return shared

    def _merge(self, pairs: Pairs, rows: Ints) -> Found:
        """Return all that some pairs share."""
        both = self.uses[pairs.a[rows]].multiply(self.ones[pairs.b[rows]])
        return np.repeat(rows, np.diff(both.indptr)), both.indices, both.data

    def _look_up(self, pairs: Pairs, rows: Ints) -> Found:
        """Return the same; of each pair, the account with fewer values is asked for them."""
        a, b = pairs.a[rows], pairs.b[rows]
        swap = self.counts[a] > self.counts[b]
        few = self.uses[np.where(swap, b, a)]
        at = np.repeat(np.arange(len(rows)), np.diff(few.indptr))
        wanted = np.where(swap, a, b)[at] * self.uses.shape[1] + few.indices
        place = np.searchsorted(self._codes, wanted)
        hit = np.flatnonzero(self._codes.take(place, mode="clip") == wanted)
        return rows[at[hit]], few.indices[hit], few.data[hit]

    @cached_property
    def _codes(self) -> Ints:
        account = np.repeat(np.arange(len(self.counts)), self.counts)
        codes: Ints = account * self.uses.shape[1] + self.uses.indices
        return codes


def _blocks(sought: Ints) -> Iterator[Ints]:
    """Yield the pairs with values to look up, about `BLOCK` values at a time."""
    some = np.flatnonzero(sought)
    upto = np.cumsum(sought[some])
    every = int(upto[-1]) if len(upto) else 0
    ends = np.searchsorted(upto, np.arange(BLOCK, every, BLOCK)) + 1
    yield from (part for part in np.split(some, np.unique(ends)) if len(part))
