"""How results and messages are printed: machine output to stdout, everything else to stderr."""

from __future__ import annotations

import csv
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from forensics.cli.screen import Screen, spelt

Command = TypeVar("Command", bound=Callable[..., Any])
Rows = Sequence[dict[str, Any]]

#: Texts up to this length are never broken over two lines of a table.
SHORT = 12

log = logging.getLogger("forensics.cli")

#: For people; quiet where all that is said goes to the log (`logs.py`).
err = Screen(stderr=True)
#: For what was asked for.
out = Screen(stderr=False)


def case_option(command: Command) -> Command:
    """Add `--case DIR` (else FORENSICS_CASE, else ./case)."""
    return click.option(
        "--case",
        "case_dir",
        type=click.Path(path_type=Path),
        envvar="FORENSICS_CASE",
        default=Path("case"),
        show_default="FORENSICS_CASE, else ./case",
        metavar="DIR",
        help="The case folder.",
    )(command)


def format_option(command: Command) -> Command:
    """Add `--format table|csv|json`."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["table", "csv", "json"]),
        default="table",
        show_default=True,
        help="table for people; csv and json for machines: exact values, formulas included.",
    )(command)


@dataclass(frozen=True)
class Column:
    """A column of a table for people: which value, under which heading, put how."""

    name: str
    header: str = ""
    show: Callable[[Any], str] | None = None
    styles: Mapping[str, str] = field(default_factory=dict)  # by value

    def cell(self, value: Any) -> str:
        """Return a value as markup."""
        text = visible((self.show or _shown)(value))
        style = self.styles.get(value) if isinstance(value, str) else None
        return f"[{style}]{text}[/]" if style else text


Columns = Sequence[str | Column]


def emit(rows: Rows, format_: str, columns: Sequence[str], *, shown: Columns | None = None) -> None:
    """Print rows: all `columns` as csv or json, or a table of those in `shown`."""
    if format_ == "json":
        json.dump(
            [{c: _plain(r.get(c)) for c in columns} for r in rows],
            sys.stdout,
            ensure_ascii=False,
            indent=1,
        )
        sys.stdout.write("\n")
    elif format_ == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(r.get(c)) for c in columns] for r in rows)
    else:
        out.print(table_of(rows, shown or columns))


def emit_object(value: dict[str, Any]) -> None:
    """Print one JSON object."""
    json.dump(_plain(value), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def table_of(rows: Rows, columns: Columns) -> Table:
    """Return a table for people: numbers to the right, long text folded."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    cells = []
    for column in (c if isinstance(c, Column) else Column(c) for c in columns):
        values = [r.get(column.name) for r in rows]
        cells.append([column.cell(value) for value in values])
        table.add_column(
            visible(column.header or column.name),
            justify="right" if any(isinstance(v, int | float) for v in values) else "left",
            overflow="fold",
            no_wrap=all(cell_len(_plain_text(cell)) <= SHORT for cell in cells[-1]),
        )
    for texts in zip(*cells, strict=True):
        table.add_row(*texts)
    return table


def record_of(row: dict[str, Any], columns: Sequence[str]) -> Table:
    """Return one row for people, a line to a column."""
    grid = Table.grid(padding=(0, 2))
    for name in columns:
        grid.add_row(visible(name), Column(name).cell(row.get(name)))
    return grid


def heading(text: str) -> None:
    """Print the heading of a part of a screen."""
    out.print(f"\n[bold]{text}[/]")


def indented(content: RenderableType, *, to: Console = out) -> None:
    """Print a paragraph or table of a screen two spaces in, wrapped to the terminal."""
    to.print(Padding(content, (0, 0, 0, 2), expand=False))


def listed(rows: Sequence[tuple[str, str]], *, to: Console = out) -> None:
    """Print names and what is said of each, two spaces in, long text wrapped under itself."""
    grid = Table.grid(padding=(0, 2))
    for name, text in rows:
        grid.add_row(visible(name), visible(text))
    indented(grid, to=to)


def to_copy(text: str, *, to: Console = out) -> None:
    """Print a path or command two spaces in, on one line however long, so that it can be copied."""
    to.print(f"  {visible(text)}", soft_wrap=True)


def visible(text: str) -> str:
    """Make control and bidirectional characters of untrusted text visible, and markup inert."""
    return escape(spelt(text))


def _plain_text(markup: str) -> str:
    return Text.from_markup(markup, emoji=False).plain


def say(message: str) -> None:
    """Print a line for people; rich markup allowed, so untrusted parts go through `visible`."""
    if err.quiet:
        log.info(_plain_text(message))
    err.print(message)


def say_error(message: str) -> None:
    """Print an error for people."""
    if err.quiet:
        log.error(message)
    err.print(f"[bold red]Error:[/] {visible(message)}", soft_wrap=True)


def when(value: datetime | None) -> str:
    """Return a time as fixed-width ISO 8601, UTC; one without an offset is in UTC already."""
    if value is None:
        return ""
    return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)
    return value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(_cell(value))
