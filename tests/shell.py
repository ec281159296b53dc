"""Command lines as a person types them into a shell: pipes, `*`, `> file`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import COMMAND


def in_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in bash, where `forensics` is the code under test."""
    script = f'forensics() {{ "{sys.executable}" -c "{COMMAND}" "$@"; }}\n{line}'
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True)
