"""How long work reports itself, without knowing whether anybody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Step(Protocol):
    """One step under way."""

    def advance(self, amount: float = 1) -> None:
        """Say that `amount` more of the step's total is done."""

    def rows(self, read: int, written: int) -> None:
        """Say how many rows the step took in, and how many came out."""


class Progress(Protocol):
    """Whoever shows progress; the command line has one for terminals."""

    def step(
        self, name: str, total: float | None = None, unit: str = ""
    ) -> AbstractContextManager[Step]:
        """Begin a step of `total` units (None where the total is unknown)."""


class _Nothing:
    def advance(self, amount: float = 1) -> None:
        return None

    def rows(self, read: int, written: int) -> None:
        return None


class Quiet:
    """Progress that nobody sees."""

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Run the block."""
        yield _Nothing()


QUIET = Quiet()
