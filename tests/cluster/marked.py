"""Builds marks of a small platform, and labellings of its accounts."""

from __future__ import annotations

import numpy as np

from forensics.cluster.marks import MARKS, Marks

SIZE = 4_000
CAP = 9_000
CARDS, EXIT = "payment", "ip"


def marks(*used: tuple[str, tuple[int, ...]], size: int = SIZE, name: str = "any") -> Marks:
    """Marks of these kinds, each that of some accounts; a kind is a comparison (exits: `name`)."""
    uses = sorted((account, mark) for mark, (_, users) in enumerate(used) for account in users)
    account, mark = np.array(uses, np.int64).T
    kind = np.array([MARKS.index(kind) for kind, _ in used])
    kinds, source = np.unique(kind, return_inverse=True)
    cap, names = np.full(len(used), CAP), [MARKS[at] if MARKS[at] != EXIT else name for at in kinds]
    return Marks(account, mark, kind, cap, source, np.arange(len(used)), tuple(names), size)


def alone(*groups: tuple[int, ...]) -> np.ndarray:
    """A labelling: these groups, everybody else alone."""
    label = np.arange(SIZE)
    for group in groups:
        label[list(group)] = group[0]
    return np.unique(label, return_inverse=True)[1]
