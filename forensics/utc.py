"""Columns of times in whole seconds, as numbers and as text."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def whole_seconds(times: pa.Array | pa.ChunkedArray) -> Any:
    """Return times, in UTC, rounded down to the second."""
    # Without its zone a time is not looked up in the zone's history, which takes ten times longer.
    plain = times.cast(pa.timestamp(times.type.unit))
    return pc.floor_temporal(plain, unit="second").cast(pa.timestamp("s"))


def epoch_seconds(times: pa.Array | pa.ChunkedArray) -> Any:
    """Return times as whole epoch seconds, rounded down."""
    return whole_seconds(times).cast(pa.int64())


def utc_text(times: pa.Array | pa.ChunkedArray) -> Any:
    """Return times as `2026-01-31T23:59:59Z`, rounded down to the second."""
    texts = whole_seconds(times).cast(pa.string())  # "2026-01-31 23:59:59"
    return pc.binary_join_element_wise(pc.replace_substring(texts, " ", "T"), "Z", "")
