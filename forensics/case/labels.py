"""What people have decided on accounts and clusters: one JSON object a line, never changed.

`labels.jsonl` only grows, but for accounts that are forgotten. A later label on the same account or
cluster counts before an earlier one; both stay. A label says what a person decided, and is no
verdict of the tool; all labels together calibrate its scores (`score/calibrate.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.files import write_atomic
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import CaseError, UsageError
from forensics.utc import utc_text

#: What a person can say of an account or a cluster.
VERDICTS = TABLES["labels"].choices["verdict"]


@dataclass(frozen=True)
class Label:
    """One person's verdict on one account or one cluster (the other id is None).

    `at` is ISO 8601 in UTC; `run_id` the run that the person was looking at.
    """

    verdict: str
    at: str
    account_id: str | None = None
    cluster_id: str | None = None
    operator: str | None = None
    reason: str | None = None
    by: str | None = None
    run_id: str | None = None

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise UsageError(f"verdict '{self.verdict}': expected {' or '.join(VERDICTS)}")
        if (self.account_id is None) == (self.cluster_id is None):
            raise UsageError("a label is about one account or one cluster")

    @property
    def subject(self) -> str:
        """The id of the account or cluster."""
        return self.account_id or self.cluster_id or ""


def read_labels(case: Case) -> tuple[Label, ...]:
    """Return the labels in the order in which they were added.

    Raises:
        CaseError: a line can't be read; the message has its number.
    """
    path = _path(case)
    labels = []
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else (), 1):
        try:
            labels.append(Label(**_as_text(json.loads(line))))
        except (ValueError, TypeError, AttributeError, UsageError) as error:
            raise CaseError(
                f"{path}, line {number}: not a label ({error}): restore the file from a copy"
            ) from None
    return tuple(labels)


def _as_text(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a line holds, numbers as text: ids were once kept as they had been given."""
    return {k: v if v is None or isinstance(v, str) else str(v) for k, v in given.items()}


def add_labels(case: Case, labels: Iterable[Label]) -> int:
    """Append the labels that are not there yet, all or none; return how many were new.

    Raises:
        CaseLocked: another process writes to the case.
    """
    with case.writing("label"):
        there = read_labels(case)
        new = [label for label in dict.fromkeys(labels) if label not in set(there)]
        if new:
            write_labels(case, (*there, *new))
    return len(new)


def write_labels(case: Case, labels: Iterable[Label]) -> None:
    """Write all labels anew, for whoever holds the writer lock."""
    lines = (json.dumps(asdict(label), ensure_ascii=False) for label in labels)
    write_atomic(_path(case), "".join(f"{line}\n" for line in lines).encode())


def latest(labels: Iterable[Label], about: Literal["account_id", "cluster_id"]) -> dict[str, Label]:
    """Return the label that counts for each account, or for each cluster: the one added last."""
    return {label.subject: label for label in labels if getattr(label, about) is not None}


def account_labels(case: Case, labels: Iterable[Label]) -> dict[str, Label]:
    """Return the label that counts for each account: the last one added, before any loaded one."""
    loaded = case.read("labels", ["account_id", "verdict", "operator", "at"])
    order = [("at", "ascending"), ("verdict", "ascending"), ("operator", "ascending")]
    loaded = loaded.sort_by(order)
    timeless = pc.is_null(loaded["at"])  # these count least, and are sorted last
    loaded = pa.concat_tables([loaded.filter(timeless), loaded.filter(pc.invert(timeless))])
    rows = loaded.set_column(3, "at", utc_text(loaded["at"])).to_pylist()
    return latest((Label(**row) for row in rows), "account_id") | latest(labels, "account_id")


def with_clusters(
    of_account: Mapping[str, Label],
    labels: Iterable[Label],
    clusters: Mapping[str, Sequence[str]],
) -> dict[str, Label]:
    """Return the labels of accounts, and those of the clusters for members that have none.

    `clusters` has the members of each cluster that the labels may be about; of one that is no more
    nothing is known.
    """
    of_cluster = latest(labels, "cluster_id")
    of_member = {
        account_id: label
        for cluster_id, label in of_cluster.items()
        for account_id in clusters.get(cluster_id, ())
    }
    return of_member | dict(of_account)


def _path(case: Case) -> Path:
    return case.root / "labels.jsonl"
