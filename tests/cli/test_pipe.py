"""The command in a process of its own: pipes, terminals, colours."""

from __future__ import annotations

import os
import subprocess
import sys

from forensics.case.store import Case
from tests.conftest import COMMAND

FORENSICS = [sys.executable, "-c", COMMAND]


def test_a_reader_that_closes_the_pipe_sees_no_complaint(small_case: Case) -> None:
    with subprocess.Popen(
        [*FORENSICS, "cluster", "list", "--case", small_case.root, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


def test_piped_output_has_no_colours(small_case: Case) -> None:
    ran = subprocess.run(
        [*FORENSICS, "cluster", "show", "C-north", "--case", small_case.root],
        capture_output=True,
        check=True,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    assert b"\x1b" not in ran.stdout + ran.stderr
