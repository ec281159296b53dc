"""The ablation takes away what is there: a step that was renamed must not be left in unnoticed."""

from __future__ import annotations

import pkgutil

import pytest

from benchmarks.quality.taken_away import Ablation, ablations
from forensics.case.settings import parse_settings


@pytest.mark.parametrize("ablation", ablations(), ids=lambda ablation: ablation.name)
def test_what_is_taken_away_is_there(ablation: Ablation) -> None:
    for name in ablation.patches:
        pkgutil.resolve_name(name)
    parse_settings(ablation.settings.encode(), "settings.toml")
