"""`forensics evaluate`."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.output import case_option, emit, format_option, say
from forensics.evaluate.measure import Evaluation, Figure
from forensics.evaluate.measure import evaluate as measure_run
from forensics.evaluate.truth import read_truth

COLUMNS = [field.name for field in fields(Figure)]


@click.command()
@click.option(
    "--truth",
    "truth_file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="account_id, operator, verdict (abusive, legitimate), kind: CSV, JSON Lines or Parquet.",
)
@click.option("--samples", default=1_000, show_default=True, help="Bootstrap samples.")
@click.option("--seed", default=0, show_default=True, help="Of the bootstrap.")
@case_option
@format_option
def evaluate(truth_file: Path, samples: int, seed: int, case_dir: Path, format_: str) -> None:
    """Measure the findings of the current run where it is known who runs which account.

    Each figure has a 95 % interval from resampling operators. in_findings is the share of the
    accounts of one kind of operator that stand in a finding: recall for abusive kinds, false
    alarms for honest ones. reliability is the share of clusters that are one operator, beside
    what coordination predicted.

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
    shown = COLUMNS if any(f.predicted is not None for f in result.figures) else COLUMNS[:-1]
    emit([asdict(figure) for figure in result.figures], format_, COLUMNS, shown=shown)
    _explain(result)


def _explain(result: Evaluation) -> None:
    if result.unknown_accounts:
        say(f"{result.unknown_accounts:,} accounts in clusters are not in the truth: left out")
    if result.value("account_recall") is not None and result.value("account_precision") is None:
        say("The run has no findings, so their precision is not defined")
