"""Files that are either wholly there or not at all."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.errors import CaseError, ForensicsError


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`: a new file beside it, synced, then renamed over it. Mode 0600."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    except OSError as error:  # of the file that was asked for, not of one that nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace_folder(new: Path, target: Path) -> None:
    """Give a finished, synced folder its name; what stood there is removed once the new one does.

    Where the system can't exchange two names in one step, what stood there is `old_name(target)`
    for a moment; a crash right then is mended by giving it its name back.
    """
    gone = new
    if not os.path.lexists(target):
        new.rename(target)
    elif not _exchanged(new, target):
        gone = old_name(target)
        remove(gone)
        target.rename(gone)
        try:
            new.rename(target)
        except OSError:
            gone.rename(target)
            raise
    sync_folder(target.parent)
    remove(gone)


def old_name(target: Path) -> Path:
    """Return the name that `replace_folder` may give to what it replaces."""
    return target.with_name(f".old-{target.name}")


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step (Linux); False where that can't be done."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    names = os.fsencode(one), os.fsencode(other)
    return rename is not None and rename(here, names[0], here, names[1], exchange) == 0


def is_full(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that a disk or a quota is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    told = ("No space left", "max_temp_directory_size", "Disk quota exceeded", "File too large")
    return any(words in str(error) for words in told)


@contextmanager
def told_if_full(root: Path, kept: str = "the case is as it was before") -> Iterator[None]:
    """Turn the many words of libraries for a full disk into one clear error."""
    try:
        yield
    except ForensicsError:
        raise
    except Exception as error:
        if is_full(error):
            raise CaseError(
                f"the disk that holds {root} is full: make room and try again; {kept}"
            ) from None
        raise


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the content of a file that another library wrote last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def canonical_json(value: Any) -> bytes:
    """Return `value` as JSON with sorted keys, LF at the end: equal values give equal bytes."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stream_parquet(path: Path) -> pq.ParquetFile:
    """Open a Parquet file to read it batch by batch.

    What Arrow reads ahead it keeps until the file is closed, which is the whole file in the end.
    """
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write one Parquet file (zstd), mode 0600, synced."""
    write_parquet_parts([table], table.schema, path)


def write_parquet_parts(parts: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
    """Write one Parquet file as `write_parquet` does, never holding more than a part of it."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part)
    path.chmod(0o600)
    sync_file(path)
