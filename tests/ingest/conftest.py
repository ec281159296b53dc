"""A folder of source files and a case to load them into."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.store import Case
from forensics.ingest.load import load
from forensics.ingest.summary import LoadSummary

SIGNUPS = "account_id,created_at\n001,2026-01-01T00:00:00Z\n002,2026-01-02T00:00:00Z\n"


class Workbench:
    """Writes source files into a folder, and loads them into a case beside it."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "sources"
        self.sources.mkdir()
        self.case = Case.create(root / "case")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def gzipped(self, name: str, content: str) -> Path:
        return self.write(name, gzip.compress(content.encode()))

    def json_lines(self, name: str, *rows: dict[str, Any]) -> Path:
        return self.write(name, "".join(json.dumps(row) + "\n" for row in rows))

    def parquet(self, name: str, table: pa.Table) -> Path:
        path = self.sources / name
        pq.write_table(table, path)
        return path

    def load(self, *sources: Path, **options: Any) -> LoadSummary:
        return load(self.case, sources or (self.sources,), **options)

    def rows(self, table: str, *columns: str) -> list[Any]:
        """The stored rows as tuples, or as plain values where one column is asked for."""
        found = self.case.read(table, columns or None).to_pylist()
        if not columns:
            return found
        if len(columns) == 1:
            return [row[columns[0]] for row in found]
        return [tuple(row[name] for name in columns) for row in found]

    def quarantine(self, table: str) -> list[tuple[str, int, str]]:
        """File, row and reason of each quarantined row."""
        path = self.case.root / "quarantine" / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return [(r["file"], int(r["row"]), r["reason"]) for r in csv.DictReader(file)]

    def everything(self) -> dict[str, bytes]:
        """All files of the case but the lock, by name."""
        root = self.case.root
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != "lock"
        }


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)
