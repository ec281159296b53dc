"""Groups that are linked only by where accounts are and what they send are no clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from forensics.score.chance import Chance
from forensics.score.scored import Scored


def scored(*coordination: float) -> Scored:
    rows: list[dict[str, Any]] = [{"coordination": c} for c in coordination]
    empty: list[list[dict[str, Any]]] = [[{"of": n}] for n in range(len(rows))]
    numbers = np.arange(len(rows)) + 10
    return Scored(numbers, rows, empty, empty, empty, empty, Chance(np.empty(0), 0.0, 0))


@pytest.mark.parametrize(("below", "kept"), [(0.0, [10, 11, 12]), (0.1, [10, 12]), (0.5, [12])])
def test_a_group_is_released_where_one_operator_is_unlikely(below: float, kept: list[int]) -> None:
    found = scored(0.1, 0.05, 0.97).release(below)
    assert found.groups.tolist() == kept
    assert sorted([*found.released.tolist(), *kept]) == [10, 11, 12]
    # All that is said of a cluster goes with it.
    assert [rows[0]["of"] for rows in found.signals] == [group - 10 for group in kept]
