"""Puts what a benchmark measured into its own section of a Markdown document."""

from __future__ import annotations

import re
from pathlib import Path


def put_section(document: Path, title: str, body: str, *, level: int = 2) -> None:
    """Replace the body of the section `## title` between its two marks, or append both.

    What people write in that section outside of the marks stays.
    """
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
    block = f"{begin}\n{body.strip()}\n{end}"
    text = document.read_text() if document.exists() else "# Benchmarks\n"
    if begin in text:
        head, rest = text.split(begin, 1)
        text = head + block + rest.split(end, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n{'#' * level} {title}\n\n{block}\n"
    document.write_text(text)
