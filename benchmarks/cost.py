"""Seconds and peak memory of link, cluster and score, beside Splink 5 on the same files.

    python -m benchmarks.cost --out results

Each runs in a process of its own. Splink is given the tool's canonical values and its templates,
so its seconds hold no work on embeddings; the tool's do.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import Analysed, peak_memory_mb, sources_of
from forensics.analyse import analyse
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.evaluate.truth import read_truth
from forensics.ingest.load import load
from forensics.progress import QUIET, Progress, Step
from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate


class Stopwatch(Progress):
    """Seconds by step, in the order in which they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, text: str, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Time one step."""
        started = time.perf_counter()
        with QUIET.step(text, total, unit) as step:
            yield step
        self.seconds[text] = self.seconds.get(text, 0) + time.perf_counter() - started


def time_tool(folder: Path, root: Path) -> dict[str, Any]:
    """Load and analyse a platform."""
    started = time.perf_counter()
    case = Case.create(root)
    load(case, sources_of(folder))
    loaded, watch = time.perf_counter(), Stopwatch()
    loading_mb = peak_memory_mb()
    analyse(case, progress=watch)
    return {
        "load": loaded - started,
        "analyse": time.perf_counter() - loaded,
        "steps": watch.seconds,
        "peak_mb_load": loading_mb,
        "peak_mb": peak_memory_mb(),
    }


def time_splink(folder: Path, root: Path) -> dict[str, Any]:
    """Score pairs with Splink and cluster them at its best probabilities."""
    from benchmarks.quality.peers.splink import splink
    from benchmarks.quality.peers.uses import read_uses

    case = Case.open(root)
    truth = read_truth(folder / "truth" / "truth.csv")
    uses = read_uses(Analysed(case, Run.current(case), 0, 0), truth)
    before, started = peak_memory_mb(), time.perf_counter()
    next(splink(uses))
    return {
        "analyse": time.perf_counter() - started,
        "peak_mb": peak_memory_mb(),
        "peak_mb_before": before,
    }


def _apart(work: Callable[[Path, Path], dict[str, Any]], *given: Path) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


@click.command(help=__doc__)
@click.option("--accounts", default=41_000, show_default=True)
@click.option("--prompts-per-account", default=8.3, show_default=True)
@click.option("--dimension", default=64, show_default=True)
@click.option("--world", default="ordinary", show_default=True)
@click.option("--splink/--no-splink", default=True, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(
    accounts: int,
    prompts_per_account: float,
    dimension: int,
    world: str,
    splink: bool,
    out: Path,
    docs: Path | None,
) -> None:
    options = SimulationOptions(
        accounts=accounts,
        world=world,
        dimension=dimension,
        prompts_per_account=prompts_per_account,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder, root = Path(scratch) / "platform", Path(scratch) / "case"
        rows = simulate(folder, options)
        tool = _apart(time_tool, folder, root)
        peer = _apart(time_splink, folder, root) if splink else None
    result = {"rows": rows, "cores": os.cpu_count(), "forensics": tool, "splink": peer}
    out.mkdir(parents=True, exist_ok=True)
    (out / "cost.json").write_text(json.dumps(result, indent=1))
    table = cost_table(result)
    print(table)
    if docs:
        put_section(docs, "Cost", f"`python -m benchmarks.cost --out results`\n\n{table}")


def cost_table(result: dict[str, Any]) -> str:
    """Return seconds by step, memory, and the ratio, in Markdown."""
    tool, peer = result["forensics"], result["splink"]
    cells = [["load", tool["load"], tool["peak_mb_load"]]]
    cells += [[f"analyse: {name}", seconds, None] for name, seconds in tool["steps"].items()]
    cells += [["analyse, all of it", tool["analyse"], tool["peak_mb"]]]
    if peer:
        cells += [["Splink 5: train, predict, cluster", peer["analyse"], peer["peak_mb"]]]
        cells += [["Splink 5 / analyse", peer["analyse"] / tool["analyse"], None]]
    rows = [[a, f"{b:.1f}", None if c is None else f"{c:,.0f}"] for a, b, c in cells]
    size = f"{result['rows']['signups']:,} accounts, {result['rows']['prompts']:,} prompts"
    head = ["step", "seconds", "peak memory, MB"]
    return f"{size}, {result['cores']} cores.\n\n{markdown(rows, head)}"


if __name__ == "__main__":
    main()
