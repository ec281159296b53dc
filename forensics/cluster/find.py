"""From weighed pairs to clusters: communities, then merge, split, part, peel, fit and free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forensics.case.settings import Settings
from forensics.cluster.borrow import part_borrowed
from forensics.cluster.communities import communities, join_dense, link_strength
from forensics.cluster.fit import join_fitting
from forensics.cluster.fits import Fits, apart, fits_of
from forensics.cluster.holds import Holds, collect_holds
from forensics.cluster.links import Links, strong_links
from forensics.cluster.marks import Marks, collect_marks
from forensics.cluster.merge import merge_clusters
from forensics.cluster.peel import hold_of, peel_loose
from forensics.cluster.settled import Lives, collect_lives, free_settled
from forensics.cluster.split import split_bridged
from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.uses import Ints

DROPPED = 0.1  # share of links left out in each repeated run


@dataclass(frozen=True)
class Clustering:
    """Groups of accounts.

    `label` numbers the group of each account, also of one that is alone. `membership` is per
    account how surely it belongs to its group; `stability` per group how alike repeated runs on
    other draws of the links find it (mean best Jaccard index; Hennig 2007). `fits` is of members
    that no link holds to the most of their group.
    """

    label: Ints
    membership: np.ndarray
    stability: np.ndarray
    holds: Holds
    marks: Marks
    fits: Fits

    @property
    def sizes(self) -> Ints:
        """Accounts per group."""
        return np.bincount(self.label).astype(np.int64)


@dataclass(frozen=True)
class Known:
    """What is known of the accounts beside their links."""

    holds: Holds
    marks: Marks
    lives: Lives

    @classmethod
    def of(cls, material: Material, linkage: Linkage) -> Known:
        """Gather it."""
        return cls(
            collect_holds(material, linkage),
            collect_marks(material, linkage),
            collect_lives(material, linkage),
        )


def find_clusters(
    material: Material,
    linkage: Linkage,
    settings: Settings,
    advance: Callable[[], None] = lambda: None,
) -> Clustering:
    """Cluster the accounts, and repeat it on other draws of the links.

    `advance` is called after each of the `settings.cluster.runs` draws.
    """
    known = Known.of(material, linkage)
    links = strong_links(linkage, settings)
    label = group(links, known, settings.seed)
    stability, kept = _repeat(label, links, known, settings, advance)
    fits = fits_of(label, known.marks, apart(label, links))
    hold = np.maximum(hold_of(label, links), fits.probability(len(label)))
    membership = np.minimum(hold, kept)
    return Clustering(label, membership, stability, known.holds, known.marks, fits)


def group(links: Links, known: Known, seed: int) -> Ints:
    """Return the group of each account."""
    holds = known.holds
    strength = link_strength(links.probability)
    label = communities(links.a, links.b, strength, holds.size, seed)
    label = join_dense(label, links.a, links.b, strength)
    label = merge_clusters(label, holds)
    label = split_bridged(label, holds)
    label = part_borrowed(label, holds)
    label = peel_loose(label, links)
    label = join_fitting(label, known.marks)
    return free_settled(label, known.lives)


def _repeat(
    label: Ints,
    links: Links,
    known: Known,
    settings: Settings,
    advance: Callable[[], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return per group its stability, and per account the share of runs that keep it."""
    groups = int(label.max(initial=-1)) + 1
    sizes = np.bincount(label, minlength=groups)
    jaccard, kept = np.zeros(groups), np.zeros(len(label))
    for run in range(settings.cluster.runs):
        draw = np.random.default_rng([settings.seed, run]).random(len(links.a)) >= DROPPED
        other = group(links.where(draw), known, settings.seed + run + 1)
        codes, counts = np.unique(label * (len(label) + 1) + other, return_counts=True)
        mine, theirs = codes // (len(label) + 1), codes % (len(label) + 1)
        other_sizes = np.bincount(other)
        index = counts / (sizes[mine] + other_sizes[theirs] - counts)
        order = np.lexsort((theirs, -counts, mine))
        first = order[np.unique(mine[order], return_index=True)[1]]
        jaccard += index[first]
        kept += other == theirs[first][label]
        advance()
    runs = max(settings.cluster.runs, 1)
    return jaccard / runs, kept / runs
