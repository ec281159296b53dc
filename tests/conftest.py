"""Fixtures that the rooms share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forensics.case.store import Case
from tests.factory import make_case


@pytest.fixture(scope="session")
def made_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `make_case`, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("made")
    make_case(folder)
    return folder


@pytest.fixture
def small_case(made_case: Path, tmp_path: Path) -> Case:
    """A case of one's own (see tests/factory.py); its sources lie in `small_case.root.parent`."""
    shutil.copytree(made_case, tmp_path, dirs_exist_ok=True)
    return Case.open(tmp_path / "case")
