"""Small parts of SVG pictures. Every kind of thing has its own shape, colour and letter, so that a
picture can be read without colour and without a legend at hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from forensics.bundle.hostile import shortened, xml_text

INK, GREY, LINE, PAPER = "#1c2024", "#5b636b", "#c9ced3", "#ffffff"
#: Pictures keep this much empty at both sides.
MARGIN = 18
_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\1"')
FONT = "'Liberation Sans','Helvetica Neue',Arial,sans-serif"


@dataclass(frozen=True)
class Look:
    """How one class of shared value is drawn."""

    letter: str
    name: str
    sides: int
    turn: float  # of the first corner, in turns from straight up
    fill: str


#: By class (see `identifiers`); fills keep dark text readable (contrast over 7 to 1).
LOOKS = {
    "PaymentInstrument": Look("C", "payment card or account", 4, 0.125, "#ffd28a"),
    "IpAddress": Look("A", "address or network", 3, 0.0, "#a9d3f5"),
    "Device": Look("D", "device", 4, 0.0, "#a8dfc3"),
    "PromptTemplate": Look("T", "prompt template", 6, 0.0, "#dcc3ec"),
    "Identifier": Look("I", "other identifier", 5, 0.0, "#e3e0d8"),
}


def document(parts: Sequence[str], width: int, height: int, title: str, about: str) -> str:
    """Return an SVG document; `about` is its alternative text."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="13" '
        f'fill="{INK}">\n<title>{xml_text(title)}</title>\n'
        f"<desc>{xml_text(shortened(about, 1000))}</desc>\n"
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def inline(picture: str) -> str:
    """Return a `document` for the inside of an HTML page: without name space and side margins."""
    bare = picture.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return _BOX.sub(
        lambda box: (
            f'viewBox="{MARGIN} 0 {int(box[1]) - 2 * MARGIN} {box[2]}" '
            f'width="{int(box[1]) - 2 * MARGIN}"'
        ),
        bare,
        count=1,
    )


def text(x: float, y: float, words: str, *, length: int = 200, **style: object) -> str:
    """Return words whose base line begins at (x, y); `length` characters at most."""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}"{_style(style)}>{xml_text(shortened(words, length))}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, **style: object) -> str:
    """Return a straight line."""
    style = {"stroke": LINE, **style}
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"{_style(style)}/>'


def rect(x: float, y: float, width: float, height: float, **style: object) -> str:
    """Return a rectangle."""
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return f'<rect x="{_n(x)}" y="{_n(y)}" {size}{_style(style)}/>'


def circle(x: float, y: float, radius: float, **style: object) -> str:
    """Return a circle."""
    style = {"fill": PAPER, "stroke": INK, "stroke_width": 1.5, **style}
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"{_style(style)}/>'


def symbol(x: float, y: float, radius: float, look: Look, code: str) -> str:
    """Return the shape of a shared value with its code inside."""
    # A triangle and a square need more room than a hexagon for the same words.
    reach = radius * {3: 1.45, 4: 1.25}.get(look.sides, 1.1)
    corners = []
    for corner in range(look.sides):
        angle = 2 * pi * (look.turn + corner / look.sides)
        corners.append(f"{_n(x + reach * sin(angle))},{_n(y - reach * cos(angle))}")
    words = text(x, y + 4, code, text_anchor="middle", font_size=11, font_weight="bold")
    shape = f'<polygon points="{" ".join(corners)}" fill="{look.fill}" stroke="{INK}"/>'
    return shape + words


def _n(value: float) -> str:
    return f"{value:z.1f}".removesuffix(".0")


def _style(style: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
