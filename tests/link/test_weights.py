"""Weights: m and u from data without labels, by EM, on data drawn from the model itself."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.observe import LEVELS
from forensics.link.operators import RARITY
from forensics.link.pairs import Pairs
from forensics.link.weights import (
    DEFAULT_M,
    DEFAULT_U,
    Model,
    default_model,
    estimate,
    independent_bits,
    probability,
)
from tests.link.build import observed


def test_a_kind_that_stands_alone_does_not_prove_itself() -> None:
    """Four in ten pairs share a device and nothing else is known of any of them.

    Ordinary EM would end at m = 1, since sharing would be all that tells matches apart.
    """
    n = 10_000
    level = (np.arange(n) % 10 < 4).astype(np.int64)
    alone = [observed("device", level, u=1e-4)]
    model = estimate(alone, np.ones(n), default_model(alone, -1.5))
    assert model.weights["device"].m[1] <= DEFAULT_M["device"][1] + 0.01


def test_accounts_count_alike_so_one_big_value_does_not_rule() -> None:
    """A clique of 60 on one device beside 300 pairs without: its 1,770 pairs are 60 accounts."""
    a, b = np.triu_indices(60, k=1)
    alone = np.arange(60, 660, 2)
    pairs = Pairs(np.concatenate([a, alone]), np.concatenate([b, alone + 1]), 660)
    level = np.concatenate([np.ones(len(a), np.int64), np.zeros(len(alone), np.int64)])
    observations = [observed("device", level, u=1e-4)]
    model = estimate(observations, pairs.draw(len(pairs))[1], default_model(observations, 0.0))
    assert model.weights["device"].m[1] < 0.5


def test_thin_data_leaves_the_defaults_nearly_as_they_are() -> None:
    level = np.array([1])
    start = default_model([observed("device", level, u=1e-4)], 0.0)
    model = estimate([observed("device", level, u=1e-4)], np.ones(1), start)
    assert model.weights["device"].m == pytest.approx(DEFAULT_M["device"], abs=0.02)


def test_bits_are_the_log_of_m_over_u() -> None:
    level = np.array([0, 1])
    o = observed("device", level, u=2**-10)
    model = default_model([o], -12.0)
    m = DEFAULT_M["device"]
    assert model.bits(o) / 1000 == pytest.approx([-0.6, np.log2(m[1]) + 10], abs=5e-4)
    assert model.bits(o, least=-8)[0] / 1000 == pytest.approx(np.log2(m[0]), abs=5e-4)


def test_each_pair_has_the_bits_that_it_would_have_alone() -> None:
    """Missing, different, or agreed on values of different rarity: whatever the other pairs are."""
    level, u = np.array([-1, 0, 1, 1, 0, 1, -1]), np.array([1, 1, 2**-10, 0.5, 1, 1, 1.0])
    together = observed("device", level, u=u)
    model = default_model([together], -12.0)
    alone = [model.bits(observed("device", level[i : i + 1], u=u[i]))[0] for i in range(len(u))]
    assert model.bits(together).tolist() == alone


def test_what_is_missing_weighs_nothing() -> None:
    o = observed("device", np.array([-1, -1]))
    assert default_model([o], -12.0).bits(o).tolist() == [0, 0]


def test_nothing_weighs_more_than_its_cap() -> None:
    for cap in (3.0, 18.0):
        card = observed("instrument", np.array([2]), u=1e-9, cap=cap)
        assert default_model([card], -12.0).bits(card).tolist() == [1000 * cap]


def test_an_agreement_weighs_no_more_than_how_often_such_a_one_is_one_operator() -> None:
    """Of the pairs that share a common address 1 in 1,000 is one operator by other evidence:
    sharing it can't lift a pair above that.
    """
    n = 20_000
    rng = np.random.default_rng(2)
    common = len(RARITY) * np.ones(n, np.int64)
    address = observed("address", np.full(n, 2), u=1e-3, kind="ip", rarity=common)
    others = observed("device", np.zeros(n, np.int64), kind="device")
    prior = -8.0
    model = estimate([address, others], np.ones(n), default_model([address, others], prior))
    posterior = probability(model.bits(address) / 1000 + prior)
    assert posterior.max() < 0.01
    # Where half of them share a phone number as well, the same address is worth much more.
    phone = observed("phone", rng.integers(0, 2, n), u=1e-6)
    model = estimate([address, phone], np.ones(n), default_model([address, phone], prior))
    assert probability(model.bits(address) / 1000 + prior).min() > 10 * posterior.max()


def test_that_users_share_nothing_else_says_nothing_of_cards_and_much_of_devices() -> None:
    agree, strangers = np.ones(4_000, dtype=np.int64), np.zeros(4_000, dtype=np.int64)
    found = {}
    for name, kind, level in (("instrument", "payment", 2 * agree), ("device", "device", agree)):
        rarity = np.full(4_000, 3)
        seen = [
            observed(name, level, u=1e-3, kind=kind, rarity=rarity),
            observed("phone", strangers, kind="identifier"),
        ]
        model = estimate(seen, np.ones(4_000), default_model(seen, -12.0))
        found[name] = model.weights[name].owned[3]
    assert found["instrument"] == 0.9
    assert found["device"] < 0.01


def test_a_shared_device_makes_the_shared_address_an_echo() -> None:
    both = [
        observed("device", np.array([1, 0]), u=1e-5, kind="device"),
        observed("address", np.array([2, 2]), u=1e-4, kind="ip"),
    ]
    bits = default_model(both, -12.0).all_bits(both)
    assert bits["address"][0] == 1000
    assert bits["address"][1] > 3000


def test_a_kind_is_judged_by_what_does_not_depend_on_it() -> None:
    one = np.array([1])
    observations = [
        observed("device", one, kind="device"),
        observed("address", one, kind="ip"),
        observed("phone", one, kind="identifier"),
        observed("email", one, kind="identifier"),
        observed("instrument", one, kind="payment"),
    ]
    bits = {
        "device": np.array([1]),
        "address": np.array([10]),
        "phone": np.array([100]),
        "email": np.array([1000]),
        "instrument": np.array([10_000]),
    }
    assert independent_bits("instrument", observations, bits).tolist() == [1111]
    assert independent_bits("phone", observations, bits).tolist() == [10_011]  # not the mail
    assert independent_bits("address", observations, bits).tolist() == [10_100]  # echoes of it
    assert independent_bits("device", observations, bits).tolist() == [11_100]


def test_probability_is_that_of_the_odds() -> None:
    assert probability(np.array([0.0, 1.0, 10.0])) == pytest.approx([1 / 2, 2 / 3, 1024 / 1025])
    assert probability(np.array([-1e6, 1e6])) == pytest.approx([0, 1])


@pytest.mark.parametrize("name", sorted(DEFAULT_M))
def test_defaults_are_distributions_over_the_levels(name: str) -> None:
    assert sum(DEFAULT_M[name]) == pytest.approx(1)
    assert len(DEFAULT_M[name]) == len(LEVELS.get(name, ("different", "same")))
    if name in DEFAULT_U:
        assert sum(DEFAULT_U[name]) == pytest.approx(1)
        assert len(DEFAULT_U[name]) == len(DEFAULT_M[name])


def test_estimates_are_distributions_whatever_the_data() -> None:
    rng = np.random.default_rng(6)
    observations = [
        observed("device", rng.integers(-1, 2, 500), u=0.01),
        observed("instrument", rng.integers(-1, 3, 500), u=0.01),
        observed("synchrony", rng.integers(-1, 5, 500)),
    ]
    model: Model = estimate(observations, np.ones(500), default_model(observations, -4.0))
    for name, weight in model.weights.items():
        assert weight.m.sum() == pytest.approx(1), name
        assert (weight.m > 0).all()
        assert ((weight.u > 0) & (weight.u <= 1)).all()
