"""A column in canonical form, with the reason why each bad row is bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

NO_REASON = pa.scalar(None, pa.string())

_SHOWN_CHARACTERS = 60
#: Thirteen digits with no letter between them could be a card number, so they are never shown.
_LONG_NUMBER = r"(?:\p{N}[^\p{L}\p{N}]*){13}"
_INVISIBLE = r"[\p{C}\p{Zl}\p{Zp}]"


@dataclass(frozen=True)
class Checked:
    """`values` are canonical, null where a row is bad or empty.

    `reasons` says in words what is wrong with a row, null where nothing is; None when all is well.
    """

    values: pa.Array
    reasons: pa.StringArray | None = None

    def take(self, indices: pa.Array) -> Checked:
        """Return the rows at `indices`."""
        reasons = None if self.reasons is None else self.reasons.take(indices)
        return Checked(self.values.take(indices), reasons)

    def then(self, check: Callable[[pa.Array], Checked]) -> Checked:
        """Go on with a further check of the values; the first reason found for a row stays."""
        further = check(self.values)
        return Checked(further.values, either(self.reasons, further.reasons))


def on_distinct(raw: pa.Array, check: Callable[[pa.Array], Checked]) -> Checked:
    """Apply a check to the distinct values of a column, and spread the result over its rows."""
    encoded = raw if pa.types.is_dictionary(raw.type) else raw.dictionary_encode()
    return check(encoded.dictionary).take(encoded.indices)


def refuse(values: pa.Array, bad: pa.BooleanArray, problem: str, *, show: bool = True) -> Checked:
    """Take the bad values out, for a `problem` that is worded once for all of them.

    With `show`, the reason ends in the value that was found.
    """
    bad = pc.fill_null(bad, False)
    if not pc.any(bad).as_py():
        return Checked(values)
    positions = pc.indices_nonzero(bad)
    found = values.take(positions)
    words = pa.array([problem], pa.string()).take(pa.array([0] * len(found), pa.int8()))
    if show:
        words = pc.binary_join_element_wise(words, shown(found), "; found ")
    nothing = pa.nulls(len(values), pa.string())
    return Checked(
        pc.if_else(bad, pa.scalar(None, values.type), values),
        pc.replace_with_mask(nothing, bad, words),
    )


def shown(values: pa.Array) -> pa.StringArray:
    """Return values as they may stand in a message: quoted, cut, visible, never a long number."""
    text = pc.cast(values, pa.string())
    visible = pc.replace_substring_regex(text, _INVISIBLE, "\ufffd")
    cut = pc.utf8_slice_codeunits(visible, 0, _SHOWN_CHARACTERS)
    ending = pc.if_else(pc.greater(pc.utf8_length(visible), _SHOWN_CHARACTERS), "…'", "'")
    quoted = pc.binary_join_element_wise("'", cut, ending, "")
    number = pc.match_substring_regex(text, _LONG_NUMBER)
    return pc.if_else(number, "a long number, not shown", quoted)


def shown_name(name: str) -> str:
    """Return one name (of a column, of a file) as it may stand in a message."""
    text: str = shown(pa.array([name], pa.string()))[0].as_py()
    return text


def either(first: pa.Array | None, second: pa.Array | None) -> pa.Array | None:
    """Return the reasons of `first`, filled up with those of `second`."""
    if first is None or second is None:
        return second if first is None else first
    return pc.coalesce(first, second)
