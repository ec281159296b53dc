"""Times as numbers and as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from forensics.utc import epoch_seconds, utc_text


def test_times_are_rounded_down_to_the_second() -> None:
    given = [
        datetime(2026, 1, 31, 23, 59, 59, 999_999, UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, UTC),
        None,
    ]
    times = pa.chunked_array([pa.array(given, pa.timestamp("us", "UTC"))])
    assert utc_text(times).to_pylist() == ["2026-01-31T23:59:59Z", "1969-12-31T23:59:59Z", None]
    assert epoch_seconds(times).to_pylist() == [1769903999, -1, None]


def test_each_year_has_four_digits() -> None:
    times = [datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=365 * n) for n in range(0, 9999, 97)]
    texts = utc_text(pa.array(times, pa.timestamp("us", "UTC"))).to_pylist()
    assert texts == [time.isoformat().replace("+00:00", "Z") for time in times]
