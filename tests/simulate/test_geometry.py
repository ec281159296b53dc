from __future__ import annotations

import numpy as np
import pytest

from forensics.simulate.geometry import Geometry
from tests.simulate.conftest import Platform
from tests.simulate.tables import table, truth, vectors


@pytest.mark.parametrize("dimension", [384, 768])
def test_real_prompts_keep_their_cosines_in_a_space_that_holds_them(dimension: int) -> None:
    """Random pairs of real prompts have a median cosine of 0.18, of which 0.45² is common."""
    geometry = Geometry(dimension, 0.45)
    raw = geometry.embed(geometry.prompts).astype(np.float32)
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, len(raw), (2, 20_000))
    cosines = (raw[a] * raw[b]).sum(axis=1)
    assert np.median(cosines) == pytest.approx(0.18, abs=0.02)
    assert np.quantile(cosines, 0.99) == pytest.approx(0.58, abs=0.03)


def test_equal_keys_give_equal_points_and_others_unrelated_ones() -> None:
    geometry = Geometry(384, 0.45)
    points = geometry.points(np.arange(2_000))
    assert (geometry.points(np.arange(2_000)) == points).all()
    cosines = (points[:1_000] * points[1_000:]).sum(axis=1)
    assert abs(cosines.mean()) < 0.01
    assert np.quantile(np.abs(cosines), 0.99) < 0.5


def test_points_around_a_centre_have_the_cosine_asked_for() -> None:
    geometry = Geometry(128, 0.45)
    centres = geometry.prompts[:50]
    around = geometry.around(centres, np.full(50, 0.8, np.float32), np.arange(50))
    assert (around * centres).sum(axis=1) == pytest.approx(np.full(50, 0.8), abs=1e-4)


def test_the_common_direction_is_as_strong_as_asked() -> None:
    for common in (0.45, 0.75):
        geometry = Geometry(384, common)
        mean = geometry.embed(geometry.prompts).astype(np.float32).mean(axis=0)
        assert np.linalg.norm(mean) == pytest.approx(common, abs=0.03)


def test_a_topic_is_no_template(platform: Platform) -> None:
    """Strangers on one topic stay below 0.75: hardly any pair is as close as paraphrases are."""
    folder = platform(dimension=384)
    kinds = truth(folder).set_index("account_id").kind
    accounts = table(folder, "prompts").account_id
    mine = np.flatnonzero(accounts.map(kinds).isin(["family", "reseller", "company"]))[:4_000]
    x, who = vectors(folder)[mine], accounts.to_numpy()[mine]
    cosines = x @ x.T
    other = who[:, None] != who[None, :]
    assert (cosines[other] > 0.75).mean() < 1e-3
    assert np.quantile(cosines[other], 0.99) < 0.5


def test_benchmark_prompts_are_the_same_to_the_last_bit_but_noise(platform: Platform) -> None:
    folder = platform(dimension=384)
    kinds = truth(folder).set_index("account_id").kind
    mine = (table(folder, "prompts").account_id.map(kinds) == "benchmark").to_numpy()
    x = vectors(folder)[mine]
    cosines = x @ x.T
    np.fill_diagonal(cosines, 0)
    assert (cosines.max(axis=1) > 0.99).mean() > 0.3
