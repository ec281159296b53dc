"""From any Arrow column to trimmed text, null where the source says that nothing is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.ingest.checked import NO_REASON, Checked, on_distinct, refuse

#: Words that exporting programs write for "no value". An account id of "null" is no account.
_NOTHING = pa.array(
    [
        *("", "null", "NULL", "(null)", "nil", "None", "undefined"),
        *("nan", "NaN", "NaT", "<NA>", "N/A", "n/a", "\\N"),
    ]
)
_LARGEST_EXACT = 2.0**53
_JOINED = (
    "lines in one value: is a quotation mark not closed? Close it, or double it if it belongs to "
    "the value"
)


def to_text(raw: pa.Array) -> Checked:
    """Return a column as text, outer blanks removed. Bytes that are not UTF-8 make a bad row."""
    return decoded(raw).then(_cleaned)


def distinct_text(raw: pa.Array) -> pa.Array:
    """Return a column in a type whose distinct values can be found: as it is, or as text."""
    if pa.types.is_dictionary(raw.type):
        return raw.dictionary_decode()
    return _json_text(raw) if pa.types.is_nested(raw.type) else raw


def limited(text: pa.Array, max_bytes: int) -> Checked:
    """Refuse text of more than `max_bytes` bytes."""
    too_long = pc.greater(pc.binary_length(text), max_bytes)
    return refuse(text, too_long, f"longer than {max_bytes:,} bytes", show=False)


def joined(raw: pa.Array) -> pa.Array | None:
    """Return what is wrong with bytes of several lines, null for others; None where none has."""
    data = raw.buffers()[2]
    held = b"" if data is None else data.to_pybytes()
    if b"\n" not in held and b"\r" not in held:  # the common case, at the speed of memory
        return None
    broken = pc.or_(pc.match_substring(raw, "\n"), pc.match_substring(raw, "\r"))
    if not pc.any(broken).as_py():
        return None
    text = pc.utf8_trim_whitespace(decoded(pc.if_else(broken, raw, b"")).values)
    lines = pc.add(pc.count_substring_regex(text, "\r\n?|\n"), 1)
    words = pc.binary_join_element_wise(pc.cast(lines, pa.string()), _JOINED, " ")
    return pc.if_else(pc.greater(lines, 1), words, NO_REASON)


def read_text(raw: pa.Array, max_bytes: int, check: Callable[[pa.Array], Checked]) -> Checked:
    """Return `check` of a column's text, refusing values of more than `max_bytes` bytes."""
    return on_distinct(
        distinct_text(raw),
        lambda values: to_text(values).then(lambda text: limited(text, max_bytes)).then(check),
    )


def decoded(raw: pa.Array) -> Checked:
    """Return a column as text exactly as it stands there."""
    kind = raw.type
    if pa.types.is_null(kind):
        return Checked(pa.nulls(len(raw), pa.string()))
    if pa.types.is_string(kind) or pa.types.is_fixed_size_binary(kind):
        return _utf8(pc.cast(raw, pa.binary()))  # a file may call bytes text that are none
    if pa.types.is_large_string(kind):
        return _utf8(pc.cast(raw, pa.large_binary()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _utf8(raw)
    if pa.types.is_floating(kind):
        return Checked(_number_text(pc.cast(raw, pa.float64())))
    if pa.types.is_nested(kind):
        return _utf8(_json_text(raw))
    return Checked(pc.cast(raw, pa.string()))


def _cleaned(text: pa.Array) -> Checked:
    trimmed = pc.utf8_trim_whitespace(text)
    return Checked(pc.if_else(pc.is_in(trimmed, _NOTHING), pa.scalar(None, pa.string()), trimmed))


def _utf8(raw: pa.Array) -> Checked:
    try:
        return Checked(pc.cast(raw, pa.string()))
    except pa.ArrowInvalid:
        good = pa.array([value is None or _is_utf8(value) for value in raw.to_pylist()])
        kept = pc.if_else(good, raw, pa.scalar(None, raw.type))
        reasons = refuse(raw, pc.invert(good), "not UTF-8 text", show=False).reasons
        return Checked(pc.cast(kept, pa.string()), reasons)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _number_text(values: pa.Array) -> pa.Array:
    """Write whole numbers without a decimal point: spreadsheets turn ids into floats."""
    finite = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
    whole = pc.and_(pc.equal(pc.floor(finite), finite), pc.less(pc.abs(finite), _LARGEST_EXACT))
    integers = pc.cast(pc.if_else(whole, finite, pa.scalar(None, pa.float64())), pa.int64())
    return pc.coalesce(pc.cast(integers, pa.string()), pc.cast(finite, pa.string()))


def _json_text(raw: pa.Array) -> pa.Array:
    """Write nested values as JSON; one with text that is not UTF-8 becomes a byte that is not."""
    try:
        return pa.array([_json(value) for value in raw.to_pylist()], pa.binary())
    except UnicodeDecodeError:
        return pa.array([_json_or_not(value) for value in raw], pa.binary())


def _json(value: Any) -> bytes | None:
    if value is None:
        return None
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False).encode()


def _json_or_not(value: pa.Scalar) -> bytes | None:
    try:
        return _json(value.as_py())
    except UnicodeDecodeError:
        return b"\xff"
