"""How stable groups are: whether they stay together in repeated runs on other draws of the links.

That a run finds a group within a larger one makes it no less surely one; that it falls apart does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forensics.cluster.communities import renumber
from forensics.link.uses import Ints

MIN_CORE = 5  # accounts of a group, before it has a core
KEPT = 0.6  # share of the runs that keep an account in its group, before it is of the core


@dataclass(frozen=True)
class Repeated:
    """A labelling of the accounts beside those of repeated runs on other draws of the links."""

    label: Ints
    runs: tuple[Ints, ...]

    @property
    def stability(self) -> np.ndarray:
        """Per group how far it stays together: the mean of its largest shares in one group."""
        return self._measured[0]

    @property
    def kept(self) -> np.ndarray:
        """Per account the share of runs that keep it in its group."""
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[np.ndarray, np.ndarray]:
        sizes = np.bincount(self.label)
        stability, kept = np.zeros(len(sizes)), np.zeros(len(self.label))
        for other in self.runs:
            codes, counts = np.unique(
                self.label * (len(self.label) + 1) + other, return_counts=True
            )
            mine, theirs = np.divmod(codes, len(self.label) + 1)
            order = np.lexsort((theirs, -counts, mine))
            first = order[np.unique(mine[order], return_index=True)[1]]
            stability += counts[first] / sizes
            together = counts[first] >= np.minimum(sizes, 2)  # who is alone is kept with nobody
            kept += (other == theirs[first][self.label]) & together[self.label]
        number = max(len(self.runs), 1)
        return stability / number, kept / number

    def with_cores(self, least: float) -> Repeated:
        """Return it with each group of less stability cut down to its core.

        A large network is often found whole in some runs and in part in others: what most runs keep
        together stays, and the rest is alone.
        """
        loose = (self.stability < least) & (np.bincount(self.label) >= MIN_CORE)
        leaving = loose[self.label] & (self.kept < KEPT)
        if not leaving.any():
            return self
        label = self.label.copy()
        label[leaving] = int(label.max()) + 1 + np.arange(int(leaving.sum()))
        return Repeated(renumber(label), self.runs)
