"""One writer at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forensics.case.lock import writer_lock
from forensics.errors import CaseLocked

HOLDER = """
import sys
from pathlib import Path
from forensics.case.lock import writer_lock

with writer_lock(Path(sys.argv[1]), "analyse"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CaseLocked) as caught, writer_lock(tmp_path, "ingest"):
            pass
        assert str(caught.value) == (
            f"{tmp_path} is being written to by process {holder.pid} (analyse); "
            "wait for it to end, or stop it, and try again"
        )
        holder.kill()
    with writer_lock(tmp_path, "ingest"):
        pass


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writer_lock(tmp_path, "ingest"):
        raise ZeroDivisionError
    with writer_lock(tmp_path, "ingest"):
        pass
