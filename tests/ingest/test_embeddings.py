from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forensics.ingest.embeddings import directions, vectors

NAN, INF = float("nan"), float("inf")


def stored(raw: pa.Array, dimension: int = 3) -> list[list[int] | None]:
    values = directions(vectors(raw), dimension).values
    assert values.type == pa.binary(dimension)
    return [None if v is None else list(np.frombuffer(v, np.int8)) for v in values.to_pylist()]


@pytest.mark.parametrize("width", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("make", [pa.list_, pa.large_list, lambda t: pa.list_(t, 3)])
def test_every_list_type(width: pa.DataType, make: Any) -> None:
    raw = pa.array([[1.0, 2.0, -4.0], None, [0.0, 0.0, 0.0]], make(width))
    assert stored(raw) == [[32, 64, -127], None, [0, 0, 0]]
    assert stored(raw[1:]) == [None, [0, 0, 0]]


@pytest.mark.parametrize(
    "text", ["[1, 2, -4]", "1 2 -4", "{1;2;-4}", "[ 1.0\n 2.0  -4.0 ]", "1,2,-4"]
)
def test_every_spelling_in_text(text: str) -> None:
    assert stored(pa.array([text])) == [[32, 64, -127]]
    assert stored(pa.array([text, "[1, x, 2]", "", None])) == [[32, 64, -127], None, None, None]


def test_why_an_embedding_is_bad() -> None:
    raw = pa.array([[1.0, 2.0, 3.0], [1.0, 2.0], [NAN, 1.0, 2.0], [1.0, INF, 2.0], None])
    assert directions(vectors(raw), 3).reasons.to_pylist() == [
        None,
        "an embedding of another length than the case's 3; found '2'",
        "holds a value that is no finite number",
        "holds a value that is no finite number",
        None,
    ]
    assert directions(vectors(pa.array(["soft", "[1,2,3]"])), 3).reasons.to_pylist() == [
        "not a list of numbers",
        None,
    ]


def test_the_usual_length_is_that_of_most_rows() -> None:
    assert vectors(pa.array([[1.0], [1.0, 2.0], [3.0, 4.0], None])).usual_length() == 2
    assert vectors(pa.array([None, []], pa.list_(pa.float32()))).usual_length() is None


@given(
    hnp.arrays(np.float32, (4, 8), elements=st.floats(-100, 100, width=32, allow_subnormal=False)),
    st.sampled_from([0.5, 2.0, 1024.0]),
)
def test_the_length_of_a_vector_does_not_matter(matrix: np.ndarray, scale: float) -> None:
    assert stored(pa.array(list(matrix)), 8) == stored(pa.array(list(matrix * scale)), 8)


@given(hnp.arrays(np.float32, (5, 6), elements=st.floats(-1, 1, width=16)))
def test_a_component_is_within_half_a_step(matrix: np.ndarray) -> None:
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    found = np.array(stored(pa.array(list(matrix)), 6))
    assert np.all(np.abs(found - 127 * matrix / np.where(largest, largest, 1)) <= 0.5001)
