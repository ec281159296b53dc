"""Which of a file's columns is which of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forensics.case.tables import InputTable
from forensics.errors import InputError, nearest
from forensics.ingest.cards import is_card
from forensics.ingest.checked import shown_name


@dataclass(frozen=True)
class ColumnMap:
    """How the columns of one file, `names`, fit those of a table.

    `theirs` gives the file's name for each of our columns that it has.
    """

    table: InputTable
    names: tuple[str, ...]
    mapping: dict[str, str]
    theirs: dict[str, str]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The file's columns that are none of ours."""
        used = set(self.theirs.values())
        return tuple(name for name in self.names if name not in used)

    def wants(self, name: str) -> bool:
        """Tell whether a column is to be read: sign-ups keep all of theirs."""
        if self.table.name == "signups" or name in self.theirs.values():
            return True
        new = name not in self.names
        return new and any(_find(self.mapping.get(c, c), [name]) for c in self.table.columns)

    def seeing(self, names: Iterable[str], file: str) -> ColumnMap:
        """Return the map with the columns that have turned up further down in the file."""
        new = [name for name in names if name not in self.names]
        return map_columns(self.table, (*self.names, *new), self.mapping, file) if new else self

    def label(self, column: str) -> str:
        """Return our name of a column for messages, with the file's own where that differs."""
        theirs = self.theirs.get(column, column)
        return column if theirs == column else f"{column} ({shown_name(theirs)})"


def map_columns(
    table: InputTable, names: Sequence[str], mapping: dict[str, str], file: str
) -> ColumnMap:
    """Match a file's column names to the table's: by the settings' `mapping`, else by name.

    Upper and lower case count as the same where no name matches exactly.

    Raises:
        InputError: a required column is missing, a name stands twice, or a name is a card number.
    """
    _check_names(names, file)
    theirs = {}
    for ours in table.columns:
        found = _find(mapping.get(ours, ours), names)
        if found is not None:
            theirs[ours] = found
        elif ours in table.required:
            raise _missing(table, ours, names, mapping, file)
    return ColumnMap(table, tuple(names), mapping, theirs)


def matches(table: InputTable, names: Sequence[str], mapping: dict[str, str]) -> int:
    """Return how many columns of the table a file has, 0 where a required one is missing."""
    found = [c for c in table.columns if _find(mapping.get(c, c), names) is not None]
    return len(found) if all(column in found for column in table.required) else 0


def _find(wanted: str, names: Sequence[str]) -> str | None:
    if wanted in names:
        return wanted
    folded = [name for name in names if name.lower() == wanted.lower()]
    return folded[0] if len(folded) == 1 else None


def _check_names(names: Sequence[str], file: str) -> None:
    for place, name in enumerate(names, start=1):
        if is_card(name):
            raise InputError(
                f"the name of column {place} is a full card number, not shown here; "
                "the file seems to lack the line with the column names",
                file=file,
            )
        if name in names[: place - 1]:
            raise InputError("the column stands twice", file=file, column=shown_name(name)[1:-1])


def _missing(
    table: InputTable, ours: str, names: Sequence[str], mapping: dict[str, str], file: str
) -> InputError:
    found = ", ".join(shown_name(name)[1:-1] for name in names) or "no columns"
    if ours in mapping:
        wanted = mapping[ours]
        right = f"'{wanted}', as the settings' [columns.{table.name}] say"
    else:
        wanted = ours
        right = (
            f"a column '{ours}', or its name in the settings: "
            f'[columns.{table.name}] {ours} = "..."'
        )
    return InputError(
        f"required column of {table.name} is missing",
        file=file,
        column=ours,
        found=found,
        expected=right + nearest(wanted, names),
    )
