"""The one error tree. Every message says what is wrong, where, and how to mend it.

ForensicsError              exit code 1
├── UsageError              wrong option, name or settings file; exit code 2
├── InputError              a source that can't be loaded (file, row, column)
├── CaseError               no case, a broken case, nothing analysed yet
│   ├── CaseLocked          another process writes to the case
│   └── CaseTooNew          the case was made by a newer version
├── QueryError              a query that is refused or that the engine rejects
│   └── WriteRefused        it would change a graph that is open to read
├── ServerError             a Neo4j server that can't be reached, or not be used so
└── BundleError             a bundle that can't be made or read
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ForensicsError(Exception):
    """Base of all errors that a user is meant to read."""


class UsageError(ForensicsError):
    """The request itself is wrong: an unknown name, option or setting."""


class InputError(ForensicsError):
    """A source file can't be loaded. Nothing in the case has changed.

    `file`, `row` (1-based data record) and `column` say where, as far as it is known;
    `found` and `expected` what stands there and what would be right.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
        expected: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column = problem, file, row, column
        self.found, self.expected = found, expected
        super().__init__(self._text())

    def _text(self) -> str:
        where = [self.file] if self.file else []
        where += [f"row {self.row:,}"] if self.row is not None else []
        where += [f"column '{self.column}'"] if self.column else []
        text = f"{', '.join(where)}: {self.problem}" if where else self.problem
        text += f"; found {self.found}" if self.found else ""
        text += f"; expected {self.expected}" if self.expected else ""
        return text


class CaseError(ForensicsError):
    """The case folder is missing, damaged, or has nothing to show yet."""


class CaseLocked(CaseError):
    """Another process is writing to the case."""


class CaseTooNew(CaseError):
    """The case was written by a newer version of this tool."""


class QueryError(ForensicsError):
    """A Cypher query that is refused, or that the engine rejects."""


class WriteRefused(QueryError):
    """A Cypher query would change a graph that is open to read."""


class ServerError(ForensicsError):
    """A Neo4j server can't be reached, refuses us, or holds what must not be touched."""


class BundleError(ForensicsError):
    """A bundle that can't be made or read."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the name most like `name`, or an empty string."""
    originals = {n.lower(): n for n in names}
    match = difflib.get_close_matches(name.lower(), originals, n=1, cutoff=0.5)
    return f"; did you mean '{originals[match[0]]}'?" if match else ""
