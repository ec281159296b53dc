"""The small case as a graph, for tests that only read it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics.case.store import Case
from forensics.graph.results import Graph
from forensics.graph.store import open_graph


@pytest.fixture(scope="session")
def graph(made_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    folder = tmp_path_factory.mktemp("graph")
    shutil.copytree(made_case, folder, dirs_exist_ok=True)
    with open_graph(Case.open(folder / "case")) as graph:
        yield graph
