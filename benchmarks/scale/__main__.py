"""Time, memory and disk of `forensics run` as a platform grows, beside the floor.

    python -m benchmarks.scale --accounts 10000 --accounts 100000 --out results

Platforms are of the world published_case, with 15.4 prompts of 384 dimensions to an account. The
floor is reading the prompts once and one product with a matrix of 128 columns, in the same run.
Seconds by the clock mean something on an idle machine only; processor seconds bear more.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from benchmarks.scale.chart import draw, slope
from benchmarks.scale.later import cut
from benchmarks.scale.measure import FORENSICS, Cost, cost_of, quality_of, size_gb, steps_of

PROMPTS_PER_ACCOUNT = 15.4


def measure(accounts: int, scratch: Path, share: float, given: Path | None) -> dict[str, Any]:
    """Simulate a platform of `accounts`, run the tool on it, and then on what came later."""
    platform, case = given or scratch / "platform", scratch / "case"
    row: dict[str, Any] = {"accounts": accounts}
    if given is None:
        options = ["--accounts", accounts, "--prompts-per-account", PROMPTS_PER_ACCOUNT]
        world = ["--world", "published_case"]
        made = cost_of([*FORENSICS, "simulate", str(platform), *world, *map(str, options)])
        row |= _named("simulate", made)
    prompts = platform / "prompts.parquet"
    row |= _named("floor", cost_of([sys.executable, "-m", "benchmarks.scale.floor", str(prompts)]))
    row |= _named("run", cost_of([*FORENSICS, "run", str(platform), "--case", str(case)]))
    row |= {"input_gb": size_gb(platform), "case_gb": size_gb(case), "steps": steps_of(case)}
    row["quality"] = quality_of(case, platform / "truth" / "truth.csv")
    shutil.rmtree(case)
    if share:
        before, later = scratch / "before", scratch / "later"
        cut(platform, before, later, share)
        cost_of([*FORENSICS, "run", str(before), "--case", str(case)])
        row |= _named("later", cost_of([*FORENSICS, "run", str(later), "--case", str(case)]))
    return row


def _named(name: str, cost: Cost) -> dict[str, float]:
    return {
        f"{name}_s": cost.seconds,
        f"{name}_cpu": cost.processor_seconds,
        f"{name}_gb": cost.peak_gb,
    }


def report(rows: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    shown = [
        [
            f"{row['accounts']:,}",
            f"{row['floor_s']:.0f} ({row['floor_cpu']:.0f})",
            f"{row['run_s']:.0f} ({row['run_cpu']:.0f})",
            row["run_cpu"] / row["floor_cpu"],
            row["run_gb"],
            row["case_gb"] / row["input_gb"],
            row["later_cpu"] / row["run_cpu"] if "later_cpu" in row else None,
        ]
        for row in rows
    ]
    head = [
        "accounts", "floor, s (processor s)", "run, s (processor s)", "run / floor, processor s",
        "peak memory, GB", "case / input, bytes", "a fiftieth more / run, processor s",
    ]  # fmt: skip
    said = [markdown(shown, head)]
    if len(rows) > 1:
        accounts = [row["accounts"] for row in rows]
        grown = {
            name: slope(accounts, [row[f"{name}_cpu"] for row in rows]) for name in ("floor", "run")
        }
        said.append(
            f"Processor seconds grow with the accounts to the power of {grown['run']:.2f} "
            f"(the floor: {grown['floor']:.2f})."
        )
    found = ("account_precision", "account_recall", "pair_f1", "honest_called_legitimate", "brier")
    good = [[f"{row['accounts']:,}", *(row["quality"].get(m) for m in found)] for row in rows]
    titles = [m.replace("_", " ") for m in found]
    said.append("What was found:\n\n" + markdown(good, ["accounts", *titles]))
    largest = rows[-1]
    steps = sorted(largest["steps"], key=lambda step: -float(step["seconds"]))[:12]
    said.append(
        f"The longest steps at {largest['accounts']:,} accounts:\n\n"
        + markdown([[s["step"], float(s["seconds"])] for s in steps], ["step", "seconds"])
    )
    return "\n\n".join(said)


@click.command(help=__doc__)
@click.option("--accounts", type=int, multiple=True, help="Sizes; none: only report.")
@click.option("--share", default=0.0, help="Also measure this share more, such as 0.02.")
@click.option("--platform", type=click.Path(path_type=Path), help="Made before, to be taken.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Document to put the figures in.")
@click.option("--image", type=click.Path(path_type=Path), help="SVG to draw the curve in.")
def main(
    accounts: tuple[int, ...],
    share: float,
    platform: Path | None,
    out: Path,
    docs: Path | None,
    image: Path | None,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "scale.json"
    rows = {row["accounts"]: row for row in json.loads(kept.read_text())} if kept.exists() else {}
    for number in accounts:
        scratch = out / f"scratch-{number}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        rows[number] = measure(number, scratch, share, platform)
        shutil.rmtree(scratch)
        kept.write_text(json.dumps([rows[n] for n in sorted(rows)], indent=1))
    found = [rows[number] for number in sorted(rows)]
    click.echo(report(found))
    if image:
        draw(found, image)
    if docs:
        sizes = " ".join(f"--accounts {number}" for number in sorted(rows))
        command = f"`python -m benchmarks.scale {sizes} --share 0.02 --out results`"
        put_section(docs, "Scale", f"{command}, {os.cpu_count()} processors:\n\n{report(found)}")


if __name__ == "__main__":
    main()
