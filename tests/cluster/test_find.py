"""From weighed pairs to clusters, and how sure each is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.case.settings import ClusterSettings, LinkSettings, Settings
from forensics.cluster.find import Clustering, find_clusters
from forensics.cluster.holds import collect_holds
from forensics.cluster.links import strong_links
from forensics.link.linkage import Linkage, link_accounts
from forensics.link.material import Material
from forensics.link.weights import Model
from tests.cluster.build import grouped
from tests.link.build import comparison, material, observed, pairs_of

SIZE = 300
EAST, WEST = list(range(8)), list(range(8, 16))


def world() -> Material:
    """Two rings, each on one card and one device; one card was lent from one to the other."""
    users = {"east": EAST, "west": WEST, **{f"own{n:03}": [n] for n in range(16, SIZE)}}
    return material(
        SIZE,
        comparison("instrument", {**users, "lent": [0, 8]}, SIZE),
        comparison("device", users, SIZE),
        comparison("address", {f"home{n:03}": [n] for n in range(SIZE)}, SIZE),
    )


@pytest.fixture(scope="module")
def linked() -> tuple[Material, Linkage]:
    found = world()
    return found, link_accounts(found, top=40)


@pytest.fixture(scope="module")
def clustering(linked: tuple[Material, Linkage]) -> Clustering:
    return find_clusters(*linked, Settings())


def test_the_rings_are_the_clusters(clustering: Clustering) -> None:
    assert grouped(clustering.label) == [set(EAST), set(WEST)]
    assert clustering.sizes[clustering.label[0]] == 8


def test_plain_rings_are_stable_and_their_members_surely_belong(clustering: Clustering) -> None:
    for ring in (EAST, WEST):
        assert clustering.stability[clustering.label[ring[0]]] == pytest.approx(1, abs=0.05)
        assert clustering.membership[ring].min() > 0.8


def test_accounts_alone_belong_to_nothing(clustering: Clustering) -> None:
    assert (clustering.membership[16:] == 0).all()


def test_a_seed_gives_the_same_clustering(
    linked: tuple[Material, Linkage], clustering: Clustering
) -> None:
    again = find_clusters(*linked, Settings())
    for name in ("label", "membership", "stability"):
        assert (getattr(again, name) == getattr(clustering, name)).all(), name


def test_a_plain_answer_does_not_hang_on_the_seed(
    linked: tuple[Material, Linkage], clustering: Clustering
) -> None:
    for seed in (2, 3):
        assert (find_clusters(*linked, Settings(seed=seed)).label == clustering.label).all()


def test_links_are_the_pairs_from_a_probability_on(linked: tuple[Material, Linkage]) -> None:
    settings = Settings(link=LinkSettings(min_probability=0.8))
    links = strong_links(linked[1], settings)
    assert len(links.a) == len(links.b) == (linked[1].probabilities >= 0.8).sum()
    assert links.probability.min() >= 0.8


def test_a_link_is_personal_where_what_weighs_most_is_somebodys_own() -> None:
    """A device outweighs an address, an address the rest of the evidence."""
    pairs = pairs_of((0, 1), (0, 2), size=3)
    device, address = np.array([1, 0]), np.array([2, 2])
    seen = [observed("device", device, kind="device"), observed("address", address, kind="ip")]
    bits = {"device": np.array([9_000, -600]), "address": np.array([1_000, 8_000])}
    links = strong_links(Linkage(pairs, seen, {}, Model({}, 0.0), bits), Settings())
    assert links.personal.tolist() == [True, False]


def test_what_holds_accounts_together_is_shared_by_few_operators(
    linked: tuple[Material, Linkage],
) -> None:
    holds = collect_holds(*linked)
    users = [set(holds.account[holds.value == v].tolist()) for v in np.unique(holds.value)]
    shared = [u for u in users if len(u) > 1]
    assert sorted(map(sorted, shared)) == sorted([[0, 8], EAST, EAST, WEST, WEST])


def test_without_repeated_runs_nothing_is_said_to_be_stable(
    linked: tuple[Material, Linkage],
) -> None:
    settings = replace(Settings(), cluster=ClusterSettings(runs=0))
    assert (find_clusters(*linked, settings).stability == 0).all()


def test_nobody_linked_is_everybody_alone() -> None:
    alone = material(20, comparison("device", {f"d{n:02}": [n] for n in range(20)}, 20))
    clustering = find_clusters(alone, link_accounts(alone, top=40), Settings())
    assert clustering.label.tolist() == list(range(20))
