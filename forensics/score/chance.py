"""Chance: how often data without operators gives clusters as well corroborated as these.

Each shuffle gives the uses of every kind of evidence to other accounts, drawn among those that
have the kind: who shares what within a kind, and how often, stays exactly as it is, but the kinds
no longer fall on the same accounts. The whole pipeline then runs with its weights frozen. Since
sharing within a kind survives, what is tested is corroboration: evidence beyond the strongest
kind. q is the share of false discoveries among clusters of at least this corroboration and of
this class of size (Storey 2002, with the share of true nulls taken as one).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from forensics.case.settings import Settings
from forensics.cluster.find import Known, group
from forensics.cluster.links import strong_links
from forensics.cluster.weak import weak_pairs
from forensics.link.linkage import Linkage, link_accounts
from forensics.link.material import Material
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import Model
from forensics.ordered import distinct
from forensics.progress import QUIET, Progress
from forensics.score.corroboration import corroborate

SIZE_CLASSES = (3, 6, 13, 51)
#: Together the shuffles of a large platform hold so many accounts: what is counted is the clusters
#: that they make, and a larger platform makes more of them in each.
ENOUGH_ACCOUNTS = 100_000
#: Kinds of evidence that a common cause ties together are moved together.
_TOGETHER = {"ip": "place", "device": "place"}


@dataclass(frozen=True)
class Chance:
    """q per group, the mean number of clusters in a shuffle, and the shuffles that were made."""

    q: np.ndarray
    clusters_in_shuffle: float
    shuffles: int


def q_values(
    material: Material,
    linkage: Linkage,
    label: Ints,
    settings: Settings,
    progress: Progress = QUIET,
) -> Chance:
    """Hold every group against what the pipeline finds in shuffled data."""
    smallest = settings.score.min_accounts
    clusters = int((np.bincount(label) >= smallest).sum())
    shuffles = _enough(settings, clusters, material.size)
    null_classes, null_scores = [], []
    with progress.step("Testing against chance", shuffles, "shuffles") as step:
        for number in range(shuffles):
            scores, classes = _shuffled(material, linkage.model, settings, number)
            null_scores.append(scores)
            null_classes.append(classes)
            step.advance()
    scores, classes = _scores(linkage, label, smallest)
    q = np.ones(int(label.max(initial=-1)) + 1)
    kept = np.flatnonzero(np.bincount(label) >= smallest)
    if shuffles:
        q[kept] = _q(
            scores, classes, np.concatenate(null_scores), np.concatenate(null_classes), shuffles
        )
    return Chance(q, sum(map(len, null_scores)) / max(shuffles, 1), shuffles)


def _enough(settings: Settings, clusters: int, accounts: int) -> int:
    """Return the shuffles to make: with few clusters more, or none could be below `max_q`."""
    wanted = settings.score.shuffles
    if clusters == 0 or wanted == 0:
        return 0
    enough = min(wanted, math.ceil(ENOUGH_ACCOUNTS / accounts))
    return max(enough, math.ceil(2 / (settings.score.max_q * clusters)))


def _shuffled(
    material: Material, model: Model, settings: Settings, number: int
) -> tuple[np.ndarray, Ints]:
    """Make one shuffle, and return the scores and size classes of the clusters in it."""
    shuffled = shuffle_uses(material, np.random.default_rng([settings.seed, 7, number]))
    top = settings.link.max_links_per_account
    linkage = link_accounts(shuffled, top=top, frozen=model)
    links, known = strong_links(linkage, settings), Known.of(shuffled, linkage)
    label = group(links, weak_pairs(linkage), known, number)
    return _scores(linkage, label, settings.score.min_accounts)


def shuffle_uses(material: Material, rng: np.random.Generator) -> Material:
    """Return the material with each kind's accounts permuted among those that have the kind."""
    comparisons = material.comparisons
    groups: dict[str, list[str]] = {}
    for name, comparison in sorted(comparisons.items()):
        carrier = comparisons.get(comparison.carrier or "", comparison)
        groups.setdefault(_TOGETHER.get(carrier.kind, carrier.kind), []).append(name)
    moved: dict[str, Comparison] = {}
    permutations = {}
    for kind, names in sorted(groups.items()):
        present = distinct(np.concatenate([comparisons[n].account for n in names]))
        permutation = permutations[kind] = _among(present, material.size, rng)
        moved |= {n: _moved(comparisons[n], permutation) for n in names}
    place, prompt = permutations.get("place"), permutations.get("prompt")
    minutes, signed_up = material.minutes, np.flatnonzero(material.created_s)
    active = distinct(minutes.account) if minutes else signed_up[:0]
    among = _among(active, material.size, rng)
    return replace(
        material,
        comparisons={name: moved[name] for name in comparisons},
        families=_moved_if(material.families, prompt),
        hours=_moved_if(material.hours, place),
        minutes=_moved_if(minutes, among),
        created_s=material.created_s[_among(signed_up, material.size, rng)],
    )


def _among(present: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Return a permutation of all accounts that moves only those that are present."""
    permutation = np.arange(size)
    permutation[present] = rng.permutation(present)
    return permutation


def _moved_if(comparison: Comparison | None, permutation: Ints | None) -> Comparison | None:
    if comparison is None or permutation is None:
        return comparison
    return _moved(comparison, permutation)


def _moved(comparison: Comparison, permutation: Ints) -> Comparison:
    """Return the uses by other accounts, in their order again."""
    uses = np.bincount(comparison.account, minlength=comparison.size)
    before = np.argsort(permutation)  # which account each was
    length = uses[before]
    first = (np.cumsum(uses) - uses)[before] - (np.cumsum(length) - length)
    order = np.arange(len(comparison.account)) + np.repeat(first, length)
    account = np.repeat(np.arange(comparison.size, dtype=comparison.account.dtype), length)
    return replace(comparison.take(order), account=account)


def _scores(linkage: Linkage, label: Ints, smallest: int) -> tuple[np.ndarray, Ints]:
    sizes = np.bincount(label)
    kept = np.flatnonzero(sizes >= smallest)
    scores = corroborate(linkage, label)[kept]
    return scores, np.searchsorted(SIZE_CLASSES, sizes[kept], side="right")


def _q(
    scores: np.ndarray, classes: Ints, null_scores: np.ndarray, null_classes: Ints, shuffles: int
) -> np.ndarray:
    """Return q among all clusters, or among those of the size class and above where lower.

    A class with one cluster could never be told from chance by ten shuffles on its own.
    """
    q = _false_discovery_rate(scores, null_scores, shuffles)
    for number in np.unique(classes):
        mine = np.flatnonzero(classes >= number)
        within = _false_discovery_rate(scores[mine], null_scores[null_classes >= number], shuffles)
        own = classes[mine] == number
        q[mine[own]] = np.minimum(q[mine[own]], within[own])
    return q


def _false_discovery_rate(scores: np.ndarray, null: np.ndarray, shuffles: int) -> np.ndarray:
    """Return the mean number of chance clusters at least as good, one added, over those found."""
    order = np.argsort(-scores, kind="stable")
    above = len(null) - np.searchsorted(np.sort(null), scores[order], side="left")
    raw = np.minimum((above + 1) / shuffles / np.arange(1, len(order) + 1), 1)
    q = np.empty(len(scores))
    q[order] = np.minimum.accumulate(raw[::-1])[::-1]
    return q
