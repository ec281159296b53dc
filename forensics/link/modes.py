"""Prompt templates as modes of the density of embeddings.

Paraphrases of one template lie around a centre, further from each other than from it, so
templates are looked for as places where prompts *of different accounts* are dense, not as pairs:
seeds from neighbours within cells around landmarks, moved to their mode by mean shift
(Comaniciu and Meer 2002), kept where a sparse shell separates the mode from the topic it is in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forensics.link.embeddings import Directions, quantise

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

PAIR_COSINE = 0.60  # two prompts this close may be of one template
CENTRE_COSINE = 0.70  # a prompt this close to a centre moves it
SAME_MODE = 0.85  # centres this close are one mode
RADII = (0.90, 0.85, 0.80, 0.75, 0.70, 0.65)
SHELL = 0.10
MIN_CONTRAST = 2.0  # prompts within the radius for each one in the shell around it
CELL = 512
MAX_CELL = 2048
#: Centres that are followed to their mode, the densest first: it bounds time and memory where
#: prompts are many and topics crowd.
MAX_CENTRES = 2_000
BLOCK = 16_384


@dataclass(frozen=True)
class Modes:
    """Template centres and, for each, the least cosine at which a prompt belongs to it."""

    centres: Directions
    radius: Floats

    def __len__(self) -> int:
        return len(self.radius)

    def assign(self, prompts: Directions) -> Ints:
        """Return the nearest mode that reaches each prompt, -1 where none does."""
        nearest = np.full(len(prompts), -1, dtype=np.int64)
        if len(self) == 0:
            return nearest
        for start in range(0, len(prompts), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(prompts)))
            cosines = prompts.take(rows).cosines(self.centres)
            cosines[cosines < self.radius[None, :]] = -1
            best = cosines.argmax(axis=1)
            found = cosines[np.arange(len(rows)), best] > -1
            nearest[rows[found]] = best[found]
        return nearest


def find_modes(prompts: Directions, accounts: Ints, *, min_accounts: int = 2) -> Modes:
    """Find the templates in a sample of prompts, given the account of each.

    A mode is kept when prompts of at least `min_accounts` accounts lie in it.
    """
    nothing = Modes(prompts.take(np.empty(0, dtype=np.int64)), np.empty(0, dtype=np.float32))
    seeds = _seeds(prompts, accounts)
    if not seeds:
        return nothing
    centres = _distinct(quantise(np.stack(seeds)), 0.80)
    for _ in range(2):
        centres = _distinct(_shift(prompts, centres), SAME_MODE)
    radius, kept = _shells(prompts, accounts, centres, min_accounts)
    return Modes(centres.take(kept), radius[kept]) if len(kept) else nothing


def _seeds(prompts: Directions, accounts: Ints) -> list[npt.NDArray[np.float64]]:
    """Return mean vectors of dense neighbourhoods, the densest first."""
    found: list[tuple[int, npt.NDArray[np.float64]]] = []
    for rows in _cells(prompts):
        rows = rows[np.argsort(accounts[rows], kind="stable")]
        near = prompts.take(rows).cosines(prompts.take(rows)) >= PAIR_COSINE
        starts = np.flatnonzero(np.diff(accounts[rows], prepend=-1))
        others = np.add.reduceat(near, starts, axis=1, dtype=np.int32).astype(bool).sum(axis=1)
        while others.max() >= 2:
            top = int(others.argmax())
            members = near[top]
            units = prompts.vectors[rows[members]].astype(np.float64)
            units /= prompts.lengths[rows[members], None]
            found.append((int(others[top]), units.mean(axis=0)))
            others[members] = 0
    found.sort(key=lambda item: (-item[0], item[1].tobytes()))
    return [mean for _, mean in found]


def _cells(prompts: Directions) -> list[Ints]:
    """Group prompts by the nearest of evenly drawn landmarks; zero vectors are left out."""
    rows = np.flatnonzero(prompts.lengths > 0)
    if len(rows) < 2:
        return []
    count = max(1, len(rows) // CELL)
    landmarks = prompts.take(rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)])
    cell = np.concatenate(
        [
            prompts.take(rows[start : start + BLOCK]).cosines(landmarks).argmax(axis=1)
            for start in range(0, len(rows), BLOCK)
        ]
    )
    order = np.argsort(cell, kind="stable")
    groups = np.split(rows[order], np.flatnonzero(np.diff(cell[order])) + 1)
    return [g[np.linspace(0, len(g) - 1, min(len(g), MAX_CELL)).astype(np.int64)] for g in groups]


def _distinct(centres: Directions, cosine: float) -> Directions:
    """Drop each centre that an earlier one is closer to than `cosine`; keep the first of the rest.

    In blocks, so that memory does not grow with the square of the centres.
    """
    kept: Ints = np.empty(0, dtype=np.int64)
    for start in range(0, len(centres), MAX_CELL):
        rows = np.arange(start, min(start + MAX_CELL, len(centres)))
        far = (centres.take(rows).cosines(centres.take(kept)) < cosine).all(axis=1)
        rows = rows[far & (centres.lengths[rows] > 0)]
        near = centres.take(rows).cosines(centres.take(rows)) >= cosine
        chosen = np.zeros(len(rows), dtype=bool)
        for at in range(len(rows)):
            chosen[at] = not (near[at] & chosen).any()
        kept = np.concatenate([kept, rows[chosen]])[:MAX_CENTRES]
        if len(kept) == MAX_CENTRES:
            break
    return centres.take(kept)


def _shift(prompts: Directions, centres: Directions) -> Directions:
    """Move each centre to the mean of the prompts that are nearest to it and near enough."""
    radius = np.full(len(centres), CENTRE_COSINE, dtype=np.float32)
    nearest = Modes(centres, radius).assign(prompts)
    rows = np.flatnonzero(nearest >= 0)
    order = rows[np.argsort(nearest[rows], kind="stable")]
    groups, starts = np.unique(nearest[order], return_index=True)
    units = prompts.vectors[order].astype(np.float64) / prompts.lengths[order, None]
    sums = np.add.reduceat(units, starts, axis=0) if len(order) else units
    sizes = np.diff(np.append(starts, len(order)))
    by_size = np.argsort(-sizes, kind="stable")
    return quantise(sums[by_size]) if len(groups) else centres


def _shells(
    prompts: Directions, accounts: Ints, centres: Directions, min_accounts: int
) -> tuple[Floats, Ints]:
    """Return each centre's radius, and which centres a sparse shell marks as templates."""
    edges = np.array(sorted({*RADII, *(r - SHELL for r in RADII)}), dtype=np.float32)
    within = np.zeros((len(edges), len(centres)), dtype=np.int64)
    for start in range(0, len(prompts), BLOCK):
        cosines = prompts.take(np.arange(start, min(start + BLOCK, len(prompts)))).cosines(centres)
        for at, edge in enumerate(edges):
            within[at] += (cosines >= edge).sum(axis=0)
    count = dict(zip(edges.tolist(), within, strict=True))
    radius = np.full(len(centres), RADII[0], dtype=np.float32)
    best = np.zeros(len(centres))
    for r in RADII:
        inner = count[float(np.float32(r))]
        shell = count[float(np.float32(r - SHELL))] - inner
        contrast = np.where(inner >= 2, inner / (shell + 1), 0)
        better = contrast > best
        radius[better], best[better] = r, contrast[better]
    modes = Modes(centres, radius)
    nearest = modes.assign(prompts)
    pairs = np.unique(np.stack([nearest, accounts])[:, nearest >= 0], axis=1)
    users = np.bincount(pairs[0], minlength=len(centres))
    return radius, np.flatnonzero((best >= MIN_CONTRAST) & (users >= min_accounts))
