"""The log of a case, `log.jsonl`: what each step of a command took. It is no result.

One JSON object a line, added when a step ends: `at` (UTC, when it began), `command`, `pid`, `step`,
`outcome` (done, failed or stopped), `seconds`, `peak_mb` (the most memory that the process had held
until then), `rows_in` and `rows_out` (null where a step does not count rows).
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forensics.progress import Progress, Step

log = logging.getLogger(__name__)

_NAME = "log.jsonl"


class StepLog:
    """A `Progress` that writes each step into the log of a case, and passes it on to another."""

    def __init__(self, root: Path, command: str, shown: Progress) -> None:
        self.root, self.command, self.shown = root, command, shown

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Run the block as one step."""
        at, began = datetime.now(UTC), time.monotonic()
        step, outcome = _Counting(), "failed"
        try:
            with self.shown.step(name, total, unit) as step.shown:
                yield step
            outcome = "done"
        except KeyboardInterrupt:
            outcome = "stopped"
            raise
        finally:
            line = {
                "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "command": self.command,
                "pid": os.getpid(),
                "step": name,
                "outcome": outcome,
                "seconds": round(time.monotonic() - began, 3),
                "peak_mb": _peak_mb(),
                "rows_in": step.read,
                "rows_out": step.written,
            }
            log.info("%s: %s in %.1f s", name, outcome, line["seconds"], extra={"data": line})
            _append(self.root / _NAME, line)


def read_log(root: Path) -> list[dict[str, Any]]:
    """Return the steps of all commands, in the order in which they ended."""
    steps = []
    with suppress(FileNotFoundError):
        for line in (root / _NAME).read_bytes().splitlines():
            with suppress(ValueError):  # its writer died halfway
                steps.append(json.loads(line))
    return steps


class _Counting:
    shown: Step
    read: int | None = None
    written: int | None = None

    def advance(self, amount: float = 1) -> None:
        self.shown.advance(amount)

    def rows(self, read: int, written: int) -> None:
        self.read, self.written = read, written
        self.shown.rows(read, written)


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6)


def _append(path: Path, line: dict[str, Any]) -> None:
    """Add a line in one write; a log that can't be written stops no work."""
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        finally:
            os.close(handle)
