"""Figures on partitions small enough to count by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from forensics.evaluate.measure import Evaluation, evaluate
from forensics.evaluate.truth import truth_of

# Ring R (abusive, 4 accounts), company C (5), reseller S (6), and strangers a, b, c, d.
TRUTH = truth_of(
    pa.table(
        {
            "account_id": [*"1234", *"56789", *"uvwxyz", *"abcd"],
            "operator": ["R"] * 4 + ["C"] * 5 + ["S"] * 6 + [*"abcd"],
            "verdict": ["abusive"] * 4 + ["legitimate"] * 15,
            "kind": ["ring"] * 4 + ["company"] * 5 + ["reseller"] * 6 + ["honest"] * 4,
        }
    )
)


def evaluated(*clusters: tuple[str, str, float | None], extra: str = "") -> Evaluation:
    """Evaluate clusters, each given as (accounts, verdict, coordination)."""
    members = [(f"C-{n}", a) for n, (accounts, *_) in enumerate(clusters) for a in accounts]
    members += [("C-0", a) for a in extra]
    return evaluate(
        pa.table({"cluster_id": [c for c, _ in members], "account_id": [a for _, a in members]}),
        pa.table(
            {
                "cluster_id": [f"C-{n}" for n in range(len(clusters))],
                "verdict": pa.array([verdict for _, verdict, _ in clusters], pa.string()),
                "coordination": pa.array([p for *_, p in clusters], pa.float64()),
            }
        ),
        TRUTH,
        samples=200,
    )


def test_perfect_clusters_get_full_marks() -> None:
    result = evaluated(
        ("1234", "abusive", 1.0), ("56789", "legitimate", 1.0), ("uvwxyz", "legitimate", 1.0)
    )
    for name in (
        "account_precision", "account_recall", "pair_precision", "pair_recall", "pair_f1",
        "honest_found_as_one", "honest_called_legitimate",
    ):  # fmt: skip
        assert result.value(name) == 1.0, name
    assert result.value("innocent_in_findings") == 0.0
    assert result.value("brier") == 0.0


def test_accounts_count_in_findings_of_either_verdict() -> None:
    result = evaluated(("123a", "abusive", 0.9), ("56", "coordinated", 0.9), ("4b", "unclear", 0.2))
    assert result.value("account_precision") == 3 / 6
    assert result.value("account_recall") == 3 / 4
    assert result.value("innocent_in_findings") == 3 / 15
    assert result.value("in_findings", "ring") == 3 / 4
    assert result.value("in_findings", "company") == 2 / 5
    assert result.value("in_findings", "honest") == 1 / 4


def test_pairs_are_counted_over_all_clusters_and_all_operators() -> None:
    result = evaluated(("123a", "abusive", 0.9), ("56", "unclear", 0.1))
    # Together: 6 + 1 pairs, of which 3 + 1 have one operator; there are 6 + 10 + 15 such pairs.
    assert result.value("pair_precision") == 4 / 7
    assert result.value("pair_recall") == 4 / 31
    assert result.value("pair_f1") == pytest.approx(2 * 4 / (7 + 31))
    assert result.value("pair_recall", "ring") == 3 / 6
    assert result.value("pair_recall", "reseller") == 0.0
    assert result.value("pair_recall", "honest") is None


def test_honest_operators_are_found_by_half_their_accounts_in_a_cluster_mostly_theirs() -> None:
    # Three of six in a cluster of their own: found. Four of five with one stranger: 80 %, found.
    found = evaluated(("uvw", "legitimate", 0.9), ("5678a", "unclear", 0.9))
    assert found.value("honest_found_as_one") == 1.0
    assert found.value("honest_called_legitimate") == 0.5
    # Two of six are too few; four of five beside two strangers are too mixed.
    missed = evaluated(("uv", "legitimate", 0.9), ("5678ab", "legitimate", 0.9))
    assert missed.value("honest_found_as_one") == 0.0
    assert missed.value("honest_called_legitimate") is None


def test_calibration_compares_coordination_with_clusters_of_one_operator() -> None:
    result = evaluated(
        ("1234", "abusive", 0.96), ("56789", "legitimate", 0.97), ("uva", "unclear", 0.6)
    )
    assert result.value("brier") == pytest.approx((0.04**2 + 0.03**2 + 0.6**2) / 3)
    table = {f.group: f for f in result.figures if f.measure == "reliability"}
    assert list(table) == ["0.50 to 0.70", "0.95 to 0.99"]
    assert (table["0.95 to 0.99"].value, table["0.95 to 0.99"].count) == (1.0, 2)
    assert table["0.95 to 0.99"].predicted == pytest.approx(0.965)
    assert table["0.50 to 0.70"].value == 0.0


def test_nine_tenths_of_one_operator_are_one_operator() -> None:
    truth = truth_of(
        pa.table(
            {
                "account_id": [str(n) for n in range(20)],
                "operator": ["A"] * 9 + ["B"] + ["A"] * 8 + ["B"] * 2,
            }
        )
    )
    members = pa.table({"cluster_id": ["x"] * 10 + ["y"] * 10, "account_id": truth.account_id})
    clusters = pa.table(
        {"cluster_id": ["x", "y"], "verdict": ["unclear"] * 2, "coordination": [0.92, 0.55]}
    )
    result = evaluate(members, clusters, truth, samples=50)
    assert result.value("reliability", "0.90 to 0.95") == 1.0
    assert result.value("reliability", "0.50 to 0.70") == 0.0


def test_without_findings_precision_is_undefined_and_recall_zero() -> None:
    result = evaluated(("1234", "unclear", 0.4))
    assert result.value("account_precision") is None
    assert result.value("account_recall") == 0.0
    assert result.value("pair_precision") == 1.0


def test_accounts_that_the_truth_does_not_know_are_left_out_and_counted() -> None:
    plain = evaluated(("123a", "abusive", 0.9))
    more = evaluated(("123a", "abusive", 0.9), extra="?!")
    assert (plain.unknown_accounts, more.unknown_accounts) == (0, 2)
    assert plain.figures == more.figures


def test_a_truth_without_operators_measures_accounts_only() -> None:
    truth = truth_of(pa.table({"account_id": ["1", "2"], "verdict": ["abusive", "legitimate"]}))
    members = pa.table({"cluster_id": ["x", "x"], "account_id": ["1", "2"]})
    clusters = pa.table({"cluster_id": ["x"], "verdict": ["abusive"], "coordination": [1.0]})
    result = evaluate(members, clusters, truth, samples=50)
    assert result.value("account_precision") == 0.5
    assert {f.measure for f in result.figures} == {
        "account_precision", "account_recall", "innocent_in_findings", "in_findings",
    }  # fmt: skip


def test_missing_coordination_is_not_calibrated() -> None:
    result = evaluated(("1234", "abusive", None))
    assert result.value("brier") is None
    assert not [f for f in result.figures if f.measure == "reliability"]
