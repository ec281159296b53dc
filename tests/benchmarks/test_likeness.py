"""The fit of the scorecard, and the collection of what it is fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.likeness.collect import groups_of
from benchmarks.likeness.fit import MOST_BITS, RANGES, fit, probability, scale_rows
from forensics.score.scorecard import ITEMS
from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate


@pytest.fixture(scope="module")
def groups() -> pd.DataFrame:
    """Campaigns have long answers; nothing else tells them from honest groups of two generators."""
    numbers = np.random.default_rng(1)
    drawn = {name: numbers.random(400) for name in RANGES}
    abusive = numbers.random(400) < 0.3
    drawn["output_ratio"] = np.where(abusive, 2.0, 1.0)
    known = {"generator": np.repeat(["a", "b"], 200), "accounts": 5, "abusive": abusive}
    return pd.DataFrame(known | drawn)


def test_what_tells_campaigns_has_most_bits_and_no_more_than_the_bound(
    groups: pd.DataFrame,
) -> None:
    rows = scale_rows(fit(groups))
    top = {name: abs(float(bits)) for name, _, bits in rows if name != "prior"}
    judged = {name for name, ranges in RANGES.items() if ranges.judged}
    assert max(top, key=lambda name: 0 if name in judged else top[name]) == "output_ratio"
    assert all(bits <= MOST_BITS for name, bits in top.items() if name not in judged)


def test_an_item_that_is_bound_by_judgement_takes_no_more(groups: pd.DataFrame) -> None:
    """Even where one payer tells honest groups from campaigns without fail."""
    told = groups.assign(payer_share=np.where(groups["abusive"], 0.0, 1.0))
    bits = [float(b) for name, _, b in scale_rows(fit(told)) if name == "payer_share"]
    assert bits[-1] == -(RANGES["payer_share"].most or 0)


def test_it_tells_the_campaigns_of_a_generator_that_it_never_saw(groups: pd.DataFrame) -> None:
    seen, held_out = groups[groups["generator"] == "a"], groups[groups["generator"] == "b"]
    said = probability(held_out, fit(seen))
    assert said[held_out["abusive"]].min() > said[~held_out["abusive"]].max()


def test_groups_are_collected_with_every_item(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationOptions(accounts=300, dimension=64, seed=3))
    found = groups_of(tmp_path, "ours")
    assert list(found.columns) == ["generator", "accounts", "abusive", *(i.name for i in ITEMS)]
    assert found["abusive"].any()
    assert not found["abusive"].all()
    assert (found["accounts"] >= 3).all()
