"""What a command takes: seconds, processor seconds, memory, disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORENSICS = [str(Path(sys.executable).with_name("forensics"))]


@dataclass(frozen=True)
class Cost:
    """What one process took: by the clock, on all processors together, and its peak of memory."""

    seconds: float
    processor_seconds: float
    peak_gb: float


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command to its end, what it says thrown away, and return what it took."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    seconds = time.perf_counter() - started
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6 * 1.024)


def size_gb(folder: Path) -> float:
    """Return what the files below a folder take, in GB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9


def quality_of(case: Path, truth: Path) -> dict[str, float]:
    """Return how good the findings of a case are, measure by measure."""
    options = ["--truth", str(truth), "--case", str(case), "--samples", "1", "--format", "json"]
    told = subprocess.run([*FORENSICS, "evaluate", *options], capture_output=True, check=True)
    return {
        figure["measure"]: figure["value"]
        for figure in json.loads(told.stdout)
        if not figure["group"] and figure["value"] is not None
    }


def steps_of(case: Path) -> list[dict[str, Any]]:
    """Return what each step of each command on a case took, by the case's own log."""
    command = [*FORENSICS, "status", "--steps", "--case", str(case), "--format", "json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    steps: list[dict[str, Any]] = json.loads(told.stdout)
    return steps
