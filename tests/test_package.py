"""The wheel: what `pip install .` puts on a machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import COMMAND

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the wheel, built as pip builds it but without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_package_and_its_queries(installed: Path) -> None:
    def names(folder: Path, pattern: str) -> list[str]:
        return sorted(str(p.relative_to(folder)) for p in folder.rglob(pattern))

    assert names(installed / "forensics" / "queries", "*") == names(ROOT / "queries", "*.cypher")
    assert names(installed / "forensics", "*.py") == names(ROOT / "forensics", "*.py")
    assert (installed / "forensics" / "py.typed").exists()


def test_the_wheel_gives_the_forensics_command(installed: Path) -> None:
    (entry_points,) = installed.glob("*.dist-info/entry_points.txt")
    assert entry_points.read_text() == ("[console_scripts]\nforensics = forensics.cli.main:main\n")


def test_the_installed_command_finds_its_queries(installed: Path, tmp_path: Path) -> None:
    def python(code: str, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert python("import forensics; print(forensics.__file__)").startswith(str(installed))
    listed = python(COMMAND, "query", "list", "--format", "json")
    assert len(json.loads(listed)) == len(list((ROOT / "queries").glob("*.cypher")))
