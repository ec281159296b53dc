"""The case: a folder that one writer changes at a time and any reader sees whole.

`case.json` is the manifest. It alone says which files in `tables/` count; a change writes new
files beside the old ones, syncs them, and then replaces the manifest. Files with one name
(`settings.toml`, `quarantine/*.csv`) wait under another until then; should their writer die before
they have their own, readers take them from there. Runs work the same way: `runs/<run_id>/` is
written in full, then `current` is replaced. What a crash leaves behind is named by neither and is
removed by the next writer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.files import (
    old_name,
    remove,
    replace_folder,
    sync_folder,
    told_if_full,
    write_atomic,
)
from forensics.case.lock import writer_lock
from forensics.case.manifest import FORMAT, Manifest
from forensics.case.settings import Settings, parse_settings
from forensics.case.tables import TABLES
from forensics.errors import CaseError, CaseTooNew, ForensicsError

#: How the names of files begin that are not finished, or no longer needed.
UNFINISHED = (".new-", ".old-", ".next-")
FOLDERS = ("tables", "quarantine", "runs", "graph", "bundles")


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
        return cls(root, manifest, _settings(root, manifest))

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
                if p.name not in (*FOLDERS, "lock") and not p.name.startswith(UNFINISHED)
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
        """Hold the writer lock; gives a `Writer` on the case as it is once the lock is held.

        Raises:
            CaseLocked: another process holds the lock.
            CaseError: the case can't be written to, or the disk is full.
        """
        with writer_lock(self.root, doing), told_if_full(self.root):
            fresh = Case.open(self.root)
            self.manifest, self.settings = fresh.manifest, fresh.settings
            writer = Writer(self)
            writer.clean()
            try:
                yield writer
            except BaseException:
                with suppress(OSError, ForensicsError):  # else the next writer does it
                    Writer(Case.open(self.root)).clean()
                raise

    def discard(self) -> None:
        """Remove a case that never held anything, unless somebody is writing to it."""
        with suppress(CaseError), self.writing("discard"):
            if self.manifest == Manifest():
                remove(self.root)


class Writer:
    """Changes a case. Exists only inside `Case.writing`."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.root = case.root

    def publish_tables(self, manifest: Manifest, files: dict[str, bytes] | None = None) -> None:
        """Switch to a manifest whose part files all lie, synced, in `tables/`.

        `files` (settings.toml, quarantine files; by path inside the case) change together with it.
        """
        sync_folder(self.root / "tables")
        new = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in (files or {}).items()}
        manifest = replace(manifest, files=dict(sorted({**manifest.files, **new}.items())))
        if manifest.parts != self.case.manifest.parts:
            gone = self.case.manifest.parts - manifest.parts
            manifest = replace(manifest, replaced=tuple(sorted(gone)))
        for name, data in (files or {}).items():
            write_atomic(self.root / manifest.waiting()[name], data)
        write_atomic(self.root / "case.json", manifest.to_json())
        self.case.manifest = manifest
        self._finish()
        self.case.settings = _settings(self.root, manifest)

    def run_folder(self, run_id: str) -> Path:
        """Return a new empty folder in which the files of a run are to be written."""
        folder = self.root / "runs" / f".new-{run_id}"
        remove(folder)
        folder.mkdir(mode=0o700)
        return folder

    def publish_run(self, run_id: str) -> None:
        """Give the finished run folder its name and make it the current one."""
        runs = self.root / "runs"
        sync_folder(runs / f".new-{run_id}")
        replace_folder(runs / f".new-{run_id}", runs / run_id)
        write_atomic(self.root / "current", f"{run_id}\n".encode())

    def leftovers(self) -> list[Path]:
        """Return what an interrupted writer left behind, or a newer state has replaced."""
        parts = self.case.manifest.parts
        waiting = {self.root / name for name in self.case.manifest.waiting().values()}
        stray = [p for p in (self.root / "tables").iterdir() if p.name not in parts]
        for folder in (self.root, *(self.root / name for name in FOLDERS if name != "tables")):
            stray += [
                p for p in folder.iterdir() if p.name.startswith((".new-", ".old-", ".next-"))
            ]
        return sorted(set(stray) - waiting)

    def clean(self) -> None:
        """Finish what an interrupted writer has decided, and remove the leftovers."""
        self._finish()
        for path in self.leftovers():
            named = path.with_name(path.name.removeprefix(".old-"))
            if path == old_name(named) and not named.exists():
                path.rename(named)
            else:
                remove(path)

    def _finish(self) -> None:
        for name, waiting in self.case.manifest.waiting().items():
            if (self.root / waiting).exists():
                (self.root / waiting).replace(self.root / name)
                sync_folder((self.root / name).parent)


def _settings(root: Path, manifest: Manifest) -> Settings:
    path = root / "settings.toml"
    waiting = manifest.waiting().get(path.name, path.name)
    for place in (root / waiting, path):
        with suppress(FileNotFoundError):
            return parse_settings(place.read_bytes(), str(path))
    return Settings()


def read_json(path: Path) -> Any:
    """Read one JSON file of a case.

    Raises:
        CaseError: it is missing or damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise CaseError(f"{path} is missing or damaged: run forensics analyse again") from None
