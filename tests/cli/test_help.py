"""Every command explains itself: its help ends in an example, and the example works."""

from __future__ import annotations

import contextlib
import runpy
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from forensics.cli.main import cli, run_command
from tests.shell import in_shell

ROOT = Path(__file__).parent.parent.parent


def leaves(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by its words."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from leaves(inner, *path, name)
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(cli))


def examples(command: click.Command) -> list[str]:
    """Return the lines of the example that a help text ends in."""
    lines = (command.epilog or "").splitlines()
    assert [line.strip() for line in lines[:2]] == ["\b", "Example:"]
    return [line.strip() for line in lines[2:] if line.strip()]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_in_an_example_of_the_command(name: str) -> None:
    lines = examples(COMMANDS[name])
    assert any(f"forensics {name}" in line for line in lines)
    context = click.Context(COMMANDS[name], terminal_width=100, **cli.context_settings)
    printed = COMMANDS[name].get_help(context)
    assert [line.strip() for line in printed.splitlines()][-len(lines) :] == lines


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_eighty_columns(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([*name.split(), "--help"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.fixture(scope="module")
def folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample folder, that the examples write in."""
    copy = tmp_path_factory.mktemp("examples") / "copy"
    return Path(shutil.copytree(sample_folder, copy, symlinks=True))


# `graph` needs a server; tests/neo4j runs it.
@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name != "run" and not name.startswith("graph ")]
)
def test_the_example_works_on_the_sample_case(name: str, folder: Path, tmp_path: Path) -> None:
    if name == "account forget":  # the case is the other examples' as well
        folder = Path(shutil.copytree(folder, tmp_path / "copy", symlinks=True))
    for line in examples(COMMANDS[name]):
        if name == "query shell" or any(sign in line for sign in "|>*="):
            ran = in_shell(line, folder)
            assert ran.returncode == 0, ran.stderr
        else:
            with contextlib.chdir(folder):
                assert run_command(shlex.split(line)[1:]) == 0, line


def test_the_example_of_run_is_what_made_the_sample_case() -> None:
    assert examples(COMMANDS["run"]) == ["forensics run sample_data"]


def test_the_reference_is_what_help_prints() -> None:
    reference = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["reference"]()
    assert (ROOT / "docs" / "cli.md").read_text() == reference, "run: make docs"
