"""Whether a bag is what its manifests say: nothing changed, missing or added."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from forensics.bundle.bag import ATTESTATIONS, DECLARATION, MANIFEST, TAG_MANIFEST, manifest_of
from forensics.bundle.container import DAMAGED, Container
from forensics.errors import BundleError

#: Without these it is not a bundle of ours, whatever its manifests say.
REQUIRED = (
    "bag-info.txt",
    "bagit.txt",
    MANIFEST,
    TAG_MANIFEST,
    "data/cluster.json",
    "data/report.html",
)
_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\x7f\\]+)")


@dataclass
class Findings:
    """What is wrong, in plain words: sorted by how much it matters, then in order of finding."""

    ranked: list[tuple[int, str]] = field(default_factory=list)

    def add(self, rank: int, problem: str) -> None:
        """Note a problem; rank 0 matters most."""
        self.ranked.append((rank, problem))

    @property
    def problems(self) -> list[str]:
        """The problems, what matters most first."""
        return [problem for _, problem in sorted(self.ranked, key=lambda entry: entry[0])]


def check_integrity(bag: Container) -> tuple[list[str], dict[str, str]]:
    """Compare every file with the manifests.

    Returns the problems, what matters most first (none means intact), and the SHA-256 of every
    file that could be read.
    """
    found = Findings()
    for name, reason in bag.refused:
        found.add(1, f"{name} {reason}; it was not opened")
    for name in REQUIRED:
        if name not in bag.files:
            found.add(0, f"{name} is missing: this is not a whole bundle")
    digests = _digests(bag, found)
    if bag.files.get("bagit.txt") and bag.read("bagit.txt") != DECLARATION:
        found.add(1, "bagit.txt does not declare a BagIt 1.0 bag in UTF-8")
    payload = {name for name in bag.files if name.startswith("data/")}
    tags = {
        name
        for name in bag.files
        if name not in payload and name != TAG_MANIFEST and not name.startswith(f"{ATTESTATIONS}/")
    }
    _compare(bag, MANIFEST, payload, digests, found)
    _compare(bag, TAG_MANIFEST, tags, digests, found)
    return found.problems, digests


def _digests(bag: Container, found: Findings) -> dict[str, str]:
    digests = {}
    for name in bag.files:
        digest = hashlib.sha256()
        try:
            for block in bag.blocks(name):
                digest.update(block)
        except DAMAGED as error:
            found.add(1, f"{name} can't be read to its end: {error}")
        else:
            digests[name] = digest.hexdigest()
    return digests


def _compare(
    bag: Container, manifest: str, there: set[str], digests: dict[str, str], found: Findings
) -> None:
    """Hold one manifest against the files that it ought to name."""
    if manifest not in digests:
        return
    listed = _listed(bag, manifest, found)
    if listed is None:
        return
    for name, digest in listed.items():
        if name in there:
            if name in digests and digests[name] != digest:
                found.add(1, f"{name} was changed: its SHA-256 is not the one in {manifest}")
        elif name in bag.files:
            found.add(2, f"{manifest} names {name}, which does not belong there")
        else:
            found.add(1, f"{name} is missing: {manifest} names it")
    for name in sorted(there - set(listed)):
        found.add(1, f"{name} was added: {manifest} does not name it")
    if bag.read(manifest) != manifest_of(listed):
        found.add(2, f"{manifest} is not written in the bundle's own form: sorted, one line each")


def _listed(bag: Container, manifest: str, found: Findings) -> dict[str, str] | None:
    """Read a manifest; None, and a problem noted, where it can't be."""
    listed: dict[str, str] = {}
    try:
        lines = bag.read(manifest).decode().split("\n")
    except (UnicodeDecodeError, BundleError):
        found.add(0, f"{manifest} is not a manifest: it can't be read")
        return None
    if lines.pop():
        found.add(0, f"{manifest} does not end in a line end: it was cut off or changed")
        return None
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None:
            found.add(0, f"{manifest}, line {number}: not a SHA-256 and a file name")
            return None
        if match[2] in listed:
            found.add(0, f"{manifest}, line {number}: {match[2]} is named twice")
        listed[match[2]] = match[1]
    return listed
