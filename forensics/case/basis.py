"""What a run is made from: the same input, settings and labels give the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from forensics.case.files import canonical_json
from forensics.case.labels import Label
from forensics.case.store import Case
from forensics.case.tables import TABLES


def inputs(case: Case, labels: Iterable[Label]) -> dict[str, Any]:
    """Return, as JSON, all that a run of the case follows from but the version and earlier runs."""
    return {
        "settings": case.settings.digest,
        "sources": sorted([s.table, s.sha256] for s in case.manifest.sources),
        **_columns(case),
        "rows": {name: case.manifest.rows(name) for name in TABLES},
        "forgotten": case.manifest.forgotten,
        "labels": [[x.subject, x.verdict, x.operator, x.at] for x in labels],
    }


def basis(case: Case, labels: Iterable[Label]) -> dict[str, str]:
    """Return digests of the `tables`, the `settings` and the `labels` that a run is made from.

    A run keeps them, so that it can be told what has changed since.
    """
    what = inputs(case, labels)
    tables = {name: what[name] for name in what if name not in ("settings", "labels")}
    return {
        "tables": digest(tables),
        "settings": case.settings.digest,
        "labels": digest(what["labels"]),
    }


def changed(case: Case, labels: Iterable[Label], made_from: Mapping[str, str]) -> list[str]:
    """Return what of `basis` is no longer as a run says that it was (`made_from` in its info)."""
    now = basis(case, labels)
    return [what for what in now if now[what] != made_from.get(what, now[what])]


def _columns(case: Case) -> dict[str, Any]:
    """Return by which names the columns of sources were read, where these are not ours."""
    given = [[s.table, s.sha256, s.columns] for s in case.manifest.sources if s.columns]
    return {"columns": sorted(given, key=lambda one: one[:2])} if given else {}


def digest(value: Any) -> str:
    """Return the first 8 digits of the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:8]
