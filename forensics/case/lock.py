"""One writer at a time. The kernel drops the lock when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forensics.errors import CaseLocked


@contextmanager
def writer_lock(root: Path, doing: str) -> Iterator[None]:
    """Hold the case's writer lock while the block runs.

    Raises:
        CaseLocked: another process holds it; the message names that process and what it does.
    """
    handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CaseLocked(_holder(handle, root)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "doing": doing}).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int, root: Path) -> str:
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        who = f"process {holder['pid']} ({holder['doing']})"
    except (ValueError, KeyError):
        who = "another process"
    return f"{root} is being written to by {who}; wait for it to end, or stop it, and try again"
