"""Pictures as PNG: with their words, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
import resvg_py

from forensics.bundle import svg
from forensics.bundle.png import png
from forensics.errors import UsageError


def picture(words: str) -> str:
    return svg.document([svg.text(10, 20, words)], 100, 30, "title", "about")


def test_the_words_are_drawn() -> None:
    assert len({png(picture(words)) for words in ("", "M", "W")}) == 3


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert png(picture("card")) == png(picture("card"))


def test_hostile_words_stay_words() -> None:
    hostile = "</text><image href='/etc/passwd'/>&\x00\u202e"
    assert png(picture(hostile)) != png(picture(""))


def test_a_machine_without_fonts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_fonts(**options: Any) -> bytes:
        return draw(**options, skip_system_fonts=True)

    draw = resvg_py.svg_to_bytes
    monkeypatch.setattr(resvg_py, "svg_to_bytes", without_fonts)
    with pytest.raises(UsageError, match="needs a font, and none is installed here"):
        png(picture("card"))
