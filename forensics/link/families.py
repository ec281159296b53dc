"""Families: templates that the same accounts send. They are one piece of evidence, not several."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import poisson

from forensics.link.uses import Ints
from forensics.ordered import distinct

#: Two templates belong together where so many accounts at least send both, so many times as many as
#: by chance, and such a share of the senders of the rarer one.
MIN_BOTH, MIN_LIFT, MIN_OVERLAP = 2, 5.0, 0.35


def join_families(
    template: Ints, account: Ints, public: npt.NDArray[np.bool_], accounts: int
) -> Ints:
    """Return the family of each template, numbered.

    Chance joins not one pair of all (Poisson, Bonferroni): a template of eight accounts that has
    two in common with each of two others would make one family of these, and of all in the end. So
    would a public one that campaigns send which have nothing else to do with each other.

    Args:
        template: of each use, an account that sends a template; each only once.
        account: of each use.
        public: per template, whether it is a public prompt.
        accounts: on the platform.
    """
    count = len(public)
    ones = np.ones(len(template), dtype=np.float32)
    sends = coo_array((ones, (account, template)), shape=(accounts, count)).tocsr()
    senders = np.bincount(template, minlength=count)
    together = (sends.T @ sends).tocoo()
    left, right = together.coords
    least = np.maximum(MIN_BOTH, MIN_OVERLAP * np.minimum(senders[left], senders[right]))
    often = (left < right) & (public[left] == public[right]) & (together.data >= least)
    left, right, both = left[often], right[often], together.data[often]
    by_chance = senders[left] * senders[right] / max(len(distinct(account)), 1)
    surprise = -poisson.logsf(both - 1, by_chance) / np.log(2)
    kept = (both >= MIN_LIFT * by_chance) & (surprise >= np.log2(max(count**2 / 2, 1)))
    edges = coo_array((np.ones(kept.sum()), (left[kept], right[kept])), shape=(count, count))
    family: Ints = connected_components(edges, directed=False)[1].astype(np.int64)
    return family
