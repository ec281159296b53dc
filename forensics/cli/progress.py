"""Progress bars on a terminal, silence elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
)
from rich.text import Text

from forensics.cli.output import err
from forensics.cli.screen import spelt
from forensics.progress import Step


class _Left(ProgressColumn):
    """The remaining time, once the pace is known; where it can't be, the time that has passed."""

    def render(self, task: Task) -> Text:
        if task.total is None and task.elapsed is not None and task.elapsed >= 2:
            return Text(_spelt(task.elapsed))
        seconds = task.time_remaining
        if seconds is None or task.finished:
            return Text("")
        return Text(f"{_spelt(seconds)} left")


def _spelt(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class _Step:
    def __init__(self, bars: Progress, task: TaskID, unit: str) -> None:
        self.bars, self.task, self.unit = bars, task, unit

    def advance(self, amount: float = 1) -> None:
        self.bars.advance(self.task, amount)
        (task,) = self.bars.tasks
        speed = task.speed
        if speed:
            figure = f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"
            self.bars.update(self.task, rate=f"{figure} {self.unit}/s")

    def rows(self, read: int, written: int) -> None:
        """Nothing to draw."""


class Bars:
    """A `forensics.progress.Progress` that draws on stderr while a step runs."""

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Show one bar for as long as the block runs, then remove it."""
        bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            _Left(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        with bars:
            task = bars.add_task(spelt(name), total=total, rate="")
            yield _Step(bars, task, unit)
