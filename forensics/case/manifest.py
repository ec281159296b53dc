"""The manifest of a case (`case.json`): which files count, and where their rows are from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from forensics.case.files import canonical_json

FORMAT = 1


@dataclass(frozen=True)
class Source:
    """One source file that was loaded: rows read, stored (new ones only) and quarantined.

    `columns` are the names that the settings gave for it (ours to the file's, where they differ),
    and `max_value_bytes` the longest value that they let in: None where that was not recorded.
    """

    table: str
    file: str
    sha256: str
    rows: int
    stored: int
    quarantined: int
    ignored_columns: tuple[str, ...] = ()
    naive_times: int = 0  # times without an offset, taken as UTC
    columns: dict[str, str] | None = None
    max_value_bytes: int | None = None


@dataclass(frozen=True)
class Part:
    """One Parquet file of a table, by its name inside `tables/`."""

    file: str
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What the case holds. `dimension` is that of all embeddings, None while there are none.

    `files` has the beginning of the SHA-256 of `settings.toml` and the quarantine as last written;
    `forgotten` counts the accounts that were taken out. `replaced` names the parts that the last
    change of the tables has replaced: readers may hold them, until the next writer removes them.
    """

    format: int = FORMAT
    tables: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    dimension: int | None = None
    quarantined: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    forgotten: int = 0
    replaced: tuple[str, ...] = ()

    @property
    def parts(self) -> set[str]:
        """The names of all parts that count."""
        return {part.file for parts in self.tables.values() for part in parts}

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
            files=raw.get("files", {}),
            forgotten=raw.get("forgotten", 0),
            replaced=tuple(raw.get("replaced", ())),
        )

    def waiting(self) -> dict[str, str]:
        """Return under which names the `files` wait until the manifest that names them counts."""
        return {
            name: f"{folder}{slash}.next-{digest}-{file}"
            for name, digest in self.files.items()
            for folder, slash, file in [name.rpartition("/")]
        }
