"""SVG pictures as PNG, for where SVG can't be shown."""

from __future__ import annotations

import resvg_py

from forensics.bundle import svg
from forensics.errors import UsageError

#: Pixels for one unit of the picture: sharp on any screen, and in print.
SCALE = 2
#: The renderer has no fonts of its own and leaves words out silently where none of these is there.
_FONTS = (
    f"{svg.FONT},'DejaVu Sans','Noto Sans','Open Sans',Roboto,Ubuntu,Cantarell,FreeSans,Arimo,"
    "Verdana,Tahoma,Lato"
)
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" font-family="{}">{}</svg>'


def png(picture: str) -> bytes:
    """Draw an SVG document of ours as PNG.

    Raises:
        UsageError: this machine has no font for the words.
    """
    blank, word = (_drawn(_PROBE.format(_FONTS, x)) for x in ("", '<text y="9">M</text>'))
    if blank == word:
        raise UsageError("a PNG needs a font, and none is installed here; draw to a file.svg")
    return _drawn(picture.replace(svg.FONT, _FONTS, 1))


def _drawn(document: str) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=document, zoom=SCALE))
