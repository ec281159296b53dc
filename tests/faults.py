"""Breaks a command at each of its writes in turn: a process that ends there, or a full disk.

Run as a program it takes a folder to start from, a folder for the trials, a fault and a command
line, and prints how many writes there are. `<trials>/<n>` is what is left where the n-th write
fails, and `<trials>/undisturbed` where none does.

A full disk takes a run of the command for each trial. What a process leaves that ends at a write
is what lay in the folder before it, so there one run is enough, and a copy at each of its writes;
where the write before changed nothing, as to flush does, a link to that copy.
"""

from __future__ import annotations

import errno
import gc
import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ENDED, FULL = "ended", "full"

_WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
#: Is told of a write before it happens, and whether that removes something.
Hook = Callable[[bool], None]
State = dict[str, tuple[int, bytes]]


def broken(start: Path, trials: Path, fault: str, command: Sequence[object]) -> int:
    """Return the number of trials; their folders show what each left."""
    program = [sys.executable, "-W", "ignore", __file__, str(start), str(trials), fault]
    told = subprocess.run(
        [*program, *map(str, command)],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    return int(told.stdout)


class _Disk:
    """Lets `left` writes pass; then it is full."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, removes: bool) -> None:
        if self.left:
            self.left -= 1
        elif not removes:  # a full disk lets files go
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Copies:
    """Copies the folder to `<trials>/<n>` before the n-th write."""

    def __init__(self, folder: Path, trials: Path) -> None:
        self.folder, self.trials = folder, trials
        self.made, self.last = 0, 0
        self.state: State | None = None
        self.copying = False
        self.lock = threading.RLock()  # other threads' writes wait for a copy

    def __call__(self, removes: bool) -> None:
        with self.lock:
            if not self.copying:
                self.copying = True
                self._copy()
                self.made += 1
                self.copying = False

    def _copy(self) -> None:
        place, state = self.trials / str(self.made), _state(self.folder)
        if state == self.state:
            place.symlink_to(str(self.last))
            return
        shutil.copytree(self.folder, place, symlinks=True)
        self.last, self.state = self.made, state


def _state(folder: Path) -> State:
    """All that a folder holds: by path its mode, and of a file its bytes."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


def _run(folder: Path, command: list[str], hook: Hook) -> int:
    """Run the command in a process of its own, whose writes the hook hears of."""
    process = os.fork()
    if process == 0:
        from forensics.cli.main import run_command

        os.chdir(folder)
        log = os.open(os.devnull, os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _install(hook)
        os._exit(run_command(command))
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _install(hook: Hook) -> None:
    import pyarrow.parquet as pq

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        def told(*given: Any, **options: Any) -> Any:
            hook(False)
            return function(*given, **options)

        return told

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event in _WRITES or (event == "open" and given[2] & _FLAGS and given[0] != os.devnull):
            hook(event in ("os.remove", "os.rmdir"))

    os.fsync = before(os.fsync)
    pq.write_table = before(pq.write_table)
    pq.ParquetWriter.write_table = before(pq.ParquetWriter.write_table)
    sys.addaudithook(heard)


def _end(start: Path, trials: Path, folder: Path, command: list[str]) -> int:
    shutil.copytree(start, folder, symlinks=True)
    code = _run(folder, command, _Copies(folder, trials))
    if code:
        sys.exit(f"exit code {code}")
    return len(list(trials.iterdir())) - 1


def _fill(start: Path, trials: Path, folder: Path, command: list[str]) -> int:
    for number in itertools.count():
        shutil.copytree(start, folder, symlinks=True)
        code = _run(folder, command, _Disk(number))
        if code == 0:
            return number
        if code != 1:
            sys.exit(f"trial {number}: exit code {code}")
        folder.rename(trials / str(number))
    raise AssertionError


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
    places = Path(start), Path(trials), Path(trials) / "undisturbed"
    made = _fill(*places, list(command)) if fault == FULL else _end(*places, list(command))
    print(made)  # noqa: T201


if __name__ == "__main__":
    _main(*sys.argv[1:])
