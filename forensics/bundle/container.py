"""Reads a bundle where it lies: a folder, a .zip or a .tar (also compressed). Nothing is unpacked.

Names are paths inside the bag. A name that points elsewhere, a link, a device or a name that
occurs twice is never opened; it is listed in `refused`.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from forensics.errors import BundleError

#: What reading a damaged archive raises.
DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)
BLOCK = 1 << 20


@dataclass
class Container:
    """The files of a bag by path, how to open one, and what was refused (path and reason)."""

    files: dict[str, Callable[[], IO[bytes]]] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def blocks(self, name: str) -> Iterator[bytes]:
        """Read one file, block by block."""
        with self.files[name]() as file:
            while block := file.read(BLOCK):
                yield block

    def read(self, name: str, limit: int = 64 * BLOCK) -> bytes:
        """Read one small file whole.

        Raises:
            BundleError: it is over `limit` bytes.
        """
        with self.files[name]() as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise BundleError(f"{name} is larger than such a file can be")
        return data


@contextmanager
def open_container(path: Path) -> Iterator[Container]:
    """Open a bundle for reading.

    Raises:
        BundleError: there is nothing there, or nothing that can be a bundle.
    """
    if path.is_dir():
        yield _folder(path)
    elif not path.is_file():
        raise BundleError(f"{path}: there is no such file or folder")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield _zipped(archive)
    else:
        try:
            opened = tarfile.open(path)  # noqa: SIM115  closed below
        except tarfile.TarError:
            raise BundleError(
                f"{path} is no folder, .zip or .tar that can be read; damaged?"
            ) from None
        with opened as archive:
            yield _tarred(archive)


def _folder(root: Path) -> Container:
    found = Container()
    for folder, folders, files in os.walk(root):
        for name in sorted([*files, *(f for f in folders if (Path(folder) / f).is_symlink())]):
            path = Path(folder) / name
            inside = path.relative_to(root).as_posix()
            if stat.S_ISREG(path.lstat().st_mode):
                found.files[inside] = lambda path=path: path.open("rb")  # type: ignore[misc]
            else:
                found.refused.append((inside, "is a link or a device, not a file"))
    return found


def _zipped(archive: zipfile.ZipFile) -> Container:
    entries = []
    for info in archive.infolist():
        mode = info.external_attr >> 16
        odd = "is a link" if stat.S_ISLNK(mode) else "is encrypted" if info.flag_bits & 1 else ""
        if not info.is_dir():
            entries.append((info.filename, odd, lambda info=info: archive.open(info)))
    return _of_entries(entries)


def _tarred(archive: tarfile.TarFile) -> Container:
    entries = []
    for info in archive:
        odd = "" if info.isreg() else "is a link or a device"
        if not info.isdir():
            entries.append((info.name, odd, lambda info=info: _extracted(archive, info)))
    return _of_entries(entries)


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    if file is None:
        raise BundleError(f"{info.name} can't be read")
    return file


def _of_entries(entries: Iterable[tuple[str, str, Callable[[], IO[bytes]]]]) -> Container:
    """Take the bag out of an archive: it may lie in one folder at the top."""
    found = Container()
    plain = [(name.removeprefix("./"), odd, opener) for name, odd, opener in entries]
    prefix = _prefix([name for name, _, _ in plain])
    for name, odd, opener in plain:
        inside = name.removeprefix(prefix)
        parts = inside.split("/")
        if not name.startswith(prefix):
            found.refused.append((name, "lies outside the bag"))
        elif inside.startswith("/") or ".." in parts or "" in parts or "\\" in inside:
            found.refused.append((name, "points outside the bag"))
        elif odd:
            found.refused.append((inside, odd))
        elif inside in found.files:
            found.refused.append((inside, "is there twice"))
        else:
            found.files[inside] = opener
    return found


def _prefix(names: list[str]) -> str:
    if "bagit.txt" in names:
        return ""
    tops = [name.removesuffix("bagit.txt") for name in names if name.endswith("/bagit.txt")]
    return tops[0] if len(tops) == 1 and tops[0].count("/") == 1 else ""
