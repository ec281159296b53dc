"""What each kind of evidence and each step adds: the same platforms with one thing taken away.

    python -m benchmarks.quality.ablation --out results

Evidence goes by leaving input out; a step goes by putting something plain in its place for the
time of one run, so that the tool itself has no switches for it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import click
import pandas as pd
import pyarrow.csv as pa_csv

from benchmarks.document import put_section
from benchmarks.quality.figures import Row, tool_figures
from benchmarks.quality.platforms import Platform, matrix
from benchmarks.quality.report import averages, markdown
from benchmarks.quality.taken_away import WHOLE, Ablation, ablations
from benchmarks.quality.tool import run_tool, sources_of

COLUMNS = ("account_precision", "account_recall", "pair_f1", "innocent_in_findings", "brier")


@click.command(help=__doc__)
@click.option("--worlds", default="ordinary,many_companies,few_payments", show_default=True)
@click.option("--evasion", default="0,0.7", show_default=True)
@click.option("--seeds", default="1", show_default=True)
@click.option("--accounts", default=3_000, show_default=True)
@click.option("--only", default="", help="Ablations whose name holds this text.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(
    worlds: str, evasion: str, seeds: str, accounts: int, only: str, out: Path, docs: Path | None
) -> None:
    platforms = matrix(
        worlds.split(","),
        [float(e) for e in evasion.split(",")],
        [int(s) for s in seeds.split(",")],
        accounts,
    )
    chosen = [a for a in ablations() if only in a.name or a.name == WHOLE]
    out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for platform in platforms:
        for ablation, figures in measure_ablations(platform, chosen):
            rows += [{**platform.key, "ablation": ablation.name, **f} for f in figures]
            print(platform.name, ablation.name, file=sys.stderr, flush=True)
        pd.DataFrame(rows).to_csv(out / "ablation.csv", index=False)
    table = ablation_table(pd.DataFrame(rows), [a.name for a in chosen])
    (out / "ablation.md").write_text(table)
    if docs:
        given = f"--worlds {worlds} --evasion {evasion} --seeds {seeds} --accounts {accounts}"
        command = f"`python -m benchmarks.quality.ablation {given} --out results`"
        put_section(docs, "Ablation", f"{command}\n\n{table}")


def measure_ablations(
    platform: Platform, chosen: list[Ablation]
) -> Iterator[tuple[Ablation, list[Row]]]:
    """Give the figures of each ablation on one platform."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "platform"
        truth = platform.make(folder)
        for number, ablation in enumerate(chosen):
            sources = _without(folder, ablation, Path(scratch) / f"input-{number}")
            with ExitStack() as patched:
                for name, value in ablation.patches.items():
                    patched.enter_context(patch(name, value))
                root = Path(scratch) / f"case-{number}"
                run = run_tool(sources, root, ablation.settings.encode()).run
            yield ablation, tool_figures(run, truth)


def _without(folder: Path, ablation: Ablation, scratch: Path) -> list[Path]:
    """Return the input files without what the ablation leaves out."""
    sources = [p for p in sources_of(folder) if p.stem not in ablation.tables]
    if not ablation.columns:
        return sources
    scratch.mkdir()
    signups = folder / "signups.csv"
    table = pa_csv.read_csv(signups)
    pa_csv.write_csv(
        table.drop_columns([c for c in ablation.columns if c in table.column_names]),
        scratch / "signups.csv",
    )
    return [scratch / "signups.csv", *(p for p in sources if p != signups)]


def ablation_table(figures: pd.DataFrame, order: list[str]) -> str:
    """Return one row per ablation: the figures, and in brackets the change by it."""
    levels = sorted(figures["evasion"].unique())
    tables = {e: averages(figures[figures["evasion"] == e], ["ablation"], COLUMNS) for e in levels}
    rows = []
    for name in order:
        cells: list[object] = [name]
        for table in tables.values():
            whole = table.loc[WHOLE]
            for column in COLUMNS:
                value, change = table.loc[name, column], table.loc[name, column] - whole[column]
                cells.append(f"{value:.3f}" + (f" ({change:+.3f})" if name != WHOLE else ""))
        rows.append(cells)
    head = [f"{c.replace('_', ' ')}, evasion {e:g}" for e in levels for c in COLUMNS]
    return markdown(rows, ["taken away", *head])


if __name__ == "__main__":
    main()
