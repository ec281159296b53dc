"""Prompt templates as modes of the density of embeddings.

Paraphrases of one template lie around a centre, further from each other than from it, so
templates are looked for as places where prompts *of different accounts* are dense, not as pairs:
seeds from neighbours within cells around landmarks, moved to their mode by mean shift
(Comaniciu and Meer 2002), kept where a sparse shell separates the mode from the topic it is in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from forensics.link.embeddings import Directions, Floats, quantise
from forensics.link.nearest import Ints, Neighbourhoods
from forensics.ordered import distinct
from forensics.parallel import in_order

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
BLOCK = 4_096


@dataclass(frozen=True)
class Modes:
    """Template centres and, for each, the least cosine at which a prompt belongs to it."""

    centres: Directions
    radius: Floats

    def __len__(self) -> int:
        return len(self.radius)

    @cached_property
    def reach(self) -> Neighbourhoods:
        """What finds the prompts that belong to the modes."""
        return Neighbourhoods(self.centres, self.radius)

    def assign(self, prompts: Directions) -> Ints:
        """Return the nearest mode that reaches each prompt, -1 where none does."""
        found = [self.reach.near(part).best(len(part)) for part in _parts(prompts)]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _parts(prompts: Directions) -> Iterator[Directions]:
    yield from (prompts.part(start, start + BLOCK) for start in range(0, len(prompts), BLOCK))


def _assigned(modes: Modes, prompts: Directions) -> Ints:
    """Return `Modes.assign` of many prompts, computed on all processors."""
    return np.concatenate(list(in_order(modes.assign, _parts(prompts))))


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

    def dense(rows: Ints) -> list[tuple[int, npt.NDArray[np.float64]]]:
        return _dense(prompts.take(rows), accounts[rows])

    found = [seed for seeds in in_order(dense, _cells(prompts, accounts)) for seed in seeds]
    found.sort(key=lambda item: (-item[0], item[1].tobytes()))
    return [mean for _, mean in found]


def _dense(prompts: Directions, accounts: Ints) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """Return how many accounts are near, and the mean, of dense places among prompts in order of
    their account; the densest takes its prompts, then the next.
    """
    near = prompts.cosines(prompts) >= PAIR_COSINE
    starts = np.flatnonzero(np.diff(accounts, prepend=-1))
    others = np.add.reduceat(near, starts, axis=1, dtype=np.int32).astype(bool).sum(axis=1)
    found = []
    while others.max() >= 2:
        top = int(others.argmax())
        members = near[top]
        units = prompts.vectors[members].astype(np.float64)
        units /= prompts.lengths[members, None]
        found.append((int(others[top]), units.mean(axis=0)))
        others[members] = 0
    return found


def _cells(prompts: Directions, accounts: Ints) -> list[Ints]:
    """Group prompts by the nearest of evenly drawn landmarks, each group in order of account; zero
    vectors are left out.
    """
    rows = np.flatnonzero(prompts.lengths > 0)
    if len(rows) < 2:
        return []
    count = max(1, len(rows) // CELL)
    landmarks = prompts.take(rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)])
    cell = np.concatenate(
        list(
            in_order(
                lambda part: prompts.take(part).cosines(landmarks).argmax(axis=1),
                np.array_split(rows, -(-len(rows) // BLOCK)),
            )
        )
    )
    order = np.argsort(cell, kind="stable")
    groups = np.split(rows[order], np.flatnonzero(np.diff(cell[order])) + 1)
    drawn = [g[np.linspace(0, len(g) - 1, min(len(g), MAX_CELL)).astype(np.int64)] for g in groups]
    return [group[np.argsort(accounts[group], kind="stable")] for group in drawn]


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
    nearest = _assigned(Modes(centres, radius), prompts)
    rows = np.flatnonzero(nearest >= 0)
    order = rows[np.argsort(nearest[rows], kind="stable")]
    _, starts = np.unique(nearest[order], return_index=True)
    if len(starts) == 0:
        return centres
    sums = _sums(prompts, order, starts)
    sizes = np.diff(np.append(starts, len(order)))
    return quantise(sums[np.argsort(-sizes, kind="stable")])


def _sums(prompts: Directions, order: Ints, starts: Ints) -> npt.NDArray[np.float64]:
    """Return the sum of the unit vectors of each group; groups begin at `starts` in `order`."""
    sums = np.empty((len(starts), prompts.vectors.shape[1]))
    ends = np.append(starts[1:], len(order))
    first = 0
    while first < len(starts):  # as many whole groups as make a block, to bound memory
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + BLOCK, side="right")))
        rows = order[starts[first] : ends[last - 1]]
        units = prompts.vectors[rows].astype(np.float64) / prompts.lengths[rows, None]
        sums[first:last] = np.add.reduceat(units, starts[first:last] - starts[first], axis=0)
        first = last
    return sums


def _shells(
    prompts: Directions, accounts: Ints, centres: Directions, min_accounts: int
) -> tuple[Floats, Ints]:
    """Return each centre's radius, and which centres a sparse shell marks as templates."""
    edges = np.array(sorted({*RADII, *(r - SHELL for r in RADII)}), dtype=np.float32)
    around = Neighbourhoods(centres, np.full(len(centres), edges[0]))

    def counted(part: Directions) -> Ints:
        near = around.near(part)
        inside = [near.centre[near.cosine >= edge] for edge in edges]
        return np.stack([np.bincount(found, minlength=len(centres)) for found in inside])

    within = sum(in_order(counted, _parts(prompts)), np.zeros((len(edges), len(centres)), np.int64))
    count = dict(zip(edges.tolist(), within, strict=True))
    radius = np.full(len(centres), RADII[0], dtype=np.float32)
    best = np.zeros(len(centres))
    for r in RADII:
        inner = count[float(np.float32(r))]
        shell = count[float(np.float32(r - SHELL))] - inner
        contrast = np.where(inner >= 2, inner / (shell + 1), 0)
        better = contrast > best
        radius[better], best[better] = r, contrast[better]
    nearest = _assigned(Modes(centres, radius), prompts)
    width = int(accounts.max(initial=0)) + 1
    pairs = distinct((nearest * width + accounts)[nearest >= 0])
    users = np.bincount(pairs // width, minlength=len(centres))
    return radius, np.flatnonzero((best >= MIN_CONTRAST) & (users >= min_accounts))
