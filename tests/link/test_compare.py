"""Comparing pairs: what of the material goes into which level."""

from __future__ import annotations

import numpy as np

from forensics.link.compare import Comparer, first_guess
from tests.link.build import comparison, material, pairs_of

SIZE = 400


def test_strangers_are_drawn_from_all_who_are_active_not_from_candidates() -> None:
    """Two rings of six are each on in 30 minutes, and 387 strangers in one of their own."""
    minutes = {f"m{n:03}": range(6 * (n // 30), 6 * (n // 30) + 6) for n in range(60)}
    alone = {f"own{n}": [n] for n in range(12, SIZE - 1)}
    every = comparison("minute", {**minutes, **alone}, SIZE)
    found = Comparer(material(SIZE, minutes=every)).synchrony_of_strangers
    assert found is not None
    # All pairs of the 399 who are active, since these are few: 2 * 15 of them in one ring.
    assert np.bincount(found.level).tolist() == [30, 0, 0, 0, 399 * 398 // 2 - 30]


def test_an_hour_on_a_carriers_line_is_none_on_a_rare_one() -> None:
    """0 and 1 share a rare line at other times, and a carrier's in one hour; 2 and 3 the latter."""
    carrier = range(300)
    lines = {"ip:192.0.2.1": [0, 1], "ip:192.0.2.10": carrier, "ip:2001:db8::7": [4, 5]}
    hours = {"192.0.2.10@491000": carrier, "2001:db8::7@491000": [4, 5]}
    found = material(
        SIZE, comparison("address", lines, SIZE), hours=comparison("address_hour", hours, SIZE)
    )
    pairs = pairs_of((0, 1), (2, 3), (4, 5), size=SIZE)
    (address,) = Comparer(found)(pairs, first_guess(found)).observations
    keys = found.comparisons["address"].keys
    told = zip(keys.take(address.value).to_pylist(), address.level, strict=True)
    assert [(key, address.levels[level]) for key, level in told] == [
        ("ip:192.0.2.1", "same address at other times"),
        ("ip:192.0.2.10", "same address within the hour"),
        ("ip:2001:db8::7", "same address within the hour"),
    ]
