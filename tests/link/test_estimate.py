"""Estimates: m and u from data without labels, by EM, on data drawn from the model itself."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.estimate import estimate, first_model
from forensics.link.operators import RARITY
from forensics.link.pairs import Pairs
from forensics.link.weights import DEFAULT_M, Model, default_model, probability
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


def test_synchrony_is_as_rare_as_among_strangers_however_candidates_were_chosen() -> None:
    """Candidates were chosen for minutes in common: hardly any has none beyond chance."""
    chosen = observed("synchrony", np.repeat([0, 4], [9_500, 500]))
    others = observed("device", np.zeros(10_000, np.int64))
    strangers = observed("synchrony", np.repeat([0, 3, 4, -1], [480, 500, 9_000, 5_000]))
    start = first_model([chosen, others], strangers, -9.0)
    model = estimate([chosen, others], np.ones(10_000), start)
    drawn = np.array([480.01, 0.01, 0.08, 500.4, 9_019.5]) / 10_000  # and 20 by default
    assert model.weights["synchrony"].u == pytest.approx(drawn)
    assert -600 <= model.bits(chosen)[-1] <= 0  # without evidence, not evidence


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
