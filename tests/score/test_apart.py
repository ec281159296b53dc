"""Lives apart: whose lines and devices are used by no other member."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.link.material import Material
from forensics.link.uses import Comparison
from forensics.score.apart import DAY, days_together, lives_apart
from tests.link.build import comparison

NOBODY = Material(
    {}, np.empty(0, np.int64), None, np.empty(0, np.int64), None, None, np.zeros(6, np.int64)
)
TWO = np.array([0, 0, 0, 1, 1, -1])


def apart(prefix: dict[str, list[int]], device: dict[str, list[int]] | None = None) -> list[float]:
    uses = {"prefix": prefix, "device": device}
    known = {name: comparison(name, users, 6) for name, users in uses.items() if users}
    return lives_apart(replace(NOBODY, comparisons=known), TWO, 2).tolist()


def test_a_line_that_a_member_has_for_himself_is_a_life_apart() -> None:
    assert apart({"place": [0, 1, 2], "home0": [0], "home1": [1], "net": [3, 4]}) == [
        pytest.approx(2 / 3), 0.0,
    ]  # fmt: skip


def test_strangers_on_the_same_line_do_not_make_it_shared() -> None:
    """The account 3 is of another cluster, 5 of none."""
    assert apart({"home": [0, 3, 5], "other": [1, 2, 4]})[0] == pytest.approx(1 / 3)


def test_lines_and_devices_count_alike_and_what_is_not_recorded_does_not() -> None:
    found = apart({"home0": [0], "home1": [1], "home2": [2], "n": [3, 4]}, {"computer": [0, 1]})
    assert found == [pytest.approx((0.5 + 0.5 + 1.0) / 3), 0.0]


def test_where_nothing_is_recorded_nothing_is_known() -> None:
    assert np.isnan(lives_apart(NOBODY, TWO, 2)).all()


def in_use(spans: dict[str, dict[int, tuple[float, float]]]) -> Comparison:
    """Addresses, each with the accounts that use it and the days of their first and last use."""
    plain = comparison("address", {value: list(uses) for value, uses in spans.items()}, 6)
    of = [spans[plain.keys[v].as_py()][a] for a, v in zip(plain.account, plain.value, strict=True)]
    first, last = (np.array(days) * DAY for days in zip(*of, strict=True))
    return replace(plain, first_s=first.astype(np.int64), last_s=last.astype(np.int64))


def together(spans: dict[str, dict[int, tuple[float, float]]]) -> list[float]:
    return days_together(replace(NOBODY, comparisons={"address": in_use(spans)}), TWO, 2).tolist()


def test_days_together_are_those_of_what_another_member_uses() -> None:
    """The lines at home are in use for a month, the hall's for a day; 3 and 5 are elsewhere."""
    hall = {0: (10.0, 10.5), 1: (10.2, 11.2), 2: (10.0, 10.0)}
    home = {"h0": {0: (1.0, 30.0), 3: (1.0, 30.0)}, "h1": {1: (1.0, 30.0), 5: (1.0, 30.0)}}
    assert together({"hall": hall, **home})[0] == pytest.approx(1.5)  # the middle of 1, 1.5 and 2


def test_of_a_cluster_in_which_few_share_anything_nothing_is_said() -> None:
    """Two of its three share the hall; then one of them, with an account of no cluster."""
    home = {f"h{at}": {at: (1.0, 30.0)} for at in (0, 1, 2)}
    assert together({"hall": {0: (1.0, 2.0), 1: (1.0, 2.0)}, **home})[0] == pytest.approx(2.0)
    assert np.isnan(together({"hall": {0: (1.0, 2.0), 5: (1.0, 2.0)}, **home})[0])


def test_a_use_whose_time_is_not_known_tells_no_days() -> None:
    found = together(
        {"hall": {0: (0.0, 0.0), 1: (0.0, 0.0)}, "flat": {3: (5.0, 9.0), 4: (6.0, 9.0)}}
    )
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(4.5)
