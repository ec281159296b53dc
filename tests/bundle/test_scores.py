"""Whether the scores of cluster.json follow from what it says that they come from."""

from __future__ import annotations

from typing import Any

import pytest

from forensics.bundle.scores import check_scores

NEITHER: dict[str, Any] = {"lowered_by": None, "calibration": None}


def summary(**changed: Any) -> dict[str, Any]:
    """One operator by its measures with 0.811, a campaign with 0.946; `changed` by path."""
    told: dict[str, Any] = {
        "scores": {"coordination": 0.946, "abuse": 0.946},
        "coordination_from": {
            "ceiling": 0.995,
            "campaign_from": 0.5,
            "campaign": 0.946,
            "intercept": -3.9,
            "measures": [
                {"measure": "density", "most": 1.0, "value": 0.5, "coefficient": 3.8},
                {"measure": "devices", "most": 1.0, "value": 0.94, "coefficient": 3.7},
            ],
            "measured": 0.946,
            **NEITHER,
        },
        "abuse_from": {
            "ceiling": 0.995,
            "items": [{"item": "prior", "bits": -5.5}, {"item": "replaced", "bits": 9.77}],
            "measured": 0.946,
            **NEITHER,
        },
    }
    for path, value in changed.items():
        *parts, last = path.split("__")
        place = told
        for part in parts:
            place = place[part]
        place[last] = value
    return told


def test_scores_that_follow_are_told_by_nothing() -> None:
    assert check_scores(summary()) == []


def test_below_half_a_campaign_does_not_lift_one_operator() -> None:
    measures = [{"measure": "density", "most": 1.0, "value": 0.5, "coefficient": 3.8}]
    low = {"coordination_from__measures": measures, "coordination_from__measured": 0.119}
    assert check_scores(summary(**low, scores__coordination=0.119)) == []
    lifted = check_scores(summary(**low | {"coordination_from__measured": 0.946}))
    assert lifted[0].startswith("the measures of coordination give 0.119, cluster.json says")


def test_what_is_no_campaign_may_be_one_operator_s_all_the_same() -> None:
    told = {"coordination_from__measured": 0.968, "scores__coordination": 0.968}
    assert check_scores(summary(**told, coordination_from__otherwise=0.5)) == []
    assert len(check_scores(summary(**told))) == 1


def test_a_score_is_lowered_by_the_share_that_is_told() -> None:
    by = {"explanation": "company", "strength": 0.8, "share": 0.48}
    (problem,) = check_scores(summary(abuse_from__lowered_by=by))
    assert problem.startswith("abuse, measured as 0.946, is 0.492 once it is lowered")
    assert check_scores(summary(abuse_from__lowered_by=by, scores__abuse=0.492)) == []


def test_a_score_is_calibrated_as_told_and_one_operator_is_never_certain() -> None:
    figures = {"clusters": 9, "shift": 2.0, "slope": 1.0}
    lifted = {"abuse_from__calibration": figures, "scores__abuse": 0.992}
    assert check_scores(summary(**lifted)) == []
    sure = {"coordination_from__calibration": figures | {"shift": 9.0}}
    assert check_scores(summary(**sure, scores__coordination=0.995)) == []
    assert check_scores(summary(**sure, scores__coordination=1.0)) != []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"abuse_from__measured": None}, "that it was measured as nothing"),
        ({"abuse_from__measured": 2.0}, "abuse was measured as 2.0: not from 0 to 1"),
        ({"coordination_from__campaign": 0.99}, "coordination counts a campaign of 0.99, abuse"),
        (
            {"abuse_from__items": [{"item": "prior", "bits": 1e308}]},
            "the items of abuse give 0.995",
        ),
        (
            {
                "coordination_from__measures": [
                    {"measure": "size", "most": 1.0, "value": 50, "coefficient": 0.1}
                ]
            },
            "the measure size is 50: not from 0 to 1.0",
        ),
        ({"coordination_from__intercept": -1e308}, "the measures of coordination give 0.000"),
    ],
)
def test_what_is_made_up_is_told(changed: dict[str, Any], problem: str) -> None:
    assert any(problem in told for told in check_scores(summary(**changed)))


def test_what_is_not_told_is_not_worked_out() -> None:
    """A run that kept no measures; a case that knows too little for items; an earlier bundle."""
    unknown = [{"measure": "density", "most": 1.0, "value": None, "coefficient": 3.8}]
    assert check_scores(summary(coordination_from__measures=unknown, abuse_from__items=[])) == []
    assert check_scores({"scores": {}}) == []
