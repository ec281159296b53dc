"""One command for all figures on generated platforms: python -m benchmarks.quality --help."""

from __future__ import annotations

import json
import platform as machine
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import pandas as pd

from benchmarks.document import put_section
from benchmarks.quality.measure import Results, measure_platform
from benchmarks.quality.platforms import DEVELOP, ELSEWHERE, EVASIONS, REPORT, Platform, matrix
from benchmarks.quality.sections import quality_sections
from forensics import __version__

WORLD_SETS = {
    "develop": DEVELOP,
    "report": REPORT,
    "all": DEVELOP + REPORT,
    "elsewhere": tuple(ELSEWHERE),
}


@click.command(help=__doc__)
@click.option("--worlds", default="all", help="Names, or: develop, report, all, elsewhere.")
@click.option("--evasion", default=",".join(map(str, EVASIONS)), help="Levels from 0 to 1.")
@click.option("--seeds", default="1", help="Seeds; those from 101 are for reporting only.")
@click.option("--accounts", default=3_000, show_default=True, help="Accounts per platform.")
@click.option("--peers", default="", help="Peers to run beside the tool: names, or all.")
@click.option("--jobs", default=1, show_default=True, help="Platforms measured at a time.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the tables into this file too.")
def main(
    worlds: str,
    evasion: str,
    seeds: str,
    accounts: int,
    peers: str,
    jobs: int,
    out: Path,
    docs: Path | None,
) -> None:
    platforms = matrix(
        WORLD_SETS.get(worlds, tuple(worlds.split(","))),
        [float(e) for e in evasion.split(",")],
        [int(s) for s in seeds.split(",")],
        accounts,
    )
    results = Results()
    out.mkdir(parents=True, exist_ok=True)
    sections: dict[str, str] = {}
    for number, (platform, found) in enumerate(_all(platforms, _peers(peers), jobs), 1):
        results.add(found)
        sections = _write(out, results)
        print(f"{number}/{len(platforms)} {platform.name}", file=sys.stderr, flush=True)
    options = {"worlds": worlds, "evasion": evasion, "seeds": seeds, "accounts": accounts}
    options |= {"peers": peers} if peers else {}
    command = " ".join(
        ["python -m benchmarks.quality", *(f"--{k} {v}" for k, v in options.items())]
    )
    about = {"command": command, "version": __version__, "machine": machine.machine()}
    about |= {"written": time.strftime("%Y-%m-%d")}
    (out / "about.json").write_text(json.dumps(about, indent=1))
    prefix = "Elsewhere: " if worlds == "elsewhere" else ""
    for title, body in sections.items() if docs else ():
        put_section(docs, prefix + title, f"`{command} --out results`\n\n{body}")


def _peers(names: str) -> tuple[str, ...]:
    if not names:
        return ()
    from benchmarks.quality.peers import PEERS

    return tuple(PEERS) if names == "all" else tuple(names.split(","))


def _all(
    platforms: list[Platform], peers: tuple[str, ...], jobs: int
) -> Iterator[tuple[Platform, Results]]:
    """Give each platform with its results, in order."""
    if jobs == 1:
        for platform in platforms:
            yield platform, measure_platform(platform, peers)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        given = [pool.submit(measure_platform, platform, peers) for platform in platforms]
        for platform, future in zip(platforms, given, strict=True):
            yield platform, future.result()


def _write(out: Path, results: Results) -> dict[str, str]:
    """Write what is known so far, and return it as sections of Markdown."""
    for name in ("figures", "clusters", "seconds"):
        pd.DataFrame(getattr(results, name)).to_csv(out / f"{name}.csv", index=False)
    sections = quality_sections(pd.DataFrame(results.figures), pd.DataFrame(results.clusters))
    (out / "report.md").write_text("\n".join(f"## {t}\n\n{b}\n" for t, b in sections.items()))
    return sections


if __name__ == "__main__":
    main()
