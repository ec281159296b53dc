"""Input made to exhaust time or memory, each beside as many ordinary rows.

python -m benchmarks.hostile [--rows 1000000] [--load-only] [--docs docs/benchmarks.md]

Each is loaded and analysed in a process of its own; seconds are of the processor, all threads.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from benchmarks.document import put_section
from benchmarks.hostile.inputs import TARGETS, measured
from benchmarks.quality.report import markdown


def alone(work: Callable[..., Any], *given: Any) -> Any:
    """Do some work in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def seconds(row: dict[str, Any]) -> float:
    return float(row["load s"] + (row["analyse s"] or 0))


@click.command()
@click.option("--rows", default=1_000_000)
@click.option("--load-only", is_flag=True)
@click.option("--docs", type=click.Path(path_type=Path))
def main(rows: int, load_only: bool, docs: Path | None) -> None:
    found: dict[str, dict[str, Any]] = {}
    for name, (_, beside) in TARGETS.items():
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "sources").mkdir()
            alone(TARGETS[name][0], Path(root) / "sources", rows)
            row = alone(measured, name, Path(root), load_only)
        base = found.get(beside or "")
        row["times ordinary"] = round(seconds(row) / seconds(base), 2) if base else None
        found[name] = row
        print(row, file=sys.stderr, flush=True)
    head = list(next(iter(found.values())))
    table = markdown([list(row.values()) for row in found.values()], head)
    print(table)
    if docs:
        title = "Hostile input, loaded" if load_only else "Hostile input"
        put_section(docs, title, f"{rows:,} rows each.\n\n{table}")


if __name__ == "__main__":
    main()
