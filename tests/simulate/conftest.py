from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate

Platform = Callable[..., Path]


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Simulate a platform once per set of options; returns its folder."""

    @cache
    def make(**options: object) -> Path:
        folder = tmp_path_factory.mktemp("platform") / "tables"
        simulate(folder, SimulationOptions(**{"accounts": 1_500, "dimension": 64, **options}))  # type: ignore[arg-type]
        return folder

    return make
