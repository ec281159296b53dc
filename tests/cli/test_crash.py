"""A command that dies, or finds the disk full, at any of its writes."""

from __future__ import annotations

import contextlib
import gc
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forensics.case.labels import read_labels
from forensics.case.manifest import Manifest
from forensics.case.store import Case
from tests.conftest import Ran
from tests.faults import ENDED, FULL, broken

Cli = Callable[..., Ran]
ROOT = Path(__file__).parents[2]

#: After a crash there may be nothing left to forget, which is an error of its own.
LEFT_TO_DO = {"forget": {0, 1}}

SIGNUPS = "account_id,created_at,dev\na,2026-01-01Z,d\nb,2026-01-02Z,d\nc,never,d\n"
MORE = "account_id,created_at\nc,2026-01-01Z\nd,2026-01-02Z\ne,never\n"
SETTINGS = "seed = 7\n"
NAMES = '[columns.signups]\ndevice_id = "dev"\n'

COMMANDS = {
    "ingest": ["ingest", "first", "--case", "case"],
    "ingest more": ["ingest", "more", "--settings", "settings.toml", "--case", "case"],
    "ingest again": ["ingest", "first", "--settings", "names.toml", "--case", "case"],
    "label": ["label", "add", "a", "--verdict", "abusive", "--by", "me", "--case", "case"],
    "forget": ["account", "forget", "a", "--case", "case"],
    "clean": ["status", "--clean", "--case", "case"],
    "analyse": ["analyse", "--case", "case"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sources, and a case that holds the first of them."""
    folder = tmp_path / "start"
    for name, text in (("first", SIGNUPS), ("more", MORE)):
        (folder / name).mkdir(parents=True)
        (folder / name / f"signups-{name}.csv").write_text(text)
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "names.toml").write_text(NAMES)
    return folder


def seen(root: Path) -> Any:
    """What a reader sees of a case, None where there is none or nothing in it."""
    if not (root / "case.json").exists():
        return None
    case = Case.open(root)
    if case.manifest == Manifest():
        return None
    waiting = case.manifest.waiting()
    quarantine = "quarantine/signups.csv"
    places = [root / waiting.get(quarantine, quarantine), root / quarantine]
    found = next((place.read_text() for place in places if place.exists()), None)
    labels = {(x.subject, x.verdict) for x in read_labels(case)}
    rows = case.read("signups").to_pylist()
    return case.manifest, case.settings, rows, found, labels, case.current


def tidy(root: Path) -> None:
    """Remove what an earlier state needed."""
    with Case.open(root).writing("test"):
        pass


def files(root: Path) -> dict[str, bytes]:
    """All files of a case but its lock, its labels, whose time is the clock's, and its graph, which
    can be thrown away.
    """
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and path.name not in ("lock", ".lock", "labels.jsonl", "log.jsonl")
        and path.suffix != ".lbug"
    }


@pytest.mark.parametrize(
    ("name", "fault"), [*((name, ENDED) for name in COMMANDS), ("ingest more", FULL)]
)
def test_at_every_write(name: str, fault: str, folder: Path, cli: Cli, tmp_path: Path) -> None:
    """The case is as it was before or after; the command again makes it as if never disturbed."""
    command = COMMANDS[name]
    if name != "ingest":
        with contextlib.chdir(folder):
            assert cli("ingest", "first", "--case", "case").code == 0
            assert cli(*COMMANDS["label"]).code == 0
        (folder / "case" / "runs" / ".new-r-1").mkdir()
        (folder / "case" / ".new-1").touch()
        (folder / "case" / "bundles" / ".old-C-1").mkdir()
        (folder / "case" / "graph" / ".build-r-1.lbug").touch()
    before = seen(folder / "case")

    trials = tmp_path / "trials"
    made = broken(folder, trials, fault, command)
    assert made > 5
    undisturbed = trials / "undisturbed" / "case"
    after = seen(undisturbed)
    tidy(undisturbed)
    for number in range(made):
        trial = trials / str(number)
        if trial.is_symlink():  # to one that was tried
            continue
        found = seen(trial / "case")
        if name == "forget":  # goes from part to part
            assert all(part in pair for part, *pair in zip(found, before, after, strict=True))
        else:
            assert found in (before, after), number
        with contextlib.chdir(trial):
            assert cli(*command).code in LEFT_TO_DO.get(name, {0}), number
            assert seen(trial / "case") == after, number
            tidy(trial / "case")
            assert files(trial / "case") == files(undisturbed), number
        shutil.rmtree(trial)
        gc.freeze()  # what was imported is no garbage; the next trial need not look at it


def test_at_random_moments() -> None:
    """A few of the kills that `benchmarks.crash` makes by the hundred, on commands of all kinds."""
    command = [sys.executable, "-m", "benchmarks.crash", "6", "5"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, "6 kills" in ran.stdout) == (0, True), ran.stdout
