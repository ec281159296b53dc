"""Chance: what shuffling keeps, and which clusters it gives back by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.case.settings import Settings
from forensics.cluster.find import find_clusters
from forensics.link.linkage import Linkage, link_accounts
from forensics.link.material import Material
from forensics.link.uses import Comparison, Ints
from forensics.score.chance import (
    Chance,
    _enough,
    _false_discovery_rate,
    q_values,
    shuffle_uses,
)
from tests.link.build import comparison, material

SIZE = 400
DEFAULT = Settings()
RINGS = [list(range(4 * n, 4 * n + 4)) for n in range(10)]


def world() -> Material:
    """Ten groups of four, each on one card and one device; everybody else has their own."""
    rings = {f"ring{n}": ring for n, ring in enumerate(RINGS)}
    cards = devices = {**rings, **{f"own{n:03}": [n] for n in range(40, SIZE)}}
    homes = {f"home{n:03}": [n] for n in range(SIZE)}
    return material(
        SIZE,
        comparison("instrument", cards, SIZE),
        comparison("device", devices, SIZE),
        comparison("address", homes, SIZE),
    )


def held_against_chance(
    found: Material, settings: Settings = DEFAULT
) -> tuple[Chance, Ints, Linkage]:
    linkage = link_accounts(found, top=40)
    label = find_clusters(found, linkage, settings).label
    return q_values(found, linkage, label, settings), label, linkage


def columns(found: Comparison) -> np.ndarray:
    """Return how many accounts use each value, and how many values each account uses."""
    degrees = np.sort(np.bincount(found.account, minlength=found.size))
    return np.concatenate([found.counts, degrees])


def test_a_shuffle_keeps_every_degree_and_who_shares_within_a_kind() -> None:
    before = world()
    after = shuffle_uses(before, np.random.default_rng(1))
    for name, comparison_before in before.comparisons.items():
        comparison_after = after.comparisons[name]
        assert (columns(comparison_after) == columns(comparison_before)).all()
        assert (np.sort(comparison_after.present) == np.sort(comparison_before.present)).all()
        overlap = comparison_before.matrix.T @ comparison_before.matrix
        assert ((comparison_after.matrix.T @ comparison_after.matrix) != overlap).nnz == 0


def test_a_shuffle_takes_the_kinds_apart_but_leaves_places_together() -> None:
    before = world()
    after = shuffle_uses(before, np.random.default_rng(1))

    def agree(found: Material, one: str, other: str) -> int:
        """Return how many accounts are in the same ring by either comparison."""
        rings = [found.comparisons[n].keys.to_pylist() for n in (one, other)]
        of = [dict(zip(found.comparisons[n].account.tolist(),
                       (rings[i][v] for v in found.comparisons[n].value.tolist()), strict=True))
              for i, n in enumerate((one, other))]  # fmt: skip
        return sum(of[0][a] == of[1][a] and of[0][a].startswith("ring") for a in range(SIZE))

    assert agree(before, "instrument", "device") == 40
    assert agree(after, "instrument", "device") <= 8
    # Who shares a device shares where it stands: both move alike.
    moved = after.comparisons["device"], after.comparisons["address"]
    home = dict(zip(moved[1].account.tolist(), moved[1].value.tolist(), strict=True))
    at_first = before.comparisons["device"]
    devices = dict(zip(at_first.account.tolist(), at_first.value.tolist(), strict=True))
    told = dict(zip(moved[0].account.tolist(), moved[0].value.tolist(), strict=True))
    assert all(devices[home[a]] == told[a] for a in range(SIZE))


def test_accounts_without_a_kind_do_not_get_it_by_a_shuffle() -> None:
    half = {f"p{n}": [n, n + 1] for n in range(0, 200, 2)}
    found = material(SIZE, comparison("phone", half, SIZE), comparison("device", half, SIZE))
    after = shuffle_uses(found, np.random.default_rng(2))
    for name in ("phone", "device"):
        assert after.comparisons[name].present.tolist() == [n < 200 for n in range(SIZE)]


def test_copies_move_with_what_they_are_copies_of() -> None:
    lines = {f"line{n}": [n, n + 1] for n in range(0, SIZE, 2)}
    hosts = replace(comparison("hostname", lines, SIZE), carrier="address")
    before = material(SIZE, comparison("address", lines, SIZE), hosts)
    after = shuffle_uses(before, np.random.default_rng(3)).comparisons
    assert after["hostname"].value.tolist() == after["address"].value.tolist()
    assert after["hostname"].value.tolist() != before.comparisons["hostname"].value.tolist()


def test_minutes_and_sign_ups_stay_with_those_who_have_any() -> None:
    """A tenth sends prompts, and half have a sign-up that is known."""
    minutes = comparison("minute", {f"m{n}": [n, n + 1] for n in range(0, 40, 2)}, SIZE)
    created_s = np.where(np.arange(SIZE) < 200, 1_000_000 + np.arange(SIZE), 0)
    before = material(SIZE, minutes=minutes, created_s=created_s)
    after = shuffle_uses(before, np.random.default_rng(4))
    assert after.minutes is not None
    assert after.minutes.present.tolist() == [n < 40 for n in range(SIZE)]
    assert (after.minutes.matrix != minutes.matrix).nnz > 0
    assert after.created_s[:200].tolist() != created_s[:200].tolist()
    assert np.sort(after.created_s[:200]).tolist() == created_s[:200].tolist()
    assert not after.created_s[200:].any()


def test_clusters_that_two_kinds_hold_are_not_chance() -> None:
    chance, label, _ = held_against_chance(world())
    groups = {int(label[ring[0]]) for ring in RINGS}
    assert len(groups) == 10
    assert max(chance.q[g] for g in groups) <= 0.05
    assert chance.shuffles >= 10


def test_clusters_that_one_kind_holds_are_what_a_shuffle_gives_as_well() -> None:
    """Two identifiers hold the rings, both of one kind: it moves as a whole, and they with it."""
    users = {**{f"ring{n}": ring for n, ring in enumerate(RINGS)}}
    users |= {f"own{n:03}": [n] for n in range(40, SIZE)}
    known = material(SIZE, *(comparison(name, users, SIZE) for name in ("tax_id", "cookie")))
    chance, label, _ = held_against_chance(known)
    clusters = np.flatnonzero(np.bincount(label) >= 3)
    assert len(clusters) == 10
    assert chance.q[clusters].min() > 0.5
    assert chance.clusters_in_shuffle == 10


def test_groups_below_the_least_size_are_never_better_than_chance() -> None:
    chance, label, _ = held_against_chance(world())
    assert (chance.q[np.bincount(label) < 3] == 1).all()


def test_a_seed_gives_the_same_q_and_q_is_a_rate() -> None:
    found = world()
    one, again = held_against_chance(found)[0], held_against_chance(found)[0]
    assert (one.q == again.q).all()
    assert one.clusters_in_shuffle == again.clusters_in_shuffle
    assert ((one.q > 0) & (one.q <= 1)).all()


@pytest.mark.parametrize("rings", [1, 2])
def test_a_single_corroborated_ring_can_be_told_from_chance(rings: int) -> None:
    kept = {f"ring{n}": RINGS[n] for n in range(rings)}
    alone = set(range(SIZE)) - {a for ring in kept.values() for a in ring}
    users = {**kept, **{f"own{n:03}": [n] for n in alone}}
    parts = [comparison(name, users, SIZE) for name in ("instrument", "device")]
    homes = comparison("address", {f"home{n:03}": [n] for n in range(SIZE)}, SIZE)
    chance, label, _ = held_against_chance(material(SIZE, *parts, homes))
    assert chance.q[label[0]] <= DEFAULT.score.max_q


@pytest.mark.parametrize(
    ("accounts", "clusters", "shuffles"),
    [(3_000, 50, 10), (20_000, 50, 5), (1_000_000, 50, 1), (1_000_000, 4, 10), (20_000, 0, 0)],
)
def test_a_larger_platform_takes_fewer_shuffles_and_few_clusters_take_more(
    accounts: int, clusters: int, shuffles: int
) -> None:
    assert _enough(DEFAULT, clusters, accounts) == shuffles


def test_without_shuffles_nothing_is_better_than_chance() -> None:
    settings = replace(DEFAULT, score=replace(DEFAULT.score, shuffles=0))
    chance, _, _ = held_against_chance(world(), settings)
    assert (chance.q == 1).all()
    assert (chance.shuffles, chance.clusters_in_shuffle) == (0, 0)


def test_the_share_of_false_discoveries_is_counted_per_shuffle() -> None:
    """Of ten clusters, six beat all that chance made; two shuffles made two as good as the rest."""
    scores, null = np.array([9.0] * 6 + [3.0] * 4), np.array([3.0, 4.0])
    q = _false_discovery_rate(scores, null, 2)
    assert q.tolist() == pytest.approx([1 / 2 / 6] * 6 + [3 / 2 / 10] * 4)
