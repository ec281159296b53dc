"""Pairs of accounts, and the values that they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.link.uses import Comparison, Ints


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
    uses = np.flatnonzero(comparison.counts[comparison.value] > 1)  # nobody shares the others
    account, value = comparison.account[uses], comparison.value[uses]
    counts = np.bincount(account, minlength=comparison.size)
    starts = np.concatenate([[0], np.cumsum(counts)])
    swap = counts[pairs.a] > counts[pairs.b]
    few, many = np.where(swap, pairs.b, pairs.a), np.where(swap, pairs.a, pairs.b)
    length = np.where(counts[many] > 0, counts[few], 0)
    pair = np.repeat(np.arange(len(pairs)), length)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(length) - length, length)
    use_few = starts[few[pair]] + offset
    codes = account * len(comparison.keys) + value
    wanted = many[pair] * len(comparison.keys) + value[use_few]
    use_many = np.searchsorted(codes, wanted)
    hit = use_many < len(codes)
    hit[hit] = codes[use_many[hit]] == wanted[hit]
    pair, use_few, use_many = pair[hit], uses[use_few[hit]], uses[use_many[hit]]
    use_a = np.where(swap[pair], use_many, use_few)
    use_b = np.where(swap[pair], use_few, use_many)
    return Shared(pair, comparison.value[use_few], use_a, use_b)
