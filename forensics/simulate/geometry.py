"""The geometry of prompt embeddings, taken from real ones.

The bank (`data/prompts.npz`) holds real prompts' embeddings, rotated so that the first
coordinate is their common direction and the others are principal components: the first d
coordinates are the best d-dimensional picture of them. A fixed orthogonal map then spreads
the variance over all coordinates, as embedding models do.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from forensics.simulate.draws import Ints, mix

Vectors = NDArray[np.float32]
#: Real embeddings that make up one made-up point.
_PARTS = 3
#: Points that are made at a time: they stay in the processor's cache.
_BLOCK = 1_024


class Geometry:
    """Points, topics and real prompts in the centred space of one dimension."""

    def __init__(self, dimension: int, common: float) -> None:
        raw, self.source, self.topic = _bank()
        width = raw.shape[1]
        kept = np.zeros((len(raw), dimension))
        kept[:, : min(width, dimension)] = raw[:, :dimension]
        spread = _rotation(dimension)
        kept = np.round(kept @ spread, 5)
        centred = kept - kept.mean(axis=0)
        self.dimension = dimension
        self.prompts = _unit(centred.astype(np.float32))
        mean = kept.mean(axis=0)
        self.common = (mean / np.linalg.norm(mean) * common).astype(np.float32)
        self.spread = float(np.sqrt(1 - common**2))
        topics = [centred[self.topic == t].mean(axis=0) for t in range(self.topic.max() + 1)]
        self.topics = _unit(np.array(topics, dtype=np.float32))

    def points(self, keys: Ints) -> Vectors:
        """Return a made-up point for each key: a blend of real prompts, so that its direction
        is one in which real embeddings differ. Equal keys give equal points.
        """
        total = np.zeros((len(keys), self.dimension), np.float32)
        for start in range(0, len(keys), _BLOCK):
            rows = slice(start, start + _BLOCK)
            for part in range(_PARTS):
                bits = mix(mix(keys[rows]) + np.uint64(part + 1))
                row = (bits % np.uint64(len(self.prompts))).astype(np.int64)
                size = (
                    0.4 + ((bits >> np.uint64(32)) & np.uint64(0xFFFF)).astype(np.float32) / 65_536
                )
                sign = np.where((bits >> np.uint64(60)) & np.uint64(1), 1, -1)
                total[rows] += (size * sign).astype(np.float32)[:, None] * self.prompts[row]
        return _unit(total)

    def blend(self, parts: tuple[tuple[float | Vectors, Vectors], ...]) -> Vectors:
        """Return unit vectors: the sum of weight times vectors."""
        total = np.zeros_like(parts[0][1])
        for weight, vectors in parts:
            total += np.asarray(weight, np.float32).reshape(-1, 1) * vectors
        return _unit(total)

    def around(self, centres: Vectors, closeness: Vectors, keys: Ints) -> Vectors:
        """Return points at the given cosine to their centres, off in realistic directions."""
        off = self.points(keys)
        off = _unit(off - np.einsum("ij,ij->i", off, centres)[:, None] * centres)
        cosine = closeness.astype(np.float32)
        return self.blend(((cosine, centres), (np.sqrt(1 - cosine**2), off)))

    def embed(self, centred: Vectors) -> NDArray[np.float16]:
        """Return embeddings as a model would give them: common direction added, unit length."""
        raw = self.common + np.float32(self.spread) * centred
        return _unit(raw).astype(np.float16)


def _unit(vectors: Vectors) -> Vectors:
    norm = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(norm, 1e-9)[:, None])


@cache
def _bank() -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint8]]:
    with (files("forensics.simulate") / "data" / "prompts.npz").open("rb") as file:
        data = np.load(file)
        return data["embedding"] * data["scale"].astype(float), data["source"], data["topic"]


@cache
def _rotation(dimension: int) -> NDArray[np.float64]:
    gauss = np.random.default_rng(dimension).standard_normal((dimension, dimension))
    q, r = np.linalg.qr(gauss)
    return np.round(q * np.sign(np.diag(r)), 6)
