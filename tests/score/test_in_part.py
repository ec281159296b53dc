"""What a claim says of an innocent explanation that holds for a part of the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from forensics.score.in_part import covered, holds_in_part, left_without

CLUSTER = {"verdict": "abusive", "coordination": 0.956, "reasons": []}
SHARED: dict[str, Any] = {
    "explanation": "shared computer",
    "claim": "not one operator",
    "holds": True,
    "coordination_without": 0.9562,
}
KINDS = [{"kind": "payment", "bits": 5.0}, {"kind": "device", "bits": 6.0}]


def said(*explanations: dict[str, Any], info: Any = None, **cluster: Any) -> str:
    given = {**CLUSTER, **cluster}
    return holds_in_part(given, explanations, KINDS, info or {}, "{:.2f}".format)


def test_what_it_covers_and_what_is_left_are_said() -> None:
    assert said(SHARED) == (
        "an innocent explanation holds for part of the evidence ('shared computer' accounts for "
        "devices; without these the probability is 0.96)"
    )


@pytest.mark.parametrize("other", [{"holds": False}, {"claim": "one legitimate operator"}])
def test_what_does_not_hold_or_leaves_one_operator_is_not_said(other: dict[str, Any]) -> None:
    assert said({**SHARED, **other}) == ""


def test_where_one_operator_is_not_claimed_nothing_is_said() -> None:
    assert said(SHARED, verdict="unclear", reasons=["weak coordination"]) == ""
    assert said(SHARED, verdict="unclear", reasons=["contested"]) != ""


def test_what_accounts_for_everything_leaves_nothing_to_be_said() -> None:
    once = {**SHARED, "explanation": "met once", "coordination_without": None}
    assert said(SHARED, once).startswith("innocent explanations hold ('shared computer' ")
    assert said(SHARED, once).endswith("is 0.96, and 'met once' accounts for all of it)")


def test_what_is_left_is_calibrated_as_the_cluster_is() -> None:
    labels = {"clusters": 3, "shift": -1.0, "slope": 1.0}
    info = {"calibrations": {"coordination": labels, "abuse": {**labels, "clusters": 0}}}
    assert left_without(SHARED, CLUSTER, info) == pytest.approx(0.889, abs=0.001)
    assert left_without(SHARED, CLUSTER, {}) == 0.956  # never more than with all


def test_kinds_that_bring_nothing_are_not_named() -> None:
    assert covered("shared computer", KINDS) == "devices"
    assert covered("shared computer", []) == "addresses, devices, identifiers and timing"
    assert covered("met once", KINDS) == ""
