"""Fixtures that the rooms share."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from forensics.bundle.keys import default_key_file, new_signing_key
from forensics.case.store import Case
from forensics.cli import output
from forensics.cli.main import run_command
from tests.factory import make_case

# Where the tests run in the background SIGINT is ignored, and Python and all that it starts would
# never see the Ctrl-C that some of them press.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Two threads that wait for each other by spinning keep the other tests' process from its processor:
# twenty times the time of a small product of matrices. Read as the library is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


#: What takes long, longest first, so that at the end no process is left alone with much of it.
LONG = (
    "tests/cli/test_crash.py::test_at_every_write[analyse-ended]",
    "tests/neo4j/",
    "tests/test_analyse.py",
    "tests/cli/test_crash.py",
    "tests/cli/test_operation.py",
    "tests/cli/test_help.py",
    "tests/test_traps.py",
    "tests/bundle/",
    "tests/test_readme.py",
    "tests/ingest/",
    "tests/graph/",
    "tests/cli/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take long before the others."""

    def place(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))

    items.sort(key=place)


class _ByFixtures(LoadScopeScheduling):
    """Has one process run what shares a fixture: the tests of a file, those with servers."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path == "tests/cli/test_crash.py":  # each has a case of its own, and takes long
            return nodeid
        return "tests/neo4j" if path.startswith("tests/neo4j/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByFixtures(config, log)


@pytest.fixture(scope="session", autouse=True)
def little_garbage() -> Iterator[None]:
    """Spare commands, which collect garbage to give memory back, all that the tests import."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first of the tests' processes to need it makes, for all of them to read."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            made = factory.mktemp(name)
            make(made)
            made.rename(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests' signing key out of the user's own configuration folder."""
    with pytest.MonkeyPatch.context() as patch:

        def make_key(folder: Path) -> None:
            patch.setenv("XDG_CONFIG_HOME", str(folder))
            new_signing_key(default_key_file())

        patch.setenv("XDG_CONFIG_HOME", str(once(tmp_path_factory, "configuration", make_key)))
        # Without bytecode to read, every process that a test starts compiles for seconds.
        for name in ("FORENSICS_KEY", "FORENSICS_KEY_PASSPHRASE", "PYTHONDONTWRITEBYTECODE"):
            patch.delenv(name, raising=False)
        yield


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


#: Python code that is the `forensics` command, for tests that need a process of its own.
COMMAND = "from forensics.cli.main import main; main()"


@dataclass(frozen=True)
class Ran:
    """What a command line did: its exit code, and what it printed where."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command line in this process, on a screen of 80 columns."""
    monkeypatch.delenv("FORENSICS_CASE", raising=False)
    for console in (output.out, output.err):
        monkeypatch.setattr(console, "width", 80)

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = run_command([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


def fits(screen: str) -> bool:
    """Tell whether a screen keeps to 80 columns, commands and paths to copy apart."""
    lines = [line for line in screen.splitlines() if " --case " not in line and "/" not in line]
    return max(map(len, lines)) <= 80


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project's `sample_data`, and in `case` what `forensics run` made of it.

    What writes in it takes a copy.
    """

    def run_sample(folder: Path) -> None:
        (folder / "sample_data").symlink_to(Path(__file__).parent.parent / "sample_data")
        with contextlib.chdir(folder):
            assert run_command(["run", "sample_data"]) == 0

    return once(tmp_path_factory, "sample", run_sample)
