"""From weighed pairs to clusters: communities, merge, split, part, peel, groups, fit, free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from forensics.case.settings import Settings
from forensics.cluster.borrow import part_borrowed
from forensics.cluster.coincide import Coincidences, collect_coincidences, group_coinciding
from forensics.cluster.communities import communities, join_dense, link_strength
from forensics.cluster.fit import join_fitting
from forensics.cluster.fits import Fits, apart, fits_of
from forensics.cluster.holds import Holds, collect_holds
from forensics.cluster.links import Links, strong_links
from forensics.cluster.marks import Marks, collect_marks
from forensics.cluster.merge import merge_clusters
from forensics.cluster.peel import hold_of, peel_loose
from forensics.cluster.settled import LetGo, Lives, collect_lives, free_settled, let_go
from forensics.cluster.split import split_bridged
from forensics.cluster.stability import Repeated
from forensics.cluster.weak import Weak, group_weak, weak_pairs
from forensics.link.linkage import Linkage
from forensics.link.material import Material
from forensics.link.uses import Ints

DROPPED = 0.1  # share of links left out in each repeated run


@dataclass(frozen=True)
class Clustering:
    """Groups of accounts.

    `label` numbers the group of each account, also of one that is alone. `membership` is per
    account how surely it belongs to its group; `stability` per group how far it stays together in
    repeated runs on other draws of the links. `fits` is of members that no link holds to the most
    of their group, `gone` of accounts that a group let go.
    """

    label: Ints
    membership: np.ndarray
    stability: np.ndarray
    holds: Holds
    marks: Marks
    fits: Fits
    gone: LetGo

    @property
    def sizes(self) -> Ints:
        """Accounts per group."""
        return np.bincount(self.label).astype(np.int64)


@dataclass(frozen=True)
class Known:
    """What is known of the accounts beside their links."""

    holds: Holds
    marks: Marks
    together: Coincidences
    lives: Lives

    @classmethod
    def of(cls, material: Material, linkage: Linkage) -> Known:
        """Gather it."""
        marks = collect_marks(material, linkage)
        return cls(
            collect_holds(material, linkage),
            marks,
            collect_coincidences(marks),
            collect_lives(material, linkage),
        )


def find_clusters(
    material: Material,
    linkage: Linkage,
    settings: Settings,
    advance: Callable[[], None] = lambda: None,
) -> Clustering:
    """Cluster the accounts, repeat it on other draws of the links, and keep what is stable.

    `advance` is called after each of the `settings.cluster.runs` draws.
    """
    known = Known.of(material, linkage)
    links, weak = strong_links(linkage, settings), weak_pairs(linkage)
    gathered = gather(links, weak, known, settings.seed)
    gone = let_go(gathered, known.lives, known.marks)
    first = free_settled(gathered, gone)
    repeated = Repeated(first, tuple(_draws(links, weak, known, settings, advance)))
    repeated = repeated.with_cores(settings.score.min_stability)
    label = repeated.label
    fits = fits_of(label, known.marks, apart(label, links))
    hold = np.maximum(hold_of(label, links), fits.probability(len(label)))
    membership = np.minimum(hold, repeated.kept)
    gone = gone.followed(gathered, label)
    return Clustering(label, membership, repeated.stability, known.holds, known.marks, fits, gone)


def group(links: Links, weak: Weak, known: Known, seed: int) -> Ints:
    """Return the group of each account."""
    label = gather(links, weak, known, seed)
    return free_settled(label, let_go(label, known.lives, known.marks))


def gather(links: Links, weak: Weak, known: Known, seed: int) -> Ints:
    """Return the group of each account, before any lets members go that had a life before."""
    holds = known.holds
    strength = link_strength(links.probability)
    label = communities(links.a, links.b, strength, holds.size, seed)
    label = join_dense(label, links.a, links.b, strength)
    label = merge_clusters(label, holds)
    label = split_bridged(label, holds)
    label = part_borrowed(label, holds)
    label = peel_loose(label, links)
    label = group_coinciding(label, known.together)
    label = group_weak(label, weak, known.marks, seed)
    return join_fitting(label, known.marks)


def _draws(
    links: Links, weak: Weak, known: Known, settings: Settings, advance: Callable[[], None]
) -> Iterator[Ints]:
    """Give the groups that each repeated run finds in a draw of the links and the weak pairs."""
    for run in range(settings.cluster.runs):
        numbers = np.random.default_rng([settings.seed, run])
        draw = numbers.random(len(links.a)) >= DROPPED
        weakly = numbers.random(len(weak.a)) >= DROPPED
        yield group(links.where(draw), weak.where(weakly), known, settings.seed + run + 1)
        advance()
