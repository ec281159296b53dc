"""One writer at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from forensics.case import lock
from forensics.case.lock import writer_lock, writer_of
from forensics.case.store import Case
from forensics.errors import CaseError, CaseLocked

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


def test_a_case_that_cannot_be_written_to_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case.create(tmp_path / "case")

    def refuse(path: Path, *_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(lock.os, "open", refuse)
        with pytest.raises(CaseError) as caught, case.writing("ingest"):
            pass
        assert str(caught.value) == (
            f"{case.root} can't be written to: Read-only file system; "
            "commands that only read it still work"
        )
        assert Case.open(case.root).read("signups").num_rows == 0
        assert writer_of(case.root) is None
