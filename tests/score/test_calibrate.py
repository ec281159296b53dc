"""Labels calibrate the scores: all of them alike, and a few labels little."""

from __future__ import annotations

import numpy as np
import pytest

from forensics.case.labels import Label
from forensics.score.calibrate import Calibration, Calibrations, calibrate

AT = "2026-02-01T00:00:00Z"


def said(verdict: str, *operators: str | None) -> list[Label]:
    """The labels of the members of one cluster."""
    return [
        Label(verdict, AT, account_id=f"a-{n}", operator=name) for n, name in enumerate(operators)
    ]


def whole(
    labels: list[list[Label]], coordination: list[float], abuse: list[float | None]
) -> Calibrations:
    """Calibrate by clusters all of whose members are labelled."""
    return calibrate(labels, [len(of) for of in labels], coordination, abuse)


def test_without_labels_nothing_changes() -> None:
    found = whole([[], []], [0.9, 0.95], [0.1, None])
    assert found == Calibrations()
    assert [found.coordination(p) for p in (0.0, 0.3, 1.0)] == [0.0, 0.3, 1.0]


def test_labels_without_an_operator_say_nothing_on_one_operator() -> None:
    found = whole([said("abusive", None, None), said("abusive", "x")], [0.9, 0.9], [0.6, 0.6])
    assert found.coordination == Calibration()
    assert found.abuse.clusters == 2


def test_a_cluster_without_a_score_is_left_out() -> None:
    assert whole([said("abusive", None)], [0.9], [None]).abuse == Calibration()


@pytest.mark.parametrize(
    ("operators", "one"),
    [
        (("x", "x"), True),
        (("x", "y"), False),
        (("x",) * 9 + ("y",), True),
        (("x", "x", "y"), False),
    ],
)
def test_one_operator_has_nine_tenths_of_the_labelled_members(
    operators: tuple[str, ...], one: bool
) -> None:
    found = whole([said("legitimate", *operators)], [0.5], [None])
    assert (found.coordination(0.5) > 0.5) is one


def test_one_label_changes_little_and_many_much() -> None:
    """Of clusters said to be 0.5 likely, none is one operator's."""
    moved = [
        whole([said("legitimate", "x", "y")] * n, [0.5] * n, [None] * n).coordination(0.5)
        for n in (1, 10, 100)
    ]
    assert moved == pytest.approx([0.40, 0.18, 0.05], abs=0.02)


@pytest.mark.parametrize("said_before", [0.9, 0.95, 0.995])
def test_one_label_against_a_sure_score_leaves_sure_clusters_sure(said_before: float) -> None:
    found = whole([said("legitimate", "x", "y")], [said_before], [None]).coordination
    assert found(0.995) > 0.97


@pytest.mark.parametrize("count", [10, 1_000, 20_000])
def test_any_number_of_labels_against_sure_scores_is_fitted(count: int) -> None:
    """They end up as sure of the opposite as so many labels make them, and no surer."""
    found = whole([said("legitimate", None)] * count, [0.9] * count, [0.995] * count).abuse
    assert found.slope == 0.1
    assert 0.1 / count < found(0.995) < 10 / count


def test_enough_labels_find_how_a_score_is_off() -> None:
    """The score is too sure: the truth has half its log odds, and one less; 1 label in 20 errs."""
    rng = np.random.default_rng(3)
    logit = rng.normal(0, 2.5, 4_000)
    truth = rng.random(4_000) < 1 / (1 + np.exp(-(0.5 * logit - 1)))
    truth ^= rng.random(4_000) < 0.05
    labels = [said("abusive" if bad else "legitimate", None) for bad in truth]
    scores = (1 / (1 + np.exp(-logit))).tolist()
    found = whole(labels, [0.9] * 4_000, scores).abuse
    assert found.clusters == 4_000
    assert (found.shift, found.slope) == pytest.approx((-1, 0.5), abs=0.1)


def test_the_order_of_scores_is_kept_and_certainty_stays() -> None:
    """Even where all labels say the opposite of the scores."""
    labels = [said("abusive", None)] * 50 + [said("legitimate", None)] * 50
    found = whole(labels, [0.9] * 100, [0.1] * 50 + [0.9] * 50).abuse
    read = [found(p) for p in np.linspace(0, 1, 21)]
    assert read == sorted(read)
    assert (read[0], read[-1]) == (0.0, 1.0)
    assert found.slope == 0.1


def test_a_mixed_cluster_counts_by_the_share_of_abusive_labels() -> None:
    half = whole([said("abusive", None) + said("legitimate", None)] * 40, [0.9] * 40, [0.5] * 40)
    assert half.abuse == Calibration(40, 0.0, 1.0)


def test_a_cluster_counts_by_how_much_of_it_is_labelled() -> None:
    """Five labelled members speak for a cluster of any size, one for a fifth of it."""

    def shift(labelled: int, accounts: int) -> float:
        given = said("legitimate", *[None] * labelled)
        return calibrate([given], [accounts], [0.9], [0.8]).abuse.shift

    whole_ring = shift(60, 60)
    assert whole_ring < -0.4
    assert shift(5, 60) == shift(1, 1) == shift(2, 2) == whole_ring
    assert -0.2 < shift(1, 60) < 0
    assert shift(1, 60) == shift(1, 5) > shift(1, 2) > whole_ring
    assert calibrate([said("legitimate", None)], [60], [0.9], [0.8]).abuse.clusters == 1


def test_few_members_of_known_operators_speak_for_a_part_of_their_cluster() -> None:
    two, five = (
        calibrate([said("legitimate", "x", *["y"] * n)], [60], [0.9], [None]).coordination
        for n in (1, 4)
    )
    assert five.shift < two.shift < 0


def test_figures_survive_the_way_through_json() -> None:
    given = Calibrations(Calibration(3, 0.25, 0.9), Calibration(5, -1.0, 1.1))
    assert Calibrations.of(given.as_dict()) == given
    assert Calibrations.of({}) == Calibrations()
