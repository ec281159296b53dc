"""Checks a bundle without a case and without a network: three questions, answered apart.

Is it intact? Does somebody whom the reader trusts vouch for it? Does its arithmetic hold?
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forensics.bundle.arithmetic import check_arithmetic
from forensics.bundle.container import DAMAGED, Container, open_container
from forensics.bundle.integrity import check_integrity
from forensics.errors import BundleError


@dataclass(frozen=True)
class Verification:
    """What was found of one bundle.

    `problems` are in plain words, what matters most first; `intact`, `trusted` and `arithmetic`
    answer the three questions. Arithmetic is only asked of a bundle that could be read.
    """

    path: Path
    intact: bool
    trusted: bool
    arithmetic: bool
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether all three hold."""
        return self.intact and self.trusted and self.arithmetic


def verify_bundle(path: Path) -> Verification:
    """Check one bundle: a folder, .zip or .tar. What is wrong is told, never raised."""
    try:
        with open_container(path) as bag:
            problems, _ = check_integrity(bag)
            sums = _sums(bag)
    except (BundleError, *DAMAGED) as error:
        return Verification(path, False, False, False, (f"it can't be read: {error}",))
    trust = "nobody vouches for it: it is not signed"
    return Verification(path, not problems, False, not sums, (*problems, *sums, trust))


def _sums(bag: Container) -> list[str]:
    try:
        return check_arithmetic(bag)
    except (KeyError, BundleError, AttributeError, TypeError, *DAMAGED) as error:
        return [f"its arithmetic can't be checked: {type(error).__name__}: {error}"]
