"""Writes docs/cli.md from what `--help` prints; a test fails when the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from forensics.cli.main import cli

HEAD = """# The command line

Made from `--help` by `make docs`. Every command takes `--case DIR` (else `FORENSICS_CASE`, else
`./case`). What machines read goes to stdout, what people read of a command's progress to stderr.
Exit codes: 0 done, 1 failed or invalid, 2 wrong usage. `table` output may change; `csv` and `json`
only gain columns.
"""


def reference() -> str:
    """Return the reference of all commands as Markdown."""
    return "\n".join(
        [HEAD, *_sections(cli, click.Context(cli, info_name="forensics", **cli.context_settings))]
    )


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = context.max_content_width = 90
    level = "##" if context.parent is None or isinstance(command, click.Group) else "###"
    yield f"{level} {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _sections(inner, click.Context(inner, context, info_name=name))


if __name__ == "__main__":
    (Path(__file__).parent / "cli.md").write_text(reference())
