"""Candidate pairs: for each account the others that it shares the most with, in linear memory.

All uses form one sparse matrix W, accounts by values, each use weighted by how rare its value is;
the best pairs are the largest entries of W times its transpose, the strongest few per account.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, csr_matrix, hstack
from sparse_dot_topn import sp_matmul_topn

from forensics.link.pairs import Pairs
from forensics.link.uses import Comparison, Ints

#: A value shared by more accounts than this is cut into blocks, twice and differently, so that
#: the cost grows with the number of its users, not with its square.
BLOCK = 64
#: What tells where accounts are and what they do. The templates and proxies of a large ring would
#: crowd out those few of it on one card, so partners are looked for once more without these.
CONTEXT = ("address", "prefix", "card_range", "email_domain", "template", "minute")
LOOKS = 2  # how often partners are looked for, so many at a time
ROWS = 1 << 15  # accounts whose partners are put down at a time
MIN_BITS = 3.0  # a value worth less brings no candidates
MIN_PAIR_BITS = 3.1  # nor does a pair that shares less


def candidate_pairs(
    comparisons: list[Comparison], operators: dict[str, np.ndarray], size: int, top: int
) -> Pairs:
    """Return for each of `size` accounts its `top` strongest partners by rarity of what they share,
    and its `top` strongest by what is personal of that.

    `operators` gives per comparison the operators per value; values that so many operators use
    that sharing one is worth under `MIN_BITS` bring no candidates.
    """
    weighted = {c.name: _weighted(c, operators[c.name]) for c in comparisons}
    personal = [uses for name, uses in weighted.items() if name not in CONTEXT]
    codes = [_strongest(some, size, top) for some in (list(weighted.values()), personal)]
    del weighted, personal
    every = np.concatenate(codes)
    every.sort()
    every = every[np.diff(every, prepend=-1) > 0]
    return Pairs(*np.divmod(every, size), size)


def _strongest(weighted: list[csr_array], size: int, top: int) -> Ints:
    """Return low * size + high for each account and each of its strongest partners."""
    uses = csr_matrix(hstack(weighted or [csr_array((size, 1))], format="csr"), dtype=np.float32)
    if uses.nnz == 0:
        return np.empty(0, dtype=np.int64)
    best = sp_matmul_topn(uses, uses.T.tocsr(), top_n=top + 1, threshold=MIN_PAIR_BITS, n_threads=2)
    partners, starts = best.indices, best.indptr.astype(np.int64)
    del uses, best
    return _pair_codes(partners, starts, size)


def _pair_codes(partners: Ints, starts: Ints, size: int) -> Ints:
    """Return low * size + high for each account and partner, -1 for an account with itself.

    In blocks of accounts: there may be forty million of them.
    """
    codes = np.empty(len(partners), dtype=np.int64)
    for first in range(0, size, ROWS):
        bounds = starts[first : first + ROWS + 1]
        part = slice(bounds[0], bounds[-1])
        row = np.repeat(np.arange(first, first + len(bounds) - 1), np.diff(bounds))
        column = partners[part].astype(np.int64)
        low, high = np.minimum(row, column), np.maximum(row, column)
        codes[part] = np.where(low == high, -1, low * size + high)
    return codes


def _weighted(comparison: Comparison, operators: np.ndarray) -> csr_array:
    """Return the uses weighted by the square root of their values' bits, big values in blocks.

    Blocks are the columns, in order of their values; those of the second cut come after all of the
    first, in which values small enough for one block are whole.
    """
    bits = np.log2(comparison.size / np.maximum(operators, 1))
    bits[(bits < MIN_BITS) | (comparison.counts < 2)] = 0
    kept = bits[comparison.value] > 0
    account = comparison.account[kept].astype(np.int64)
    value = comparison.value[kept].astype(np.int64)
    users = np.where(bits > 0, comparison.counts, 0)
    blocks = -(-users // BLOCK)
    again = np.where(blocks > 1, blocks, 0)
    big = np.flatnonzero(again[value])
    column = (np.cumsum(blocks) - blocks)[value]
    column[big] += _block(account[big], value[big], 0)
    second = blocks.sum() + (np.cumsum(again) - again)[value[big]]
    second += _block(account[big], value[big], 1)
    ends = (np.concatenate([account, account[big]]), np.concatenate([column, second]))
    weights = np.sqrt(bits).astype(np.float32)[np.concatenate([value, value[big]])]
    columns = max(int(blocks.sum() + again.sum()), 1)
    return csr_array((weights, ends), shape=(comparison.size, columns))


def _block(account: Ints, value: Ints, round_: int) -> Ints:
    """Cut values into blocks by a scrambled order of accounts; return the block of each use."""
    scrambled = (account * 2_654_435_761 + value * 40_503 * (round_ + 1) + round_ * 7_919) % 2**32
    order = np.argsort(value * 2**32 + scrambled)
    ranked = value[order]
    start = np.flatnonzero(np.diff(ranked, prepend=-1))
    rank = np.arange(len(ranked)) - np.repeat(start, np.diff(np.append(start, len(ranked))))
    block = np.empty_like(value)
    block[order] = rank // BLOCK
    return block
