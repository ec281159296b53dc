"""EM finds the weights again that data were drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.link.estimate import estimate, first_model
from tests.link.build import observed


def test_em_recovers_m_and_u_that_the_data_were_drawn_from() -> None:
    rng, n, share = np.random.default_rng(1), 40_000, 0.05
    match = rng.random(n) < share
    true_m = {"device": 0.7, "phone": 0.6, "instrument": 0.8, "template": 0.75}
    observations = []
    for name, m in true_m.items():
        agree = rng.random(n) < np.where(match, m, 0.001)
        level = np.where(agree, 2 if name == "instrument" else 1, 0)
        observations.append(observed(name, level, u=0.001))
    sync_m, sync_u = (0.3, 0.2, 0.2, 0.1, 0.2), (0.001, 0.002, 0.007, 0.04, 0.95)
    level = np.where(match, rng.choice(5, n, p=sync_m), rng.choice(5, n, p=sync_u))
    observations.append(observed("synchrony", level))
    strangers = observed("synchrony", rng.choice(5, n, p=sync_u))
    start = first_model(observations, strangers, np.log2(share / (1 - share)))
    model = estimate(observations, np.ones(n), start)
    for name, m in true_m.items():
        assert 1 - model.weights[name].m[0] == pytest.approx(m, abs=0.03), name
    assert model.weights["synchrony"].m == pytest.approx(sync_m, abs=0.03)
    assert model.weights["synchrony"].u == pytest.approx(sync_u, abs=0.01)
