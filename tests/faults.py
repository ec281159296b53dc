"""Breaks a command at each of its writes in turn: a process that ends there, or a full disk.

Run as a program it takes a folder to start from, a folder for the trials, a fault and a command
line. For trial n it copies the one to `<trials>/<n>`, and runs the command there in a process of
its own, whose n-th write fails; it prints each exit code, and stops after the first trial that the
fault did not end.
"""

from __future__ import annotations

import errno
import gc
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ENDED, FULL = "ended", "full"
#: The exit code of a process that ended in the middle, as after kill -9.
KILLED = 9

_WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def broken(start: Path, trials: Path, fault: str, command: Sequence[object]) -> list[int]:
    """Return the exit code of each trial; the folders in `trials` show what each left."""
    program = [sys.executable, "-W", "ignore", __file__, str(start), str(trials), fault]
    told = subprocess.run(
        [*program, *map(str, command)],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    return [int(line) for line in told.stdout.split()]


class _Fault:
    """Lets `left` writes pass, and fails the next and all that follow."""

    def __init__(self, left: int, fault: str) -> None:
        self.left, self.fault = left, fault

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _WRITES or (event == "open" and given[2] & _FLAGS and given[0] != os.devnull):
            removes = event in ("os.remove", "os.rmdir")
            self.write(removes)

    def write(self, removes: bool = False) -> None:
        if self.left:
            self.left -= 1
        elif self.fault == ENDED:
            os._exit(KILLED)
        elif not removes:  # a full disk lets files go
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _install(fault: _Fault) -> None:
    import pyarrow.parquet as pq

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*given: Any, **options: Any) -> Any:
            fault.write()
            return function(*given, **options)

        return failing

    os.fsync = before(os.fsync)
    pq.write_table = before(pq.write_table)
    pq.ParquetWriter.write_table = before(pq.ParquetWriter.write_table)
    sys.addaudithook(fault)


def _trial(start: Path, folder: Path, number: int, fault: str, command: list[str]) -> int:
    shutil.copytree(start, folder, symlinks=True)
    process = os.fork()
    if process == 0:
        from forensics.cli.main import run_command

        os.chdir(folder)
        log = os.open(os.devnull, os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _install(_Fault(number, fault))
        os._exit(run_command(command))
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _main(start: str, trials: str, fault: str, *command: str) -> None:
    # Imported here, and nothing of them used, so that each trial begins at once.
    import ladybug._lbug  # noqa: F401
    import pyarrow.dataset  # noqa: F401
    import rich.progress  # noqa: F401

    import forensics.analyse
    import forensics.bundle.many
    import forensics.cli.main
    import forensics.graph.build
    import forensics.ingest.load  # noqa: F401

    gc.freeze()  # what was imported is no garbage; trials need not look at it
    for number in itertools.count():
        code = _trial(Path(start), Path(trials) / str(number), number, fault, list(command))
        print(code, flush=True)  # noqa: T201
        if code != (KILLED if fault == ENDED else 1):
            return


if __name__ == "__main__":
    _main(*sys.argv[1:])
