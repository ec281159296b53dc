"""Comparing pairs: what of the material goes into which level."""

from __future__ import annotations

from forensics.link.compare import Comparer, first_guess
from tests.link.build import comparison, material, pairs_of

SIZE = 400


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
