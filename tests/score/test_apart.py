"""Lives apart: whose lines and devices are used by no other member."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensics.link.material import Material
from forensics.score.apart import lives_apart
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
