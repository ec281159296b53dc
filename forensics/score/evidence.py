"""Per cluster and kind of evidence: what it adds, and what would be left without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from forensics.case.run import KINDS
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints
from forensics.score.coordination import Beside, coordination_of, measure_hold, measures_of

#: What is known beside the links by one kind of evidence alone.
_BESIDE = {
    "payment": ("cards", "payers"),
    "prompt": ("campaign",),
    "identifier": ("domain",),
    "timing": ("clock",),
}


def measure_evidence(
    linkage: Linkage, label: Ints, groups: Ints, beside: Beside, most: int
) -> list[list[dict[str, Any]]]:
    """Return per group and kind: mean bits of its links, links with it, coordination without.

    `beside` has an entry per group of the labelling; `most` is the most partners of an account.
    """
    a, b = linkage.pairs.a, linkage.pairs.b
    linked = np.flatnonzero((label[a] == label[b]) & (linkage.probabilities >= 0.5))
    group = label[a[linked]]
    every = len(beside.cards)
    count = np.maximum(np.bincount(group, minlength=every), 1)
    bits = linkage.bits_by_kind(linked)
    rows: list[list[dict[str, Any]]] = [[] for _ in groups]
    for kind in KINDS:
        if kind not in bits:
            continue
        mine = bits[kind] / 1000
        mean = np.bincount(group, weights=mine, minlength=every) / count
        links = np.bincount(group[mine >= 2], minlength=every)
        without = coordination_without((kind,), linkage, label, beside, most)
        for row, g in zip(rows, groups.tolist(), strict=True):
            row.append(
                {
                    "kind": kind,
                    "bits": round(float(mean[g]), 3),
                    "links": int(links[g]),
                    "coordination_without": round(float(without[g]), 4),
                }
            )
    return rows


def coordination_without(
    kinds: tuple[str, ...], linkage: Linkage, label: Ints, beside: Beside, most: int
) -> np.ndarray:
    """Return what coordination of each group is left without some kinds of evidence."""
    hold = measure_hold(linkage, label, most, kinds)
    nothing = np.zeros(len(beside.cards))
    gone = {name: nothing for kind in kinds for name in _BESIDE.get(kind, ())}
    return coordination_of(measures_of(hold, replace(beside, **gone)))
