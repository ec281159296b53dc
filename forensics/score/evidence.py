"""Per cluster and kind of evidence: what it adds, and what would be left without it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.case.run import KINDS
from forensics.cluster.find import Clustering
from forensics.cluster.marks import MARKS
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints
from forensics.link.weights import fine_levels
from forensics.ordered import distinct
from forensics.score.coordination import (
    CEILING,
    Beside,
    coordination_of,
    measure_hold,
    measures_of,
)
from forensics.score.likeness import CAMPAIGN_FROM, OTHERWISE, Likeness

_CARD = "instrument"
#: Mean bits from which a cluster is said to rest on a kind.
LEAST_BITS = 1
#: What is known beside the links by one kind of evidence alone.
_BESIDE = {
    "payment": ("cards", "payers"),
    "prompt": ("campaign",),
    "identifier": ("domain",),
    "timing": ("clock",),
}


@dataclass(frozen=True)
class Whole:
    """Coordination with all evidence, and what it was computed from beside the links.

    `coordination` and `beside` have an entry per group of the labelling, `likeness` one for each of
    `groups`; `most` is the most partners of an account.
    """

    coordination: np.ndarray
    beside: Beside
    most: int
    groups: Ints
    likeness: Likeness


def measure_evidence(
    linkage: Linkage, clustering: Clustering, linked: Ints, groups: Ints, whole: Whole
) -> list[list[dict[str, Any]]]:
    """Return per group and kind: mean bits of its links, links with it, coordination without.

    `linked` are the pairs that are links inside a group. Where these hold the fewest of its
    members, the bits are the mean of what the others fit it by.
    """
    label, every = clustering.label, len(whole.coordination)
    group = label[linkage.pairs.a[linked]]
    count = np.bincount(group, minlength=every)
    fitting = fitting_members(clustering)
    by_fit = (count == 0) | (2 * fitting > clustering.sizes)
    bits, fits = linkage.bits_by_kind(linked), _mean_fits(clustering, fitting)
    rows: list[list[dict[str, Any]]] = [[] for _ in groups]
    for kind in KINDS:
        if kind not in bits:
            continue
        mine = bits[kind] / 1000
        mean = np.bincount(group, weights=mine, minlength=every) / np.maximum(count, 1)
        mean = np.where(by_fit, fits[kind], mean)
        links = np.bincount(group[mine >= 2], minlength=every)
        without = coordination_without((kind,), linkage, label, whole)
        for row, g in zip(rows, groups.tolist(), strict=True):
            row.append(
                {
                    "kind": kind,
                    "bits": round(float(mean[g]), 3),
                    "links": int(links[g]),
                    "coordination_without": float(without[g]),
                }
            )
    return rows


def rests_on(evidence: list[dict[str, Any]], by_fit: bool) -> list[str]:
    """Return the kinds that a cluster rests on, the weightiest first.

    Of one that links hold (not `by_fit`), a kind that brings a little to every pair and links none
    is not one of them.
    """
    telling = [e for e in evidence if e["bits"] >= LEAST_BITS and (e["links"] or by_fit)]
    return [e["kind"] for e in sorted(telling, key=lambda e: -e["bits"])]


def card_ranges_alone(linkage: Linkage, clustering: Clustering, linked: Ints) -> np.ndarray:
    """Return of which groups no link and no fit rests on a card itself, only on its range.

    `linked` are the pairs that are links inside a group.
    """
    found = np.zeros(len(clustering.sizes), dtype=bool)
    for o in (o for o in linkage.observations if o.name == _CARD):
        alike = (o.level[linked] >= fine_levels(o)[0]) & (linkage.bits[_CARD][linked] > 0)
        found[clustering.label[linkage.pairs.a[linked[alike]]]] = True
    fits, marks = clustering.fits, clustering.marks
    of_card = np.array([name == _CARD for name in marks.names], dtype=bool)
    by_card = of_card[marks.source[fits.mark]] & ~fits.speaks_against & (fits.bits > 0)
    found[clustering.label[fits.account[by_card]]] = True
    return ~found


def coordination_without(
    kinds: tuple[str, ...], linkage: Linkage, label: Ints, whole: Whole
) -> np.ndarray:
    """Return what coordination of each group is left without some kinds of evidence.

    Never more than with them: what speaks against a pair makes it no likelier by being left out.
    """
    hold = measure_hold(linkage, label, whole.most, kinds)
    nothing = np.zeros(len(whole.coordination))
    gone = {name: nothing for kind in kinds for name in _BESIDE.get(kind, ())}
    left = coordination_of(measures_of(hold, replace(whole.beside, **gone)))
    left[whole.groups] = as_campaign(left[whole.groups], whole.likeness.campaign(kinds))
    bounded: np.ndarray = np.minimum(left, whole.coordination)
    return bounded


def as_campaign(coordination: np.ndarray, campaign: np.ndarray) -> np.ndarray:
    """Return coordination, where a campaign is likely the probability of that or of one operator.

    A campaign is one operator's; of what is none, though it looks like it, one operator runs
    `OTHERWISE` of what coordination says. A group that hardly anything holds together is none for
    all its looks.
    """
    said = np.minimum(campaign + (1 - campaign) * OTHERWISE * coordination, CEILING)
    return np.where(coordination >= CAMPAIGN_FROM, np.maximum(coordination, said), coordination)


def fitting_members(clustering: Clustering) -> Ints:
    """Return how many members of each group no link holds to its largest part, and fit it."""
    fits = clustering.fits
    accounts = distinct(fits.account[fits.bits != 0])
    found: Ints = np.bincount(clustering.label[accounts], minlength=len(clustering.sizes))
    return found


def _mean_fits(clustering: Clustering, fitting: Ints) -> dict[str, np.ndarray]:
    """Return per kind the mean bits by which so many members of each group fit it."""
    fits, label = clustering.fits, clustering.label
    kinds = np.array([name if name in KINDS else "identifier" for name in MARKS])
    of_fit = kinds[clustering.marks.kind[fits.mark]]
    return {
        kind: np.bincount(
            label[fits.account], weights=fits.bits / 1000 * (of_fit == kind), minlength=len(fitting)
        )
        / np.maximum(fitting, 1)
        for kind in KINDS
    }
