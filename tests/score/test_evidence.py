"""What a cluster rests on, kind by kind: one rule for all who name them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from forensics.cluster.find import Clustering
from forensics.cluster.fits import Fits, fits_of
from forensics.cluster.holds import Holds
from forensics.cluster.marks import Marks
from forensics.cluster.settled import LetGo
from forensics.link.linkage import Linkage
from forensics.link.observed import LEVELS
from forensics.score.coordination import CEILING, coordination_of, measure_hold, measures_of
from forensics.score.evidence import (
    Whole,
    as_campaign,
    card_ranges_alone,
    coordination_without,
    measure_evidence,
    rests_on,
)
from forensics.score.likeness import Likeness
from forensics.score.scorecard import ITEMS
from tests.cluster.marked import marks
from tests.score.test_coordination import LABEL, beside, linkage

RING = (0, 1, 2)


NOTHING = np.empty(0, dtype=np.int64)


def untold(clusters: int) -> Likeness:
    """Clusters of which nothing is told that they do."""
    nothing = np.zeros((clusters, len(ITEMS)))
    return Likeness(nothing, nothing, np.zeros(clusters, dtype=bool))


def whole(found: Linkage, **known: float) -> Whole:
    given = beside(**known)
    measures = measures_of(measure_hold(found, LABEL, 40), given)
    return Whole(coordination_of(measures), given, 40, NOTHING, untold(0))


def of_kind(kind: str, bits: float, links: int) -> dict[str, Any]:
    return {"kind": kind, "bits": bits, "links": links}


def test_what_speaks_against_makes_nothing_likelier_when_it_is_left_out() -> None:
    found = linkage(-4.0, device=[6, 6, 6, 0], ip=[-3, -3, -3, 0])
    with_all = whole(found)
    without = coordination_without(("ip",), found, LABEL, with_all)
    assert without[0] == with_all.coordination[0]
    assert coordination_without(("device",), found, LABEL, with_all)[0] < without[0]


def test_a_campaign_is_one_operator_s_where_a_group_holds_together() -> None:
    said = as_campaign(np.array([0.09, 0.5, 0.97, 0.8]), np.array([0.9, 0.9, 0.0, 0.2]))
    assert said.tolist() == [0.09, 0.9 + 0.1 * 0.25, 0.97, 0.8]
    assert as_campaign(np.array([CEILING]), np.array([CEILING])).tolist() == [CEILING]


def test_what_is_known_beside_links_goes_with_its_kind() -> None:
    found = linkage(device=[6, 6, 6, 0], identifier=[0, 0, 0, 0])
    with_all = whole(found, domain=1.0)
    assert coordination_without(("identifier",), found, LABEL, with_all)[0] == pytest.approx(
        whole(found).coordination[0]
    )


def test_a_cluster_rests_on_the_kinds_that_link_it_the_weightiest_first() -> None:
    evidence = [
        of_kind("device", 6.0, 15),
        of_kind("ip", 1.3, 0),  # a little for every pair, and no link
        of_kind("payment", 8.0, 12),
        of_kind("timing", 0.2, 1),  # one link of many
    ]
    assert rests_on(evidence, by_fit=False) == ["payment", "device"]


def test_a_cluster_without_a_link_rests_on_what_its_members_fit_by() -> None:
    evidence = [of_kind("ip", 3.0, 0), of_kind("device", -0.6, 0), of_kind("identifier", 4.0, 0)]
    assert rests_on(evidence, by_fit=True) == ["identifier", "ip"]


def clustered(fit: tuple[int, ...], known: Marks) -> Clustering:
    """A group of three, of which some fit it by what is known."""
    label = np.array([0, 0, 0, 1, 2, 3])
    nothing = np.array([], dtype=np.int64)
    holds = Holds(nothing, nothing, nothing, 6, np.ones(0))
    fits = fits_of(label, known, np.array(fit, dtype=np.int64))
    gone = LetGo(nothing, nothing, nothing, nothing)
    return Clustering(label, np.ones(6), np.ones(4), holds, known, fits, gone)


def measured(fit: tuple[int, ...], linked: tuple[int, ...]) -> tuple[Fits, dict[str, float]]:
    """How some of a group of three fit it, and the bits that are told of it by kind."""
    clustering = clustered(fit, marks(("ip", (*RING, 5)), ("mail domain", RING)))
    found = linkage(ip=[7, 0, 0, 0], identifier=[5, 0, 0, 0], device=[0, 0, 0, 0])
    given = Whole(np.full(4, 0.5), beside(4), 40, NOTHING, untold(0))
    pairs = np.array(linked, dtype=np.int64)
    rows = measure_evidence(found, clustering, pairs, np.array([0]), given)[0]
    assert [row["links"] for row in rows if row["kind"] != "device"] == 2 * [len(linked)]
    return clustering.fits, {row["kind"]: row["bits"] for row in rows}


def mean(fits: Fits, mark: int) -> Any:
    mine = fits.bits[fits.mark == mark]
    assert mine.min() > 0
    return pytest.approx(mine.mean() / 1000, abs=1e-3)


def test_without_links_the_bits_are_the_mean_of_the_fits() -> None:
    fits, told = measured(RING, linked=())
    assert told == {"ip": mean(fits, 0), "identifier": mean(fits, 1), "device": 0.0}


def test_where_links_hold_the_fewest_members_the_bits_are_the_mean_of_the_others_fits() -> None:
    fits, told = measured((1, 2), linked=(0,))
    assert told == {"ip": mean(fits, 0), "identifier": mean(fits, 1), "device": 0.0}


def test_where_links_hold_most_members_the_bits_are_the_mean_of_the_links() -> None:
    _, told = measured((2,), linked=(0,))
    assert told == {"ip": 7.0, "identifier": 5.0, "device": 0.0}


@pytest.mark.parametrize(("level", "alone"), [(1, True), (2, False), (4, False)])
def test_a_card_range_in_common_is_no_card_in_common(level: int, alone: bool) -> None:
    found = linkage(payment=[3, 3, 3, 0])
    card = {"name": "instrument", "levels": LEVELS["instrument"], "level": np.full(4, level)}
    paid = replace(
        found,
        observations=[replace(found.observations[0], **card)],
        bits={"instrument": found.bits["payment"]},
    )
    group = clustered((), marks(("ip", RING)))
    assert card_ranges_alone(paid, group, np.arange(3)).tolist() == [alone, True, True, True]


@pytest.mark.parametrize(("comparison", "alone"), [("instrument", False), ("card_range", True)])
def test_who_fits_by_a_card_shares_one(comparison: str, alone: bool) -> None:
    known = replace(marks(("payment", RING)), names=(comparison,))
    nothing = np.array([], dtype=np.int64)
    assert card_ranges_alone(linkage(), clustered(RING, known), nothing)[0] == alone
