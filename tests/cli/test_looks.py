"""Looks at a case are quick: they do not load what only an analysis needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forensics.case.store import Case

#: As long to load as all else that a look needs: numbers, graphs, and the driver of a server.
SLOW = ("scipy", "igraph", "neo4j")


@pytest.mark.parametrize(
    "look",
    [
        ["--help"],
        ["status"],
        ["cluster", "list"],
        ["cluster", "show", "C-north"],  # it has a bridge
        ["cluster", "members", "C-north"],
        ["cluster", "why", "C-north"],
        ["account", "show", "north-5"],
        ["account", "why", "north-1", "north-2"],
        ["label", "list"],
    ],
    ids=" ".join,
)
def test_a_look_loads_nothing_slow(small_case: Case, look: list[str]) -> None:
    code = (
        "import sys; from forensics.cli.main import run_command\n"
        "assert run_command(sys.argv[1:]) == 0\n"
        f"print([name for name in {SLOW} if name in sys.modules], file=sys.stderr)"
    )
    given = look if look == ["--help"] else [*look, "--case", str(small_case.root)]
    command = [sys.executable, "-c", code, *given]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "[]\n")
