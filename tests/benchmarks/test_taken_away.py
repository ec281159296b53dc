"""The ablation takes away what is there: a step that was renamed must not be left in unnoticed."""

from __future__ import annotations

import inspect
import pkgutil
from types import FunctionType

import pytest

from benchmarks.quality.taken_away import Ablation, ablations
from forensics.case.settings import parse_settings


@pytest.mark.parametrize("ablation", ablations(), ids=lambda ablation: ablation.name)
def test_what_is_taken_away_is_there(ablation: Ablation) -> None:
    for name, instead in ablation.patches.items():
        original = pkgutil.resolve_name(name)
        if isinstance(original, FunctionType):
            _call(instead, inspect.signature(original))
    parse_settings(ablation.settings.encode(), "settings.toml")


def _call(function: object, signature: inspect.Signature) -> None:
    """Raise a TypeError where the function can't be called as the signature can."""
    assert callable(function)
    parameters = signature.parameters.values()
    named = {p.name: None for p in parameters if p.kind is p.KEYWORD_ONLY}
    plain = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    inspect.signature(function).bind(*plain, **named)
