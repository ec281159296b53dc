"""Sign-up columns that no table knows: they stay with the account, as a JSON object of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

_CONTROL = [chr(code) for code in range(0x20)]


def extra_json(columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """Return one JSON object per row: column name to text, by name, without the empty ones.

    A row that has nothing gets null. The text is the same as `json.dumps` would write.
    """
    members = [
        pc.fill_null(pc.binary_join_element_wise(f", {_key(name)}: ", literal(text), ""), "")
        for name, text in sorted(columns.items())
    ]
    if not members:
        return pa.nulls(rows, pa.string())
    body = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, "", ""), 2)
    whole = pc.binary_join_element_wise("{", body, "}", "")
    return pc.if_else(pc.equal(body, ""), pa.scalar(None, pa.string()), whole)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def literal(text: pa.Array) -> pa.Array:
    """Return text as JSON string literals."""
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    if pc.any(pc.match_substring_regex(escaped, r"[\x00-\x1f]")).as_py():
        escaped = reduce(_escape, _CONTROL, escaped)
    return pc.binary_join_element_wise('"', escaped, '"', "")


def _escape(text: pa.Array, sign: str) -> pa.Array:
    return pc.replace_substring(text, sign, json.dumps(sign)[1:-1])
