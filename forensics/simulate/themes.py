"""Themes: prompts that several accounts send variants of, each a set of template centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.simulate.draws import Ints, Rng
from forensics.simulate.geometry import Geometry, Vectors


@dataclass(frozen=True)
class Theme:
    """`count` centres from `first` on; variants have cosine `closeness` to their centre."""

    first: int
    count: int
    closeness: float


class Themes:
    """All themes of a platform, by number, and their centres (centred geometry, unit length)."""

    def __init__(self, rng: Rng, geometry: Geometry) -> None:
        self.rng, self.geometry = rng, geometry
        self.themes: list[Theme] = []
        self._centres: list[Vectors] = []
        self._count = 0

    @property
    def centres(self) -> Vectors:
        """The centres of all themes, one row each."""
        none = np.zeros((0, self.geometry.dimension), np.float32)
        return np.concatenate([none, *self._centres])

    def of(self, theme: int) -> Vectors:
        """Return the centres of one theme."""
        spec = self.themes[theme]
        return self.centres[spec.first : spec.first + spec.count]

    def known(self, rows: Ints, closeness: float) -> int:
        """Add a theme whose centres are real prompts (rows of the bank)."""
        return self._add(self.geometry.prompts[rows], closeness)

    def narrow(self, capability: int, count: int, closeness: float) -> int:
        """Add a theme of `count` made-up prompts about one capability (a topic)."""
        keys = self.rng.integers(1 << 40, 1 << 60, count)
        topic = np.repeat(self.geometry.topics[[capability]], count, axis=0)
        return self._add(
            self.geometry.blend(((0.6, topic), (0.8, self.geometry.points(keys)))), closeness
        )

    def _add(self, centres: Vectors, closeness: float) -> int:
        self.themes.append(Theme(self._count, len(centres), closeness))
        self._centres.append(centres)
        self._count += len(centres)
        return len(self.themes) - 1
