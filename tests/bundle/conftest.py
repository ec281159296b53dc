"""Bundles of the small case, made once, and evidence in which every string is hostile."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from forensics.bundle.create import create_bundle
from forensics.bundle.evidence import Evidence
from forensics.bundle.reader import load_evidence
from forensics.case.run import Run
from forensics.case.store import Case

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
#: Without a browser there is nothing that these could look with.
collect_ignore = [] if CHROMIUM else ["test_browser.py"]

HOSTILE = {
    "north-1": "<script>alert('1')</script>\"&<b>",
    "north-2": '=HYPERLINK("https://evil.example","x")',
    "north-3": "\u202etxt.exe\u202c\x00\x1b[31m\nnew line",
    "north-4": "../../etc/passwd",
    "north-5": "@" + "A" * 10_000,
    "payment:tok-north": "payment:]]></data><script>alert(2)</script>",
    "template:t-north": "template:\ufeff{{ 7 * 7 }}\u2028",
    "device:dev-north": "device:'\"><svg onload=alert(3)>",
    "DE": "-2+3",
    "FR": "'=already",
    "same address": "</td></tr><script>alert(4)</script>",
    "ips.csv": "C:\\u002e\\<img src=x onerror=alert(5)>.csv",
    "resold access": '+1"; DROP TABLE accounts',
}


@pytest.fixture(scope="session")
def made_bundles(made_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundles of C-north and C-acme; tests that change them copy them."""
    case = Case.open(made_case / "case")
    folder = tmp_path_factory.mktemp("bundles")
    for cluster_id in ("C-north", "C-acme"):
        create_bundle(case, Run.current(case), cluster_id, folder / cluster_id)
    return folder


@pytest.fixture
def north(made_bundles: Path, tmp_path: Path) -> Path:
    """A bundle of C-north of one's own."""
    return Path(shutil.copytree(made_bundles / "C-north", tmp_path / "C-north"))


@pytest.fixture(scope="session")
def evidence(made_case: Path) -> Evidence:
    """The evidence on C-north."""
    case = Case.open(made_case / "case")
    return load_evidence(case, Run.current(case), "C-north")


@pytest.fixture(scope="session")
def hostile_evidence(evidence: Evidence) -> Evidence:
    """The same with hostile names (`HOSTILE`) wherever the plain ones stood."""
    return rewritten(evidence, lambda text: HOSTILE.get(text, text))


def rewritten(evidence: Evidence, change: Callable[[str], str]) -> Evidence:
    """Change every string in the evidence."""

    def walk(value: object) -> object:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [walk(item) for item in value]
        if isinstance(value, pa.Table):
            return pa.table(
                [
                    pa.array([walk(item) for item in column.to_pylist()], column.type)
                    for column in value.columns
                ],
                schema=value.schema,
            )
        return value

    changed = {
        field.name: walk(getattr(evidence, field.name))
        for field in dataclasses.fields(evidence)
        if field.name != "info"
    }
    return dataclasses.replace(evidence, **changed)
