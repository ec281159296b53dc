"""Custody: who made, passed on and received a bundle; a chain of attestations that only grows.

Each is a signed in-toto statement about the SHA-256 of tagmanifest-sha256.txt, from which every
other byte of the bundle follows. Each names the digest of the one before it, and its signer's
public key; whether that key is to be trusted, only the reader knows.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forensics.bundle.bag import ATTESTATIONS, TAG_MANIFEST
from forensics.bundle.canonical import when
from forensics.bundle.container import Container
from forensics.bundle.dsse import STATEMENT_TYPE, BadEnvelope, open_envelope, sign
from forensics.bundle.keys import PublicKey, SigningKey
from forensics.case.files import sync_file, sync_folder
from forensics.errors import BundleError, UsageError

PREDICATE_TYPE = "urn:account-forensics:custody:1"
ACTIONS = ("created", "redacted", "exported", "received")
_NAME = re.compile(rf"{ATTESTATIONS}/(\d{{4}})-({'|'.join(ACTIONS)})\.dsse\.json")


@dataclass(frozen=True)
class Entry:
    """One link of the chain: what was done, when, and the fingerprint of the key that says so."""

    number: int
    action: str
    at: str
    fingerprint: str
    note: str | None


@dataclass(frozen=True)
class Custody:
    """The chain, and what is wrong with it, in plain words."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...]

    @property
    def maker(self) -> str | None:
        """The fingerprint of the key that the bundle was made with, None where none signed."""
        return self.entries[0].fingerprint if self.entries and not self.problems else None


def attest(
    bundle: Path,
    action: str,
    key: SigningKey,
    *,
    note: str | None = None,
    details: dict[str, Any] | None = None,
    at: datetime | None = None,
    sync: bool = True,
) -> Path:
    """Add one attestation to a bundle (a folder), and return its file.

    Raises:
        UsageError: an unknown action.
        BundleError: the folder is no bundle, the file can't be written, or the chain does not
            begin with "created".
    """
    if action not in ACTIONS:
        raise UsageError(f"no custody action '{action}' (there are: {', '.join(ACTIONS)})")
    folder = bundle / ATTESTATIONS
    try:
        manifest = (bundle / TAG_MANIFEST).read_bytes()
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        if (action == "created") != (not there):
            raise BundleError(
                f"{bundle} {'is signed by its maker already' if there else 'is not signed'}: "
                "a chain of custody begins with its maker's signature, once"
            )
        statement = {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": TAG_MANIFEST, "digest": {"sha256": hashlib.sha256(manifest).hexdigest()}}
            ],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "action": action,
                "at": when(at or datetime.now(UTC)),
                "details": details or {},
                "note": note,
                "predecessor": hashlib.sha256(there[-1].read_bytes()).hexdigest()
                if there
                else None,
                "public_key": key.public.pem,
                "sequence": len(there) + 1,
            },
        }
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{len(there) + 1:04}-{action}.dsse.json"
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(sign(statement, key))
        if sync:
            sync_file(path)
            sync_folder(folder)
    except OSError as error:
        raise BundleError(f"{bundle}: can't be attested: {error.strerror}") from None
    return path


def check_custody(bag: Container, tag_manifest_sha256: str | None) -> Custody:
    """Read the chain and check it against itself and the bundle. Trust is not decided here."""
    names = sorted(name for name in bag.files if name.startswith(f"{ATTESTATIONS}/"))
    entries: list[Entry] = []
    predecessor: str | None = None
    for number, name in enumerate(names, 1):
        data = bag.read(name)
        try:
            entry = _entry(name, data, number, predecessor, tag_manifest_sha256)
        except BadEnvelope as error:
            return Custody(tuple(entries), (f"{name}: {error}",))
        entries.append(entry)
        predecessor = hashlib.sha256(data).hexdigest()
    return Custody(tuple(entries), ())


def _entry(
    name: str, data: bytes, number: int, predecessor: str | None, subject: str | None
) -> Entry:
    match = _NAME.fullmatch(name)
    if match is None or int(match[1]) != number:
        raise BadEnvelope("is not the next file of the chain; one is missing, or it was added")
    statement, fingerprint, signature, message = open_envelope(data)
    try:
        predicate = statement["predicate"]
        public = PublicKey.from_pem(predicate["public_key"].encode(), name)
        (about,) = statement["subject"]
        told = {
            "a signature over something else than this bundle": about
            != {"name": TAG_MANIFEST, "digest": {"sha256": subject}},
            "not an attestation of custody": statement["predicateType"] != PREDICATE_TYPE,
            "its name and its content differ": predicate["action"] != match[2]
            or predicate["sequence"] != number,
            "it does not follow the one before it": predicate["predecessor"] != predecessor,
            "it names another key than it was signed with": public.fingerprint != fingerprint,
            "its signature is wrong": not public.verifies(signature, message),
            "a chain begins with 'created'": number == 1 and match[2] != "created",
        }
        at, note = predicate["at"], predicate["note"]
    except (KeyError, TypeError, ValueError, AttributeError, UsageError):
        raise BadEnvelope("not an attestation of custody") from None
    for problem, wrong in told.items():
        if wrong:
            raise BadEnvelope(problem)
    return Entry(number, match[2], str(at), fingerprint, note)
