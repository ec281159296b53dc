"""What docs/verify-by-hand.md tells a reader to do works, and finds what it should."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forensics.bundle.create import contents
from forensics.bundle.custody import attest
from forensics.bundle.evidence import Evidence
from tests.bundle.test_mutations import MINE, THEIRS

DOCS = Path(__file__).parent.parent.parent / "docs"
TEXT = (DOCS / "verify-by-hand.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SHELL = [b for b in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "openssl" not in b]
OPENSSL = [b for b in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "openssl" in b]
#: What this machine can run of it.
RUNNABLE = [*SHELL[:1], *(OPENSSL + SHELL[1:] if shutil.which("openssl") else [])]


@pytest.fixture
def handed_over(north: Path) -> Path:
    attest(north, "created", MINE)
    (north.parent / "maker.pub").write_text(MINE.public.pem)
    return north


def by_hand(bundle: Path, script: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the page in the bundle's folder, its files in places of our own."""
    script = script.replace("/tmp/", f"{scratch}/").replace(
        "maker.pub", str(bundle.parent / "maker.pub")
    )
    command = [sys.executable, "-c"] if "import " in script else ["sh", "-ec"]
    return subprocess.run(
        [*command, script], cwd=bundle, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_python_on_the_page_accepts_the_bundle(handed_over: Path, tmp_path: Path) -> None:
    genuine, sums = (by_hand(handed_over, script, tmp_path) for script in PYTHON)
    assert genuine.stdout.startswith("intact, and signed with "), genuine.stderr
    assert sums.stdout == "9 links add up\n", sums.stderr


def test_the_python_on_the_page_finds_a_change(handed_over: Path, tmp_path: Path) -> None:
    with (handed_over / "data" / "links.csv").open("a") as file:
        file.write("\n")
    ran = by_hand(handed_over, PYTHON[0], tmp_path)
    assert "AssertionError: data/links.csv" in ran.stderr


def test_the_python_on_the_page_knows_the_key(handed_over: Path, tmp_path: Path) -> None:
    (handed_over.parent / "maker.pub").write_text(THEIRS.public.pem)
    assert "InvalidSignature" in by_hand(handed_over, PYTHON[0], tmp_path).stderr


def test_the_commands_on_the_page_accept_the_bundle(handed_over: Path, tmp_path: Path) -> None:
    ran = by_hand(handed_over, "\n".join(RUNNABLE), tmp_path)
    assert ran.returncode == 0, ran.stderr
    if len(RUNNABLE) > 1:
        assert "Signature Verified Successfully\nabout this bundle\n" in ran.stdout
    assert len(SHELL) == 2
    assert len(OPENSSL) == 1


def test_the_commands_on_the_page_find_changes(handed_over: Path, tmp_path: Path) -> None:
    (handed_over / "data" / "new.txt").write_text("new")
    assert "data/new.txt" in by_hand(handed_over, RUNNABLE[0], tmp_path).stdout
    (handed_over / "data" / "new.txt").unlink()
    (handed_over / "data" / "links.csv").unlink()
    assert "data/links.csv" in by_hand(handed_over, RUNNABLE[0], tmp_path).stderr


def test_the_guide_names_every_file(evidence: Evidence) -> None:
    guide = (DOCS / "bundle.md").read_text()
    for name in contents(evidence):
        assert (name if "/" not in name else "queries/*.cypher") in guide
