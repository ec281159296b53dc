"""The whole tool on one platform, through its Python API."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from pathlib import Path

from forensics.analyse import analyse
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.ingest.load import load


@dataclass(frozen=True)
class Analysed:
    """A case that was analysed, and how long loading and analysing took, in seconds."""

    case: Case
    run: Run
    load_s: float
    analyse_s: float


def sources_of(folder: Path) -> list[Path]:
    """Return the input files of a generated platform, without its truth."""
    return sorted(path for path in folder.iterdir() if path.is_file())


def run_tool(sources: list[Path], root: Path, settings: bytes | None = None) -> Analysed:
    """Load the sources into a new case in `root` and analyse it."""
    started = time.perf_counter()
    case = Case.create(root)
    load(case, sources, settings=settings)
    loaded = time.perf_counter()
    run = analyse(case)
    return Analysed(case, run, loaded - started, time.perf_counter() - loaded)


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
