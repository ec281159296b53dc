"""Checks a bundle without a case and without a network: three questions, answered apart.

Is it intact? Does somebody whom the reader trusts vouch for it? Does its arithmetic hold?
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from forensics.bundle.arithmetic import check_arithmetic
from forensics.bundle.bag import TAG_MANIFEST
from forensics.bundle.container import DAMAGED, Container, open_container
from forensics.bundle.custody import Custody, Entry, check_custody
from forensics.bundle.integrity import REQUIRED, check_integrity
from forensics.bundle.keys import PublicKey
from forensics.bundle.statements import not_checkable
from forensics.errors import BundleError

#: What a `cluster.json` that is something else brings about.
_UNREADABLE = (KeyError, AttributeError, TypeError, ArithmeticError)


@dataclass(frozen=True)
class Verification:
    """What was found of one bundle.

    `problems` are in plain words, what matters most first; `intact`, `trusted` and `arithmetic`
    answer the three questions; arithmetic is None where the profile leaves nothing to add up.
    `custody` is the chain of attestations, as far as it holds; `notes` say what the profile hides.
    `there` tells whether a bundle is there at all: where none is, all answers are no.
    """

    path: Path
    intact: bool
    trusted: bool
    arithmetic: bool | None
    problems: tuple[str, ...]
    custody: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    there: bool = True

    @property
    def valid(self) -> bool:
        """Whether all three hold, as far as they can be asked."""
        return self.intact and self.trusted and self.arithmetic is not False


def verify_bundle(path: Path, trusted: Collection[PublicKey] = ()) -> Verification:
    """Check one bundle: a folder, .zip or .tar. What is wrong is told, never raised.

    It is trusted if it was made, and its maker signed, with one of the keys in `trusted`.
    """
    if not path.exists():
        return _none(path, "there is no such file or folder")
    try:
        with open_container(path) as bag:
            if not any(name in bag.files for name in REQUIRED):
                return _none(path, "it holds none of the files that make a bundle")
            changed, digests = check_integrity(bag)
            custody = check_custody(bag, digests.get(TAG_MANIFEST))
            profile, forgotten = _profile(bag), _forgotten(bag)
            sums = [] if profile == "public" else _sums(bag)
    except (BundleError, *DAMAGED) as error:
        return Verification(path, False, False, False, (f"it can't be read: {error}",))
    distrust = _distrust(custody, {key.fingerprint for key in trusted})
    return Verification(
        path,
        intact=not changed and not custody.problems,
        trusted=not distrust,
        arithmetic=None if profile == "public" else not sums,
        problems=(*changed, *custody.problems, *distrust, *sums),
        custody=custody.entries,
        notes=tuple(f"can't be checked: {what}" for what in not_checkable(profile, forgotten)),
    )


def _none(path: Path, why: str) -> Verification:
    return Verification(path, False, False, False, (f"this is no bundle: {why}",), there=False)


def _distrust(custody: Custody, trusted: Collection[str]) -> list[str]:
    """Say why nobody whom the reader trusts vouches for the bundle."""
    if custody.problems:
        return ["nobody vouches for it: its chain of attestations is broken"]
    if custody.maker is None:
        return ["nobody vouches for it: it is not signed"]
    if custody.maker in trusted:
        return []
    if not trusted:
        return [
            f"signed with key {custody.maker}: say with --trust KEY.pub that you trust that key"
        ]
    return [f"signed with key {custody.maker}, which is not one that you trust"]


def _profile(bag: Container) -> str:
    try:
        return str(json.loads(bag.read("data/cluster.json", 1 << 30))["profile"])
    except (KeyError, TypeError, BundleError, *DAMAGED):
        return "unknown"


def _forgotten(bag: Container) -> bool:
    try:
        return bool(json.loads(bag.read("data/provenance.json", 1 << 30))["from"]["forgotten"])
    except (KeyError, TypeError, BundleError, *DAMAGED):
        return False


def _sums(bag: Container) -> list[str]:
    try:
        return check_arithmetic(bag)
    except (*_UNREADABLE, BundleError, duckdb.Error, *DAMAGED) as error:
        return [f"its arithmetic can't be checked: {type(error).__name__}: {error}"]
