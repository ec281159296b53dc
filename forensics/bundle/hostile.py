r"""Strings that an attacker may have chosen, made harmless and visible.

Control characters, bidirectional marks and other invisible ones become `\u202e` and the like; a
backslash that could be mistaken for one becomes `\u005c`, so what was there can be read back.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

# Fixed here, and not asked of `unicodedata`, whose answer depends on the version of Python:
# controls, soft hyphen, fillers, bidirectional and zero-width marks, interlinear and tag
# characters, noncharacters, and a backslash before u or U.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
)
_HIDDEN = re.compile(rf"[{_INVISIBLE}]|\\(?=[uU])")
# The same for RE2, which has no look-ahead: finds a few strings too many, never one too few.
_SUSPECT = rf"[{_INVISIBLE}]|\\"

# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def visible(text: str) -> str:
    """Return `text` with everything invisible spelt out, on one line."""
    return _HIDDEN.sub(_spelt, text)


def shortened(text: str, length: int = 120) -> str:
    """Return `text`, its middle replaced by an ellipsis where it is longer; not yet `visible`."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def xml_text(text: str) -> str:
    """Return `text` for the inside of an XML element or a double-quoted attribute."""
    return escape(visible(text), {'"': "&quot;"})


def csv_text(text: str) -> str:
    """Return `text` for a CSV cell: visible, and never a formula.

    A cell that a spreadsheet would take for one gets an apostrophe in front; so does one that
    already has apostrophes there, so that taking one away gives back what was there.
    """
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def csv_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return `csv_text` of each string; only suspect ones are looked at one by one."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    suspect = pc.fill_null(
        pc.or_(
            pc.match_substring_regex(texts, _SUSPECT),
            pc.match_substring_regex(texts, r"^'*[=+\-@]"),
        ),
        False,
    )
    safe = [csv_text(text) for text in texts.filter(suspect).to_pylist()]
    return pc.replace_with_mask(texts, suspect, pa.array(safe, pa.string())) if safe else texts


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
