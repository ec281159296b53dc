"""Coordination: more evidence never makes one operator less likely."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from forensics.link.linkage import Linkage
from forensics.link.pairs import Pairs
from forensics.link.weights import Model
from forensics.score.coordination import (
    CEILING,
    Beside,
    Hold,
    coordination_of,
    measure_hold,
    measures_of,
)
from forensics.score.corroboration import corroborate
from forensics.score.readings import untold
from tests.link.build import observed
from tests.score.stories import UNKNOWN

LABEL = np.array([0, 0, 0, 1])
NONE = np.zeros(2)


def linkage(prior: float = -10.0, **bits: list[int]) -> Linkage:
    """Return a linkage of the pairs (0,1), (0,2), (1,2), (2,3), bits given per kind."""
    pairs = Pairs(np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3]), 4)
    observations = [observed(kind, np.ones(4, np.int64), kind=kind) for kind in bits]
    thousandths = {kind: 1000 * np.array(b) for kind, b in bits.items()}
    return Linkage(pairs, observations, {}, Model({}, prior), thousandths)


def beside(groups: int = 2, **known: float) -> Beside:
    """Return what is known beside links: the same of each group, nothing where not given."""
    names = (field.name for field in fields(Beside))
    return Beside(**{name: np.full(groups, known.get(name, 0.0)) for name in names})


def coordination(found: Linkage, **known: float) -> float:
    hold = measure_hold(found, LABEL, 40)
    return float(coordination_of(measures_of(hold, beside(**known)))[0])


def test_corroboration_is_what_each_members_best_link_has_beyond_its_strongest_kind() -> None:
    found = corroborate(linkage(device=[12, 4, 2, 20], payment=[6, 5, 1, 20]), LABEL)
    # Beyond the strongest kind: 6, 4, 1; best of each member: 6, 6, 4.
    assert found[0] == pytest.approx((6 + 6 + 4) / 3)


def test_what_is_personal_counts_by_the_best_link_against_a_value_of_ones_own() -> None:
    bits = {"device": [1.2, 0.4, 0.2, 2], "identifier": [9, 9, 9, 9]}
    found = measure_hold(linkage(**bits), LABEL, 40)  # type: ignore[arg-type]
    # Devices: 1.2, 1.2, 0.4; of the two bits of a value of one's own in four.
    assert found.devices[0] == pytest.approx((1.2 + 1.2 + 0.4) / 3 / 2)
    assert found.identifiers[0] == 1.0  # in full, not more


def test_density_is_the_share_of_possible_pairs_that_are_expected_to_match() -> None:
    found = measure_hold(linkage(device=[40, 10, -20, 40]), LABEL, 40)
    assert found.density[0] == pytest.approx((1 + 0.5 + 0) / 3, abs=1e-3)
    # With one candidate an account, three accounts can have one pair and a half.
    fewer = measure_hold(linkage(device=[40, 10, -20, 40]), LABEL, 1)
    assert fewer.density[0] == pytest.approx(1.5 / 1.5, abs=1e-3)


def test_addresses_count_only_beyond_what_public_ones_can_weigh() -> None:
    public = measure_hold(linkage(prior=-2.0, ip=[0.6] * 4), LABEL, 40)  # type: ignore[list-item]
    private = measure_hold(linkage(prior=-2.0, ip=[2, 2, 2, 2]), LABEL, 40)
    assert (public.addresses[0], private.addresses[0]) == (0.0, 1.0)


def test_a_link_to_another_cluster_does_not_count() -> None:
    inside = coordination(linkage(device=[5, 5, 5, 0]))
    across = coordination(linkage(device=[5, 5, 5, 90]))
    assert inside == across


@pytest.mark.parametrize("kind", ["device", "payment", "ip", "prompt", "timing", "identifier"])
@pytest.mark.parametrize("strongest", [0, 6, 10, 14, 24])
def test_more_evidence_of_any_kind_never_lowers_it(kind: str, strongest: int) -> None:
    told = [
        coordination(linkage(**{"device": [strongest] * 4} | {kind: [second] * 4}))
        for second in range(0 if kind != "device" else strongest, 30, 2)
    ]
    assert all(later >= earlier for earlier, later in pairwise(told))


def test_context_alone_does_not_make_one_operator() -> None:
    """A class that shares homework, a morning and a school's address is dense, and many people."""
    course = linkage(prompt=[6, 6, 6, 0], timing=[4, 4, 4, 0])
    assert coordination(course) < 0.6
    assert coordination(course, cards=3.0) > 0.9
    assert coordination(course, campaign=1.0) > 0.9  # templates that are about a capability
    assert coordination(linkage(prompt=[6, 6, 6, 0], device=[14, 14, 14, 0], ip=[4] * 4)) > 0.9


