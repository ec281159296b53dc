"""Numbers in order, each once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def first_rows(ordered: npt.NDArray[np.integer[Any]]) -> Ints:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])


def distinct(numbers: npt.NDArray[np.integer[Any]]) -> Ints:
    """Return each number once, in order: `np.unique` hashes them, which takes up to a hundred
    times longer than to sort them.
    """
    ordered: Ints = np.sort(numbers)
    return ordered[first_rows(ordered)]
