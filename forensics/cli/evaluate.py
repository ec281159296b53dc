"""`forensics evaluate`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.output import (
    Column,
    case_option,
    emit,
    format_option,
    heading,
    indented,
    say,
    table_of,
)
from forensics.cli.wording import count
from forensics.evaluate.measure import Evaluation, Figure
from forensics.evaluate.measure import evaluate as measure_run
from forensics.evaluate.truth import read_truth

COLUMNS = [field.name for field in fields(Figure)]

#: What the screen calls each measure, part by part.
PARTS = {
    "Findings, by account": {
        "account_precision": "accounts in findings that are abusive",
        "account_recall": "abusive accounts that are in findings",
        "innocent_in_findings": "innocent accounts that are in findings",
    },
    "Clusters, by pair of accounts": {
        "pair_precision": "pairs in one cluster that have one operator",
        "pair_recall": "pairs of one operator that are in one cluster",
        "pair_f1": "F1 of the two",
    },
    "Honest operators of five accounts or more": {
        "honest_found_as_one": "found as one cluster",
        "honest_called_legitimate": "and called legitimate",
    },
}


@click.command()
@click.option(
    "--truth",
    "truth_file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="account_id, operator, verdict (abusive, legitimate), kind: CSV, JSON Lines or Parquet.",
)
@click.option(
    "--samples",
    type=click.IntRange(1, 100_000),
    default=1_000,
    show_default=True,
    help="Bootstrap samples.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Their seed.")
@case_option
@format_option
def evaluate(truth_file: Path, samples: int, seed: int, case_dir: Path, format_: str) -> None:
    """Measure the findings of the current run where it is known who runs which account.

    Each figure comes with a 95 % interval, from resampling operators; one that reaches 0 or 1 is at
    least as wide as the exact one for so many operators that all tell the same. Of the measures in
    csv and json, in_findings is the share of the accounts of one kind of operator that stand in a
    finding: recall for abusive kinds, false alarms for honest ones; reliability is the share of
    clusters that are one operator, beside the coordination that predicted it.

    \b
    Example:
      forensics evaluate --truth sample_data/truth/truth.csv
    """
    truth = read_truth(truth_file)
    run = Run.current(Case.open(case_dir))
    result = measure_run(
        run.read("members", ["cluster_id", "account_id"]),
        run.read("clusters", ["cluster_id", "verdict", "coordination"]),
        truth,
        samples=samples,
        seed=seed,
    )
    if format_ == "table":
        _screen(result)
    else:
        emit([asdict(figure) for figure in result.figures], format_, COLUMNS)
    _explain(result)


def _screen(result: Evaluation) -> None:
    by_measure = {f.measure: f for f in result.figures if not f.group}
    for part, words in PARTS.items():
        found = [(words[name], by_measure[name]) for name in words if name in by_measure]
        _part(part, [_row(f, what=what) for what, f in found], Column("what", "share of"))
    if "brier" in by_measure:
        score = by_measure["brier"].value
        title = "Coordination against what is true" + (
            f" (Brier score {score:.3f})" if score is not None else ""
        )
        rows = [_row(f) for f in result.figures if f.measure == "reliability"]
        _part(title, rows, Column("group", "said"), Column("predicted", "mean said"))
    _part("In findings, by kind of operator", _of(result, "in_findings"), Column("group", "kind"))
    _part("Pairs in one cluster, by kind", _of(result, "pair_recall"), Column("group", "kind"))


def _of(result: Evaluation, measure: str) -> list[dict[str, Any]]:
    return [_row(f) for f in result.figures if f.measure == measure and f.group]


def _row(figure: Figure, **more: Any) -> dict[str, Any]:
    low, high = figure.low, figure.high
    between = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
    shown = "undefined" if figure.value is None else f"{figure.value:.3f}"
    return {**asdict(figure), "shown": shown, "between": between, **more}


def _part(title: str, rows: Iterable[dict[str, Any]], *first: Column) -> None:
    rows = list(rows)
    if rows:
        heading(title)
        columns: list[str | Column] = [*first, Column("shown", "value")]
        columns += [Column("between", "95 %"), "count"]
        indented(table_of(rows, columns))


def _explain(result: Evaluation) -> None:
    if result.unknown_accounts:
        number = count(result.unknown_accounts, "account")
        say(f"Left out, since the truth does not tell of them: {number} in clusters")
    if result.value("account_recall") is not None and result.value("account_precision") is None:
        say("The run has no findings, so their precision is not defined")
