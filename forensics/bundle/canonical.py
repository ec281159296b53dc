"""Canonical JSON by RFC 8785 (JSON Canonicalization Scheme), for single values and whole columns.

Keys are sorted by UTF-16 code units, there is no white space, and numbers are written as
ECMAScript writes them. Times become "2026-01-05T08:00:00Z".
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def canonical(value: Any) -> bytes:
    """Return one value as canonical JSON in UTF-8, without a line end."""
    return _text(value).encode()


def when(value: datetime) -> str:
    """Return a time as fixed-width ISO 8601, UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: float) -> str:
    """Return a number as ECMAScript's Number.prototype.toString does (RFC 8785, section 3.2.2.3).

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + ("" if fraction == "0" else fraction)
    point = len(whole) + int(exponent or 0)  # the decimal point stands after this many digits
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    if 0 < point <= 21:
        if len(digits) <= point:
            return f"{sign}{digits}{'0' * (point - len(digits))}"
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def column(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the canonical JSON text of each value of a column; null gives "null"."""
    if pa.types.is_integer(values.type):
        return pc.fill_null(_whole(values).cast(pa.string()), "null")
    return pc.fill_null(each(values, _text), "null")


def each(values: pa.Array | pa.ChunkedArray, write: Callable[[Any], str]) -> pa.Array:
    """Return what `write` makes of each value of a column; null stays null.

    Each distinct value is written once, so long columns of few values are quick.
    """
    encoded = _whole(values).dictionary_encode()
    texts = [write(value) for value in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(texts, pa.string()), encoded.indices)


def lines(*parts: pa.Array | str) -> bytes:
    """Return lines that consist of columns of texts without nulls, and of what all have alike."""
    texts = pc.binary_join_element_wise(*parts, "")
    return bytes(texts.buffers()[2])  # the texts of a column lie there one after the other


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


_quoted = json.JSONEncoder(ensure_ascii=False).encode


def _ordered(keys: dict[str, Any]) -> list[str]:
    """Return keys in order of their UTF-16 code units: that of characters, where all are ASCII."""
    if all(key.isascii() for key in keys):
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return json.dumps(when(value))
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(k)}:{_text(value[k])}" for k in _ordered(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no place in JSON")
