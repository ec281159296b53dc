"""A BagIt 1.0 bag (RFC 8493): payload under `data/`, manifests of SHA-256 digests beside it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from forensics.case.files import sync_file, sync_folder

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
#: Grows after the bag is made, so no manifest names what is in it.
ATTESTATIONS = "attestations"

Chunks = Iterable[bytes]


def write_bag(folder: Path, payload: Mapping[str, Chunks], info: Sequence[tuple[str, str]]) -> None:
    """Write a bag into an existing, empty folder; every file is synced, mode 0600.

    `payload` maps paths inside `data/` to their content; `info` are the lines of bag-info.txt,
    after which the payload's size is added. No file depends on the clock.
    """
    written = {
        f"data/{name}": _write(folder / "data" / name, payload[name]) for name in sorted(payload)
    }
    size = sum(length for length, _ in written.values())
    digests = {name: digest for name, (_, digest) in written.items()}
    lines = [*info, ("Payload-Oxum", f"{size}.{len(written)}")]
    tags = {
        "bag-info.txt": "".join(f"{label}: {value}\n" for label, value in lines).encode(),
        "bagit.txt": DECLARATION,
        MANIFEST: manifest_of(digests),
    }
    tag_digests = {name: _write(folder / name, [data])[1] for name, data in tags.items()}
    _write(folder / TAG_MANIFEST, [manifest_of(tag_digests)])


def sync_bag(folder: Path) -> None:
    """Make all of a bag last through a power cut."""
    for path in (*sorted(folder.rglob("*"), reverse=True), folder):
        if path.is_dir():
            sync_folder(path)
        else:
            sync_file(path)


def manifest_of(digests: Mapping[str, str]) -> bytes:
    """Return the text of a manifest: digests by path."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def _write(path: Path, chunks: Chunks) -> tuple[int, str]:
    """Write one file; return its length and SHA-256."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, length = hashlib.sha256(), 0
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            length += len(chunk)
    return length, digest.hexdigest()
