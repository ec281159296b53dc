"""Prompt embeddings as directions whose cosines are exact whatever the machine or thread count.

Stored embeddings are signed bytes. Real embeddings share a large common direction, so each is
made unit length, the mean direction is taken away, and the rest is quantised again. Products of
such vectors are sums of whole numbers below 2**24, which float32 holds exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forensics.case.files import stream_parquet

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]
BATCH = 16_384
_BLOCK = 1_024
#: Fixed point in which directions are summed, so that the sum has no rounding of its own.
_UNIT = 1 << 20


@dataclass(frozen=True)
class Directions:
    """Centred directions: whole numbers in float32, shape (n, dimension), and their lengths."""

    vectors: Floats
    lengths: Floats

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: npt.NDArray[np.int64]) -> Directions:
        """Return some rows."""
        return Directions(self.vectors[rows], self.lengths[rows])

    def part(self, start: int, end: int) -> Directions:
        """Return consecutive rows, not copied."""
        return Directions(self.vectors[start:end], self.lengths[start:end])

    def cosines(self, other: Directions) -> Floats:
        """Return cosines, shape (len(self), len(other)); 0 where either vector is zero."""
        products = self.vectors @ other.vectors.T
        products *= self.inverse[:, None]
        products *= other.inverse[None, :]
        return products

    @cached_property
    def inverse(self) -> Floats:
        """One over each length, 0 for zero vectors."""
        return _inverse(self.lengths)


def levels_for(dimension: int) -> int:
    """Return the largest whole number such that products over `dimension` stay exact."""
    return min(127, math.isqrt((2**24 - 1) // max(dimension, 1)))


def read_batches(paths: list[Path], columns: list[str]) -> Iterator[tuple[pa.RecordBatch, Bytes]]:
    """Stream stored prompts: each batch's other columns, and its embeddings, shape (n, d)."""
    for path in paths:
        for batch in stream_parquet(path).iter_batches(BATCH, columns=[*columns, "embedding"]):
            yield batch, stored_vectors(batch.column("embedding"))


def stored_vectors(column: pa.Array) -> Bytes:
    """Return stored embeddings (fixed_size_binary) as signed bytes, shape (n, d), no copy."""
    width = column.type.byte_width
    data = np.frombuffer(column.buffers()[1], dtype=np.int8)
    return data[column.offset * width : (column.offset + len(column)) * width].reshape(-1, width)


def direction_sum(stored: Bytes) -> npt.NDArray[np.int64]:
    """Return the exact sum of the unit directions in fixed point (2**20 to the unit)."""
    total = np.zeros(stored.shape[1], dtype=np.float64)
    for rows in _blocks(len(stored)):
        units = _units(stored[rows])
        units *= _UNIT
        total += np.rint(units, out=units).sum(axis=0, dtype=np.float64)  # whole numbers: exact
    return total.astype(np.int64)


def mean_direction(total: npt.NDArray[np.int64], rows: int) -> npt.NDArray[np.float64]:
    """Return the mean direction from a `direction_sum` over `rows` vectors."""
    return total / (_UNIT * max(rows, 1))


def centre(stored: Bytes, mean: npt.NDArray[np.float64]) -> Directions:
    """Return the stored embeddings as directions around their mean; zeros stay zeros."""
    found = _empty(stored.shape)
    for rows in _blocks(len(stored)):
        block = stored[rows]
        moved = _units(block)
        moved -= mean.astype(np.float32)
        moved[~block.any(axis=1)] = 0
        _quantise(moved, found, rows)
    return found


def quantise(vectors: npt.NDArray[np.floating]) -> Directions:
    """Round vectors of any length to directions in whole numbers."""
    found = _empty(vectors.shape)
    for rows in _blocks(len(vectors)):
        _quantise(vectors[rows], found, rows)
    return found


def _quantise(vectors: npt.NDArray[np.floating], found: Directions, rows: slice) -> None:
    largest = np.abs(vectors).max(axis=1, initial=0)
    scale = levels_for(vectors.shape[1]) / np.where(largest > 0, largest, 1)
    whole = found.vectors[rows]
    np.rint(vectors * scale[:, None], out=whole)
    found.lengths[rows] = np.sqrt(np.einsum("ij,ij->i", whole, whole))


def _empty(shape: tuple[int, ...]) -> Directions:
    return Directions(np.empty(shape, np.float32), np.empty(shape[0], np.float32))


def _blocks(rows: int) -> Iterator[slice]:
    """Cut rows into blocks that stay in the processor's cache through several steps."""
    yield from (slice(start, start + _BLOCK) for start in range(0, rows, _BLOCK))


def _units(stored: Bytes) -> Floats:
    wide = stored.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))  # a whole number below 2**24: exact
    wide *= _inverse(lengths)[:, None]
    return wide


def _inverse(lengths: Floats) -> Floats:
    return np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
