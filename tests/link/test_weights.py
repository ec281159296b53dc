"""Weights: the bits of what pairs agree on, and what bounds them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.link.observed import LEVELS
from forensics.link.weights import (
    DEFAULT_M,
    DEFAULT_U,
    default_model,
    dependent_on,
    independent_bits,
    probability,
)
from tests.link.build import observed


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


def test_a_shared_device_makes_the_shared_address_an_echo() -> None:
    both = [
        observed("device", np.array([1, 0]), u=1e-5, kind="device"),
        observed("address", np.array([2, 2]), u=1e-4, kind="ip"),
    ]
    bits = default_model(both, -12.0).all_bits(both)
    assert bits["address"][0] == 1000
    assert bits["address"][1] > 3000


def test_an_address_brings_a_mail_domain_about_but_no_mailbox() -> None:
    """Who shares a campus shares its mail domain; one mailbox under two names is one person's."""
    both = [
        observed("address", np.array([4, 4]), u=1e-4, kind="ip"),
        observed("email", np.array([1, 2]), u=1e-4, kind="identifier"),
    ]
    domain, mailbox = default_model(both, -12.0).all_bits(both)["email"]
    assert domain == 1000
    assert mailbox > 7000


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


def test_two_echoes_of_one_cause_don_t_bear_each_other_out() -> None:
    """Guests of a café share its computers, the cookies on them and its line."""
    cookie = observed("cookie", np.array([1]), kind="identifier")
    observations = [
        observed("device", np.array([1]), kind="device"),
        observed("address", np.array([1]), kind="ip"),
        replace(cookie, causes=("device",)),
    ]
    names = frozenset({"device", "address", "cookie"})
    assert dependent_on("cookie", observations) == names
    assert dependent_on("address", observations) == names


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