def test_an_address_says_nothing_where_those_who_meet_there_live_apart() -> None:
    """Guests of a hackathon share one line for a day, and go home to another."""
    guests = linkage(prompt=[6] * 4, timing=[4] * 4, ip=[9] * 4)
    told = [coordination(guests, apart=apart) for apart in (0.0, 0.4, 0.6, 0.8, 1.0)]
    assert told[0] == told[1] > told[2] > told[3] == told[4]
    assert told[0] > 0.7 > 0.5 > told[4]
    # A card that they share is theirs wherever they live.
    paid = linkage(payment=[11] * 4)
    assert coordination(paid, payers=3, apart=1.0) == coordination(paid, payers=3)


def test_whom_the_platform_knows_as_one_customer_is_one() -> None:
    staff = linkage(prompt=[6] * 4, timing=[4] * 4)
    assert coordination(staff, declared=1.0) > 0.9 > 0.6 > coordination(staff)


def test_one_payer_of_many_accounts_is_more_than_one_of_two() -> None:
    found = linkage(payment=[11] * 4)
    two, many = coordination(found, payers=2), coordination(found, payers=16)
    assert two < many
    assert many > 0.98


def test_more_accounts_on_the_same_few_devices_are_likelier_up_to_thirty_two() -> None:
    def said(accounts: int, devices: float, apart: float = 0.0) -> float:
        held = Hold(np.array([accounts]), *(np.array([x]) for x in (devices, 0.0, 0.9, 0.0)))
        return float(coordination_of(measures_of(held, beside(1, apart=apart)))[0])

    assert said(2, 0.9) == said(4, 0.9) < said(8, 0.9) < said(32, 0.9) == said(800, 0.9)
    assert said(4, 0.9) < 0.9 < said(32, 0.9)
    assert said(32, 0.9, apart=1.0) < said(4, 0.9, apart=1.0)  # a room's computers
    assert said(4, 0.0) == said(800, 0.0) < 0.5


def test_density_says_little_of_many_who_live_apart() -> None:
    def said(accounts: int, apart: float) -> float:
        held = Hold(np.array([accounts]), *(np.array([x]) for x in (0.0, 0.0, 1.0, 0.0)))
        return float(coordination_of(measures_of(held, beside(1, apart=apart)))[0])

    assert said(4, 0.0) == said(32, 0.0) == said(4, 1.0)
    assert said(32, 0.0) > said(16, 1.0) > said(32, 1.0)


@pytest.mark.parametrize("measure", ["domain", "replaced", "clock", "untold"])
def test_what_is_known_beside_the_links_counts(measure: str) -> None:
    pair = linkage(payment=[6, 6, 6, 0])
    assert coordination(pair, **{measure: 1.0}) > coordination(pair, **{measure: 0.5})


def test_no_card_and_no_device_on_record_is_no_sign_of_many_people() -> None:
    office = linkage(prompt=[6] * 4, timing=[4] * 4, ip=[9] * 4)
    assert coordination(office, untold=1.0) > 0.9 > coordination(office)


def test_a_mail_domain_of_their_own_is_one_operators_wherever_they_work() -> None:
    remote = linkage(prompt=[1, 1, 1, 0])
    assert coordination(remote, domain=1.0, apart=1.0) > 0.9 > coordination(remote, domain=0.6)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"days_in_use": 30.0}, 1.0),
        ({"days_in_use": 1.0}, 0.0),  # guests of an event
        ({"days_in_use": None}, 0.0),
        ({"days_in_use": 30.0, "devices": 10}, 0.0),
        ({"days_in_use": 30.0, "instruments": 1}, 0.0),
    ],
)
def test_nothing_is_told_where_neither_cards_nor_devices_are_on_record(
    known: dict[str, Any], expected: float
) -> None:
    assert untold(UNKNOWN | known) == expected


def test_it_is_a_probability_and_never_certain() -> None:
    assert 0 < coordination(linkage(device=[-20] * 4)) < 0.05
    assert coordination(linkage(device=[60] * 4), cards=9, payers=90) <= CEILING < 1


def test_without_a_kind_the_rest_is_left() -> None:
    both = linkage(device=[8] * 4, identifier=[8] * 4)
    without = measure_hold(both, LABEL, 40, without="identifier")
    alone = measure_hold(linkage(device=[8] * 4), LABEL, 40)
    assert (without.identifiers[0], without.devices[0]) == (0, alone.devices[0])
