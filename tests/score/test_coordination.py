"""Coordination: more evidence never makes one operator less likely."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from forensics.link.linkage import Linkage
from forensics.link.pairs import Pairs
from forensics.link.weights import Model
from forensics.score.coordination import CEILING, coordination_of
from forensics.score.corroboration import corroborate
from tests.link.build import observed

SIZES = np.array([3, 1])
LABEL = np.array([0, 0, 0, 1])


def linkage(**bits: list[int]) -> Linkage:
    """Return a linkage of the pairs (0,1), (0,2), (1,2), (2,3), bits given per kind."""
    pairs = Pairs(np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3]), 4)
    observations = [observed(kind, np.ones(4, np.int64), kind=kind) for kind in bits]
    thousandths = {kind: 1000 * np.array(b) for kind, b in bits.items()}
    return Linkage(pairs, observations, {}, Model({}, -10.0), thousandths)


def test_each_member_counts_by_its_best_link_inside() -> None:
    found = corroborate(linkage(device=[12, 4, 2, 20], payment=[6, 5, 1, 20]), LABEL)
    # Totals with the prior of -10: 8, -1, -7; best of the three members: 8, 8, -1.
    assert found.total[0] == pytest.approx((8 + 8 - 1) / 3)
    # Beyond the strongest kind: 6, 4, 1; best of each: 6, 6, 4.
    assert found.second[0] == pytest.approx((6 + 6 + 4) / 3)
    # Kinds of two bits or more: 2, 2, 1.
    assert found.kinds[0] == pytest.approx(2)


def test_a_link_to_another_cluster_does_not_count() -> None:
    inside = corroborate(linkage(device=[5, 5, 5, 0]), LABEL)
    across = corroborate(linkage(device=[5, 5, 5, 90]), LABEL)
    assert inside.total[0] == across.total[0]


def coordination(found: Linkage, stability: float = 1.0, accounts: int = 3) -> float:
    sizes = np.array([accounts, 1])
    stable = np.array([stability, 1.0])
    return float(coordination_of(corroborate(found, LABEL), stable, sizes)[0])


@pytest.mark.parametrize("strongest", [0, 6, 10, 14, 18, 24])
def test_more_evidence_of_any_kind_never_lowers_it(strongest: int) -> None:
    told = [
        coordination(linkage(device=[strongest] * 4, payment=[second] * 4))
        for second in range(0, 25, 2)
    ]
    assert all(later >= earlier - 1e-3 for earlier, later in pairwise(told))


def test_more_stable_and_larger_clusters_are_more_certain() -> None:
    found = linkage(device=[10] * 4, payment=[2] * 4)
    assert coordination(found, 1.0) > coordination(found, 0.5)
    assert coordination(found, accounts=50) >= coordination(found, accounts=3)


def test_it_is_a_probability_and_never_certain() -> None:
    assert 0 < coordination(linkage(device=[-20] * 4)) < 0.05
    assert coordination(linkage(device=[60] * 4, payment=[60] * 4)) <= CEILING < 1
