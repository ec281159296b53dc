"""From uses to weighed pairs: rarity by operators at its fixed point."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.linkage import Linkage, link_accounts
from forensics.link.uses import Comparison
from tests.link.build import comparison, material

SIZE = 2000
RING = range(300)
CROWD = range(300, 1800)


def own(name: str, *, but: range = range(0)) -> dict[str, list[int]]:
    """Return a value of its own for each account."""
    return {f"{name}-{n:05}": [n] for n in range(SIZE) if n not in but}


def link(*comparisons: Comparison) -> Linkage:
    return link_accounts(material(SIZE, *comparisons), top=40)


def operators(found: Linkage, of: Comparison, key: str) -> float:
    """Return the operators that a value counts for."""
    return float(found.operators[of.name].effective[of.keys.to_pylist().index(key)])


def share_linked(found: Linkage, accounts: range) -> float:
    """Return the share of these accounts that a link holds to another of them."""
    strong = found.probabilities >= 0.5
    ends = np.concatenate([found.pairs.a[strong], found.pairs.b[strong]])
    return float(np.isin(np.array(accounts), ends).mean())


@pytest.fixture(scope="module")
def cards() -> Comparison:
    """A ring of 300 on one card; everybody else pays with their own."""
    return comparison("instrument", {"ring": list(RING), **own("card", but=RING)}, SIZE)


@pytest.fixture(scope="module")
def addresses() -> Comparison:
    """1,500 strangers behind one carrier's address; everybody has a home as well."""
    return comparison("address", {"carrier": list(CROWD), **own("home")}, SIZE)


@pytest.fixture(scope="module")
def devices() -> Comparison:
    """The ring's devices overlap in a chain; everybody else has their own."""
    farm = {f"farm-{n:03}": [n, (n + 1) % 300, (n + 2) % 300] for n in RING}
    return comparison("device", {**farm, **own("device", but=RING)}, SIZE)


@pytest.fixture(scope="module")
def found(cards: Comparison, addresses: Comparison, devices: Comparison) -> Linkage:
    return link(cards, addresses, devices)


def test_a_ring_does_not_inflate_the_frequency_of_its_own_card(
    found: Linkage, cards: Comparison
) -> None:
    assert operators(found, cards, "ring") < 3
    assert share_linked(found, RING) == 1.0


def test_strangers_behind_a_carrier_stay_strangers(found: Linkage, addresses: Comparison) -> None:
    assert operators(found, addresses, "carrier") > 100
    assert share_linked(found, CROWD) == 0.0


def test_the_weight_of_a_pair_is_the_prior_and_all_bits(found: Linkage) -> None:
    prior = round(1000 * found.model.prior_bits)
    assert (found.total == prior + sum(found.bits.values())).all()
    odds = found.probabilities / (1 - found.probabilities)
    assert np.log2(odds) == pytest.approx(found.total / 1000, abs=1e-6)


def test_the_same_data_give_the_same_weights(
    found: Linkage, cards: Comparison, addresses: Comparison, devices: Comparison
) -> None:
    again = link(cards, addresses, devices)
    assert (again.pairs.a == found.pairs.a).all()
    assert (again.total == found.total).all()


def test_frozen_weights_are_used_as_they_are(
    found: Linkage, cards: Comparison, addresses: Comparison
) -> None:
    devices = comparison("device", own("device"), SIZE)
    frozen = link_accounts(material(SIZE, cards, addresses, devices), top=40, frozen=found.model)
    assert frozen.model is found.model


def test_a_platform_on_which_nothing_is_shared_has_no_pair(addresses: Comparison) -> None:
    found = link(comparison("instrument", own("card"), SIZE))
    assert len(found.pairs) == 0
    assert found.total.tolist() == []


def test_the_prior_is_that_of_about_one_partner_among_all_accounts(found: Linkage) -> None:
    assert -np.log2(SIZE) - 1 <= found.model.prior_bits <= -np.log2(SIZE) + 1


def test_pairs_are_compared_in_parts_of_any_size_alike(
    found: Linkage,
    cards: Comparison,
    addresses: Comparison,
    devices: Comparison,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("forensics.link.pairs.PART", 97)
    again = link(cards, addresses, devices)
    assert (again.pairs.a == found.pairs.a).all()
    assert (again.total == found.total).all()
    for mine, theirs in zip(again.observations, found.observations, strict=True):
        assert (mine.value == theirs.value).all()


def test_pairs_far_from_a_match_are_dropped_and_change_nothing(
    cards: Comparison,
    addresses: Comparison,
    devices: Comparison,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowds = {f"crowd-{n}": range(100 * n, 100 * n + 100) for n in range(SIZE // 100)}
    given = cards, addresses, devices, comparison("referral", crowds, SIZE)
    some = link(*given)
    monkeypatch.setattr("forensics.link.linkage.LEAST", -99_000)
    every = link(*given)
    assert len(every.pairs) > 2 * len(some.pairs)
    near = [
        {(a, b, t) for a, b, t in zip(x.pairs.a, x.pairs.b, x.total, strict=True) if t > -6_600}
        for x in (some, every)
    ]
    assert near[0] == near[1]
    assert near[0]
