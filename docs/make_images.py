"""Makes the README's pictures from the sample data: the summary and a cluster as SVG, a report as
PNG.

The report needs a Chromium; everything happens in a temporary folder.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT

from forensics.cli.main import run_command
from forensics.cli.output import err

ROOT = Path(__file__).parent.parent
IMAGES = Path(__file__).parent / "images"
#: The cluster of the README; small enough to make out its accounts.
DRAWN = "C-ojlu"
#: Without rich's web fonts: a picture must not fetch anything.
SVG = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.S).replace(
    "font-family: Fira Code, monospace", "font-family: monospace"
)


def make_images() -> None:
    """Write summary.svg, cluster.svg and report.png into docs/images."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        Path("sample_data").symlink_to(ROOT / "sample_data")
        err.record, err.width = True, 80
        if run_command(["run", "sample_data"]):
            raise SystemExit(1)
        svg = err.export_svg(title="forensics run sample_data", code_format=SVG)
        (IMAGES / "summary.svg").write_text(svg)
        if run_command(["cluster", "draw", DRAWN, "-o", "cluster.svg"]):
            raise SystemExit(1)
        (IMAGES / "cluster.svg").write_text(Path("cluster.svg").read_text())
        largest = max(Path("case/bundles").iterdir(), key=_members)
        _screenshot(largest.absolute() / "data" / "report.html", IMAGES / "report.png")


def _members(bundle: Path) -> int:
    return len((bundle / "data" / "accounts.csv").read_text().splitlines())


def _screenshot(page: Path, image: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("no Chromium found: the report's picture was not made")
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1000,1300"]
    subprocess.run(
        [browser, *options, f"--screenshot={image}", page.as_uri()],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    make_images()
