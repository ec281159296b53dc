"""What the README tells a reader to type works, on the sample case."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.shell import in_shell

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) for line in block.splitlines()
]
FORENSICS = [line for line in LINES if "forensics " in line and "git clone" not in line]


@pytest.fixture(scope="module")
def reader(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of someone who has run `make demo` and has data of their own in `my_export`."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "sample_data").symlink_to(sample_folder / "sample_data")
    shutil.copytree(sample_folder / "case", folder / "case")  # it labels
    (folder / "my_export").mkdir()
    signups = (ROOT / "sample_data" / "signups.csv").read_text().splitlines(keepends=True)
    (folder / "my_export" / "signups.csv").write_text("".join(signups[:50]))
    return folder


@pytest.mark.parametrize("line", FORENSICS)
def test_a_command_of_the_readme_works(line: str, reader: Path) -> None:
    ran = in_shell(line, reader)
    assert ran.returncode == 0, ran.stderr


def test_make_has_the_targets_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)", TEXT)) <= targets
    assert "make demo" in LINES


def test_the_python_of_the_readme_runs(sample_folder: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    with contextlib.chdir(sample_folder):
        exec(compile(code, "README.md", "exec"), {})


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
