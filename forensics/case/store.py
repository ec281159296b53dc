"""The case: a folder that one writer changes at a time and any reader sees whole.

`case.json` is the manifest. It alone says which files in `tables/` count; a change writes new
files beside the old ones, syncs them, and then replaces the manifest. Runs work the same way:
`runs/<run_id>/` is written in full, then `current` is replaced. What a crash leaves behind is
named by neither and is removed by the next writer.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.files import canonical_json, sync_folder, write_atomic
from forensics.case.lock import writer_lock
from forensics.case.settings import Settings, parse_settings
from forensics.case.tables import TABLES
from forensics.errors import CaseError, CaseTooNew

FORMAT = 1
FOLDERS = ("tables", "quarantine", "runs", "graph", "bundles")


@dataclass(frozen=True)
class Source:
    """One source file that was loaded: rows read, stored (new ones only) and quarantined."""

    table: str
    file: str
    sha256: str
    rows: int
    stored: int
    quarantined: int
    ignored_columns: tuple[str, ...] = ()
    naive_times: int = 0  # times without an offset, taken as UTC


@dataclass(frozen=True)
class Part:
    """One Parquet file of a table, by its name inside `tables/`."""

    file: str
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What the case holds. `dimension` is that of all embeddings, None while there are none."""

    format: int = FORMAT
    tables: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    dimension: int | None = None
    quarantined: dict[str, int] = field(default_factory=dict)

    def rows(self, table: str) -> int:
        """Return the number of rows stored of a table."""
        return sum(part.rows for part in self.tables.get(table, ()))

    def to_json(self) -> bytes:
        """Return the manifest as canonical JSON."""
        return canonical_json(asdict(self))

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read what `to_json` wrote."""
        raw = json.loads(data)
        return cls(
            format=raw["format"],
            tables={name: tuple(Part(**p) for p in parts) for name, parts in raw["tables"].items()},
            sources=tuple(
                Source(**{**s, "ignored_columns": tuple(s["ignored_columns"])})
                for s in raw["sources"]
            ),
            dimension=raw["dimension"],
            quarantined=raw["quarantined"],
        )


class Case:
    """A case as of the moment it was opened."""

    def __init__(self, root: Path, manifest: Manifest, settings: Settings) -> None:
        self.root, self.manifest, self.settings = root, manifest, settings

    @classmethod
    def open(cls, root: Path) -> Case:
        """Open an existing case.

        Raises:
            CaseError: there is no case, or its manifest is damaged.
            CaseTooNew: a newer version of the tool wrote it.
        """
        try:
            data = (root / "case.json").read_bytes()
        except FileNotFoundError:
            raise CaseError(
                f"{root} holds no case; make one with: forensics run SOURCES --case {root}"
            ) from None
        except OSError as error:
            raise CaseError(f"{root}: {error.strerror}") from None
        try:
            found = json.loads(data)["format"]
            if found > FORMAT:
                raise CaseTooNew(
                    f"{root} has case format {found}; this version reads up to {FORMAT}: "
                    "use the newer version that wrote it"
                )
            manifest = Manifest.from_json(data)
        except (ValueError, KeyError, TypeError):
            raise CaseError(f"{root / 'case.json'} is damaged: restore it from a copy") from None
        return cls(root, manifest, _settings(root))

    @classmethod
    def create(cls, root: Path) -> Case:
        """Open a case, making an empty one where there is none (mode 0700).

        Raises:
            CaseError: the folder can't be made, or holds other files.
        """
        if (root / "case.json").exists():
            return cls.open(root)
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            others = [
                p.name
                for p in root.iterdir()
                if p.name not in (*FOLDERS, "lock") and not p.name.startswith(".new-")
            ]
            if others:
                raise CaseError(
                    f"{root} is not a case and not empty (it holds {others[0]}): "
                    "choose another folder with --case"
                )
            for name in FOLDERS:
                (root / name).mkdir(mode=0o700, exist_ok=True)
            write_atomic(root / "case.json", Manifest().to_json())
        except OSError as error:
            raise CaseError(f"{root} can't be made: {error.strerror}") from None
        return cls.open(root)

    def parts(self, table: str) -> list[Path]:
        """Return the Parquet files of a table, in the order in which they were loaded."""
        return [self.root / "tables" / p.file for p in self.manifest.tables.get(table, ())]

    def read(self, table: str, columns: Iterable[str] | None = None) -> pa.Table:
        """Read a stored table whole; an absent one has its schema and no rows."""
        schema = TABLES[table].schema(self.manifest.dimension)
        names = list(columns) if columns is not None else schema.names
        paths = self.parts(table)
        if not paths:
            return pa.schema([schema.field(n) for n in names]).empty_table()
        return pa.concat_tables([pq.read_table(p, columns=names) for p in paths])

    @property
    def current(self) -> str | None:
        """The id of the published run, None before the first."""
        try:
            return (self.root / "current").read_text().strip()
        except FileNotFoundError:
            return None

    @contextmanager
    def writing(self, doing: str) -> Iterator[Writer]:
        """Hold the writer lock; gives a `Writer` on the case as it is once the lock is held."""
        with writer_lock(self.root, doing):
            fresh = Case.open(self.root)
            self.manifest, self.settings = fresh.manifest, fresh.settings
            writer = Writer(self)
            writer.clean()
            yield writer


class Writer:
    """Changes a case. Exists only inside `Case.writing`."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.root = case.root

    def publish_tables(self, manifest: Manifest, files: dict[str, bytes] | None = None) -> None:
        """Switch to a manifest whose part files all lie, synced, in `tables/`.

        `files` (settings.toml, quarantine files; by path inside the case) are written first.
        """
        sync_folder(self.root / "tables")
        for name, data in (files or {}).items():
            write_atomic(self.root / name, data)
        write_atomic(self.root / "case.json", manifest.to_json())
        self.case.manifest = manifest
        self.case.settings = _settings(self.root)

    def run_folder(self, run_id: str) -> Path:
        """Return a new empty folder in which the files of a run are to be written."""
        folder = self.root / "runs" / f".new-{run_id}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder

    def publish_run(self, run_id: str) -> None:
        """Give the finished run folder its name and make it the current one."""
        runs = self.root / "runs"
        sync_folder(runs / f".new-{run_id}")
        if (runs / run_id).exists():
            (runs / run_id).rename(runs / f".old-{run_id}")
        (runs / f".new-{run_id}").rename(runs / run_id)
        sync_folder(runs)
        write_atomic(self.root / "current", f"{run_id}\n".encode())
        shutil.rmtree(runs / f".old-{run_id}", ignore_errors=True)

    def leftovers(self) -> list[Path]:
        """Return what an interrupted writer left behind, or a newer state has replaced."""
        named = {part.file for parts in self.case.manifest.tables.values() for part in parts}
        stray = [p for p in (self.root / "tables").iterdir() if p.name not in named]
        for folder in (self.root, *(self.root / name for name in FOLDERS if name != "tables")):
            stray += [p for p in folder.iterdir() if p.name.startswith((".new-", ".old-"))]
        return sorted(stray)

    def clean(self) -> None:
        """Remove the leftovers."""
        for path in self.leftovers():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _settings(root: Path) -> Settings:
    path = root / "settings.toml"
    return parse_settings(path.read_bytes(), str(path)) if path.exists() else Settings()


def read_json(path: Path) -> Any:
    """Read one JSON file of a case.

    Raises:
        CaseError: it is missing or damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise CaseError(f"{path} is missing or damaged: run forensics analyse again") from None
