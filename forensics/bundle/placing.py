"""Gives a finished bundle its name. The custody of one that has it already is never lost."""

from __future__ import annotations

import filecmp
import json
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from forensics.bundle.bag import ATTESTATIONS
from forensics.case.files import replace_folder, sync_folder

#: What a maker says, and says again of each new bundle; the rest people say of one alone.
_BY_MAKER = ("created", "redacted")


@dataclass(frozen=True)
class Placed:
    """A bundle under its name; `kept` is where the one with custody went that stood there."""

    path: Path
    kept: Path | None = None


def put_in_place(new: Path, target: Path, *, update: bool = False) -> Placed:
    """Give a finished, synced bundle its name, in place of what stands there.

    One that people have attested is moved aside first: a crash right then leaves it there, and
    nothing under its old name. With `update`, one that says the same is left as it is, signatures
    included, and so is `new`.
    """
    if update and _is_attested(target) and _same(new, target):
        return Placed(target)
    if not _has_custody(target):
        replace_folder(new, target)
        return Placed(target)
    kept = _aside(target)
    target.rename(kept)
    sync_folder(target.parent)
    try:
        new.rename(target)
    except OSError:
        kept.rename(target)
        raise
    sync_folder(target.parent)
    return Placed(target, kept)


def _is_attested(bundle: Path) -> bool:
    return any(bundle.glob(f"{ATTESTATIONS}/*"))


def _has_custody(bundle: Path) -> bool:
    """Tell whether people passed a bundle on, or received it."""
    said = [path.name for path in bundle.glob(f"{ATTESTATIONS}/*")]
    return any(not re.fullmatch(rf"\d+-({'|'.join(_BY_MAKER)})\.dsse\.json", name) for name in said)


def _same(one: Path, other: Path) -> bool:
    """Compare all files of two bundles but the attestations, byte for byte."""
    names = _files(one)
    return names == _files(other) and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in names
    )


def _files(bundle: Path) -> list[Path]:
    found = (path.relative_to(bundle) for path in sorted(bundle.rglob("*")) if path.is_file())
    return [path for path in found if path.parts[0] != ATTESTATIONS]


def _aside(bundle: Path) -> Path:
    """Return a free name beside a bundle, after the run that it is of."""
    try:
        told = str(json.loads((bundle / "data" / "cluster.json").read_bytes())["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        told = ""
    run = told if re.fullmatch(r"r-[0-9a-z]{1,40}", told) else "kept"
    names = (f"{bundle.name}.{run}{f'-{n}' if n > 1 else ''}" for n in count(1))
    return next(path for path in map(bundle.with_name, names) if not path.exists())
