"""The console for people: what others chose is shown as it is, and can't drive the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

#: Control, formatting and surrogate characters, line and paragraph separators.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class Screen(Console):
    """A console without emoji codes (an address may hold `:b:`) and others' control characters.

    What is laid out in columns is to be spelt before, so that its width is known; this is the last
    gate.
    """

    def __init__(self, *, stderr: bool) -> None:
        super().__init__(stderr=stderr, highlight=False, emoji=False)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Give the parts of what is printed; the console's own control codes stay as they are."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else lines_spelt(text), style, control)


def spelt(text: str) -> str:
    """Make control and bidirectional characters of untrusted text visible, on one line."""
    if text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in _UNSEEN else c for c in text)


def lines_spelt(text: str) -> str:
    """Like `spelt`, of text that may have several lines."""
    return "\n".join(map(spelt, text.split("\n")))
