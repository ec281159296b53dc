"""Which directions lie near which centres, exactly, without comparing all with all.

A cosine is the sum of what two unit vectors share in a few dimensions and in the rest, and the
latter is at most the product of the lengths that are left (Cauchy-Schwarz). In the dimensions in
which the centres vary most, that bound rules nearly all pairs out at a fraction of the price. Pairs
that it leaves are compared in whole numbers, so results don't depend on how it was computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.link.embeddings import Directions, Floats

Ints = npt.NDArray[np.int64]

#: Where 1 is the least cosine: lower by more than float32 can be wrong in a bound.
_ALMOST = 1 - 4e-3
#: Bounds that are computed at a time, so that they stay in the processor's cache.
_AT_ONCE = 1 << 19
_PAIRS = 4_096
#: With fewer dimensions the bound leaves too many pairs, with as many it costs little more.
_FEW = 32
#: Above this share of pairs left by the bound, comparing all is cheaper.
_DENSE = 0.08


_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Near:
    """Pairs of a direction (`row`) and a centre with their cosine, in order of both."""

    row: Ints
    centre: Ints
    cosine: Floats

    def best(self, rows: int) -> Ints:
        """Return the nearest centre of each of `rows` directions, the first of several, or -1."""
        nearest = np.full(rows, -1, dtype=np.int64)
        order = np.lexsort((self.centre, -self.cosine, self.row))
        row, first = np.unique(self.row[order], return_index=True)
        nearest[row] = self.centre[order][first]
        return nearest


class Neighbourhoods:
    """Centres, each with the least cosine (above 0) at which a direction is near to it."""

    def __init__(self, centres: Directions, least: Floats) -> None:
        self.centres, self.least = centres, least
        dimension = centres.vectors.shape[1]
        # The farther one has to look, the more dimensions the bound needs.
        few = max(dimension // 8, _FEW) if least.min(initial=1.0) >= 0.65 else dimension // 4
        units = centres.vectors * centres.inverse[:, None]
        _, axes = np.linalg.eigh(units.T @ units)
        self.axes = np.ascontiguousarray(axes[:, ::-1][:, :few], dtype=np.float32)
        self.bounds = np.ascontiguousarray(_reduced(centres, self.axes).T) / least

    def near(self, prompts: Directions) -> Near:
        """Return all pairs of a direction and a centre that is near enough."""
        step = max(1, _AT_ONCE // max(len(self.least), 1))
        starts = range(0, len(prompts), step)
        parts = [self._near(prompts.part(start, start + step)) for start in starts]
        return Near(
            np.concatenate(
                [_NONE, *(part.row + at for part, at in zip(parts, starts, strict=True))]
            ),
            np.concatenate([_NONE, *(part.centre for part in parts)]),
            np.concatenate([_NONE.astype(np.float32), *(part.cosine for part in parts)]),
        )

    def _near(self, prompts: Directions) -> Near:
        possible = _reduced(prompts, self.axes) @ self.bounds >= _ALMOST
        if np.count_nonzero(possible) > _DENSE * possible.size:
            cosines = prompts.cosines(self.centres)
            found = np.flatnonzero(cosines >= self.least)
            return Near(*np.divmod(found, len(self.least)), cosines.ravel()[found])
        row, centre = np.divmod(np.flatnonzero(possible), len(self.least))
        cosine = _cosines(prompts, row, self.centres, centre)
        near = cosine >= self.least[centre]
        return Near(row[near], centre[near], cosine[near])


def _reduced(directions: Directions, axes: Floats) -> Floats:
    """Return unit vectors in few dimensions, with the length that is left as one more."""
    few = np.empty((len(directions), axes.shape[1] + 1), dtype=np.float32)
    inside = few[:, :-1]
    np.matmul(directions.vectors, axes, out=inside)
    inside *= directions.inverse[:, None]
    rest = (directions.lengths > 0) - np.einsum("ij,ij->i", inside, inside)
    few[:, -1] = np.sqrt(np.maximum(rest, 0))
    return few


def _cosines(left: Directions, rows: Ints, right: Directions, columns: Ints) -> Floats:
    """Return the cosine of each pair, to the bit what `Directions.cosines` gives."""
    cosine = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _PAIRS):
        part = slice(start, start + _PAIRS)
        at, to = rows[part], columns[part]
        cosine[part] = np.einsum("ij,ij->i", left.vectors[at], right.vectors[to])
    cosine *= left.inverse[rows]
    cosine *= right.inverse[columns]
    return cosine
