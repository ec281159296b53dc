"""What a user may set, in TOML; the file given last is kept in the case, byte for byte."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from forensics.case.files import canonical_json
from forensics.case.tables import TABLES
from forensics.errors import UsageError, nearest


def _number(default: float, least: float, most: float = inf, *, above: bool = False) -> Any:
    """Make a setting that is a number from `least` (or, with `above`, above it) to `most`."""
    words = f"{'above' if above else 'of at least'} {least}"
    if most < inf:
        words += f" and at most {most}"
    return field(default=default, metadata={"bounds": (least, most, above), "words": words})


@dataclass(frozen=True)
class IngestSettings:
    """Limits of what is let in."""

    max_bad: float = _number(0.5, 0, 1)  # share of bad rows above which a file is refused whole
    max_value_bytes: int = _number(4096, 1)
    max_expansion: int = _number(200, 1)  # times its size that a packed file may unpack to
    max_columns: int = _number(1000, 1)
    max_dimension: int = _number(16384, 1)  # numbers to an embedding


@dataclass(frozen=True)
class LinkSettings:
    """How evidence becomes links."""

    # Match probability from which two accounts are linked.
    min_probability: float = _number(0.5, 0, 1, above=True)
    max_links_per_account: int = _number(40, 1)


@dataclass(frozen=True)
class ClusterSettings:
    """How links become clusters."""

    runs: int = _number(5, 1)  # repeated runs behind stability and membership
    # Groups of linked accounts less likely one operator than this are released: no cluster.
    release_below: float = _number(0.4, 0, 1)


@dataclass(frozen=True)
class ScoreSettings:
    """The cut-offs of the verdicts, in the order in which they are asked."""

    min_accounts: int = _number(3, 2)
    min_coordination: float = _number(0.9, 0, 1)
    max_q: float = _number(0.05, 0, 1, above=True)  # of 0 nothing would ever be a finding
    min_stability: float = _number(0.7, 0, 1)
    min_abuse: float = _number(0.5, 0, 1)
    shuffles: int = _number(10, 1)


@dataclass(frozen=True)
class Settings:
    """All settings. `files` maps a file's stem to a table ("ignore" leaves it out);
    `columns` maps, per table, our column name to theirs.
    """

    files: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    ingest: IngestSettings = IngestSettings()
    link: LinkSettings = LinkSettings()
    cluster: ClusterSettings = ClusterSettings()
    score: ScoreSettings = ScoreSettings()
    seed: int = _number(1, 0)

    @property
    def digest(self) -> str:
        """First eight hexadecimal digits of the SHA-256 of the settings as canonical JSON."""
        return hashlib.sha256(canonical_json(dataclasses.asdict(self))).hexdigest()[:8]


def load_settings(path: Path) -> Settings:
    """Read a settings file.

    Raises:
        UsageError: unreadable, not TOML, an unknown section or name, or a value of the wrong type
            or out of bounds.
    """
    try:
        return parse_settings(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def parse_settings(data: bytes, name: str) -> Settings:
    """Like `load_settings`, from bytes; `name` is used in messages."""
    try:
        given = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: not a TOML file: {error}") from None
    settings: Settings = _build(Settings, given, name)
    _check_names(settings, name)
    return settings


def _build(kind: type[Any], given: dict[str, Any], where: str) -> Any:
    fields = {f.name: f for f in dataclasses.fields(kind)}
    values = {}
    for key, value in given.items():
        if key not in fields:
            known = ", ".join(fields)
            raise UsageError(
                f"{where}: unknown setting '{key}'{nearest(key, fields)} (there are: {known})"
            )
        values[key] = _value(fields[key], value, f"{where}: {key}")
    return kind(**values)


def _value(slot: dataclasses.Field[Any], value: Any, where: str) -> Any:
    default = slot.default
    if dataclasses.is_dataclass(default):
        if not isinstance(value, dict):
            raise UsageError(f"{where}: expected a section of settings, found {value!r}")
        return _build(type(default), value, where)
    wanted = dict if default is dataclasses.MISSING else type(default)
    if wanted is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
        raise UsageError(f"{where}: expected {wanted.__name__}, found {value!r}")
    if slot.metadata:
        least, most, above = slot.metadata["bounds"]
        if not (least <= value <= most) or (above and value == least):  # nan is neither
            raise UsageError(f"{where}: expected a number {slot.metadata['words']}, found {value}")
    return value


def _check_names(settings: Settings, where: str) -> None:
    known = ", ".join(TABLES)
    for stem, table in settings.files.items():
        if not isinstance(table, str):
            raise UsageError(f"{where}: files.{stem}: expected a table name, found {table!r}")
        if table not in (*TABLES, "ignore"):
            raise UsageError(
                f"{where}: files.{stem}: no table '{table}'{nearest(table, TABLES)} "
                f"(there are: {known}; 'ignore' leaves a file out)"
            )
    for table, columns in settings.columns.items():
        if table not in TABLES:
            raise UsageError(
                f"{where}: columns.{table}: no such table{nearest(table, TABLES)} "
                f"(there are: {known})"
            )
        if not isinstance(columns, dict):
            raise UsageError(f'{where}: columns.{table}: expected our name = "their name" pairs')
        for ours, theirs in columns.items():
            names = TABLES[table].columns
            if ours not in names:
                raise UsageError(
                    f"{where}: columns.{table}: the table has no column '{ours}'"
                    f"{nearest(ours, names)} (it has: {', '.join(names)})"
                )
            if not isinstance(theirs, str):
                raise UsageError(f"{where}: columns.{table}.{ours}: expected a column name")
