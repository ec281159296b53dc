"""How a score came about, from the rows of a run."""

from __future__ import annotations

from typing import Any

from forensics.score.calibrate import Calibration, Calibrations
from forensics.score.grounds import LEGITIMATE
from forensics.score.provenance import in_words, steps_of

CLUSTER = {"measured_coordination": 0.97, "measured_abuse": 0.6, "abuse": 0.312}
COMPANY = {"explanation": "company", "claim": LEGITIMATE, "strength": 0.8, "holds": True}
INFO: dict[str, Any] = {"calibrations": Calibrations().as_dict()}


def test_a_score_as_it_was_measured_needs_no_words() -> None:
    steps = steps_of("coordination", CLUSTER, [COMPANY], INFO)
    assert steps == {"measured": 0.97, "lowered_by": None, "calibration": None}
    assert in_words("coordination", steps) == ""
    hardly = steps_of("abuse", {"measured_abuse": 0.01}, [COMPANY], INFO)
    assert hardly["lowered_by"] is not None
    assert in_words("abuse", hardly) == ""


def test_what_lowers_a_score_is_named_with_its_share() -> None:
    steps = steps_of("abuse", CLUSTER, [COMPANY], INFO)
    assert steps["lowered_by"] == {"explanation": "company", "strength": 0.8, "share": 0.48}
    assert in_words("abuse", steps) == (
        "0.60 by its likeness to campaigns, lowered by 48% for what speaks for 'company'"
    )


def test_labels_are_counted() -> None:
    info = {"calibrations": Calibrations(Calibration(12, 0.1, 0.9)).as_dict()}
    assert in_words("coordination", steps_of("coordination", CLUSTER, [], info)) == (
        "0.97 by its measures, calibrated by 12 labelled clusters"
    )


def test_of_an_older_run_nothing_is_known() -> None:
    assert in_words("abuse", steps_of("abuse", {"abuse": 0.3}, [COMPANY], {})) == ""


def test_one_label_is_not_plural() -> None:
    info = {"calibrations": Calibrations(Calibration(1, 0.1, 0.9)).as_dict()}
    said = in_words("coordination", steps_of("coordination", CLUSTER, [], info))
    assert said.endswith("calibrated by 1 labelled cluster")


def test_where_likeness_says_nothing_a_score_is_from_its_signals() -> None:
    steps = steps_of("abuse", CLUSTER, [COMPANY], INFO)
    assert in_words("abuse", steps, likeness=False).startswith("0.60 by its signals, lowered by")
