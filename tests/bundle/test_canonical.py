from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.bundle import canonical
from forensics.bundle.canonical import number

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (333333333.33333329, "333333333.3333333"),
        (1e30, "1e+30"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (0.000000000000000000000000001, "1e-27"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (9007199254740994.0, "9007199254740994"),
        (-10.0, "-10"),
    ],
)
def test_numbers_are_written_as_rfc_8785_says(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_the_same(value: float) -> None:
    assert float(number(value)) == value


@given(JSON)
def test_json_reads_back_the_same_and_is_its_own_canonical_form(value: object) -> None:
    text = canonical.canonical(value)
    read = json.loads(text, parse_int=lambda t: int(t) if abs(int(t)) <= 2**53 else float(t))
    assert read == value
    assert canonical.canonical(read) == text


def test_keys_stand_in_the_order_of_their_utf16_units() -> None:
    given = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    text = canonical.canonical(given).decode()
    assert list(json.loads(text).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_a_column_is_written_value_by_value() -> None:
    column = pa.chunked_array([["a", None], ['"', "a"]])
    assert canonical.column(column).to_pylist() == ['"a"', "null", '"\\""', '"a"']
    assert canonical.column(pa.array([0.5, None, 3.0])).to_pylist() == ["0.5", "null", "3"]
    times = pa.array([datetime(2026, 1, 5, 8, tzinfo=UTC)], pa.timestamp("us", tz="UTC"))
    assert canonical.column(times).to_pylist() == ['"2026-01-05T08:00:00Z"']


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no place in JSON"):
        number(value)
