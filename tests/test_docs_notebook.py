"""docs/notebook.ipynb runs on the sample case, and shows what it says it shows."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def executed(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        client = NotebookClient(
            notebook, timeout=300, resources={"metadata": {"path": str(sample_folder)}}
        )
        return client.execute()


def outputs(notebook: Any, kind: str) -> list[str]:
    """Return what cells gave in one form (a MIME type), in order."""
    return [
        output["data"][kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def test_it_shows_frames_and_pictures_and_no_complaint(executed: Any) -> None:
    assert len(outputs(executed, "image/png")) == 2
    assert all(len(picture) > 10_000 for picture in outputs(executed, "image/png"))
    frames = outputs(executed, "text/html")
    assert "cluster_id" in frames[0]
    assert "outsiders" in frames[1]
    complaints = [o for cell in executed.cells for o in cell.get("outputs", []) if "name" in o]
    assert complaints == []


def test_it_is_kept_without_what_it_showed_somewhere_else() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
