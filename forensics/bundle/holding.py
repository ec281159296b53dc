"""Which bundles hold an account."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from forensics.bundle.hostile import csv_text


def bundles_holding(folder: Path, account_id: str) -> list[Path]:
    """Return the bundles in a folder whose members include the account, by name.

    Profiles for sharing hold keyed hashes instead of ids, and are not found.
    """
    return [
        path.parent.parent
        for path in sorted(folder.glob("[!.]*/data/accounts.csv"))
        if csv_text(account_id) in _members(path)
    ]


def _members(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from (row["account_id"] for row in csv.DictReader(file))
