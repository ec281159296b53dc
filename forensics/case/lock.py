"""One writer at a time. The kernel drops the lock when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forensics.errors import CaseError, CaseLocked


@contextmanager
def writer_lock(root: Path, doing: str) -> Iterator[None]:
    """Hold the case's writer lock while the block runs.

    Raises:
        CaseLocked: another process holds it; the message names that process and what it does.
        CaseError: the case can't be written to.
    """
    try:
        handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CaseError(
            f"{root} can't be written to: {error.strerror}; commands that only read it still work"
        ) from None
    try:
        if not _taken(handle):
            raise CaseLocked(
                f"{root} is being written to by {_holder(handle)}; "
                "wait for it to end, or stop it, and try again"
            )
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "doing": doing}).encode(), 0)
        yield
    finally:
        os.close(handle)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the lock on a file while the block runs, made if it is not there; wait for it first."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def writer_of(root: Path) -> str | None:
    """Return which process writes to the case now, and what it does; None where none does."""
    with suppress(OSError):  # nobody ever wrote to it
        handle = os.open(root / "lock", os.O_RDONLY)
        try:
            return _holder(handle) if _is_held(handle) else None
        finally:
            os.close(handle)
    return None


def is_held(lock: Path) -> bool:
    """Whether some process holds the lock on a file; none does where there is no such file."""
    with suppress(OSError):
        handle = os.open(lock, os.O_RDONLY)
        try:
            return _is_held(handle)
        finally:
            os.close(handle)
    return False


def _is_held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _taken(handle: int) -> bool:
    for _ in range(5):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # perhaps by `writer_of`, for a moment
            time.sleep(0.02)
        else:
            return True
    return False


def _holder(handle: int) -> str:
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        return f"process {holder['pid']} ({holder['doing']})"
    except (ValueError, KeyError):
        return "another process"
