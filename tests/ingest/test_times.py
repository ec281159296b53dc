from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from forensics.ingest.times import times

UTC = dt.UTC


def read(*values: Any, kind: pa.DataType | None = None) -> list[dt.datetime | None]:
    found: list[dt.datetime | None] = times(pa.array(values, kind)).checked.values.to_pylist()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05T12:30:10Z", dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)),
        ("2026-01-05T12:30:10.123456Z", dt.datetime(2026, 1, 5, 12, 30, 10, 123456, tzinfo=UTC)),
        ("2026-01-05T12:30:10.123456789Z", dt.datetime(2026, 1, 5, 12, 30, 10, 123456, tzinfo=UTC)),
        ("2026-01-05 12:30:10", dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)),
        ("2026-01-05 12:30", dt.datetime(2026, 1, 5, 12, 30, tzinfo=UTC)),
        ("2026-01-05", dt.datetime(2026, 1, 5, tzinfo=UTC)),
        ("20260105", dt.datetime(2026, 1, 5, tzinfo=UTC)),
        ("20260105T123010Z", dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)),
        ("2026-01-05T12:30:10+02:00", dt.datetime(2026, 1, 5, 10, 30, 10, tzinfo=UTC)),
        ("2026-01-05T12:30:10-0530", dt.datetime(2026, 1, 5, 18, 0, 10, tzinfo=UTC)),
        ("2026-01-05 12:30:10 UTC", dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)),
        ("2024-02-29", dt.datetime(2024, 2, 29, tzinfo=UTC)),
        ("1767616210", dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)),
        ("1767616210123", dt.datetime(2026, 1, 5, 12, 30, 10, 123000, tzinfo=UTC)),
        ("1767616210.5", dt.datetime(2026, 1, 5, 12, 30, 10, 500000, tzinfo=UTC)),
    ],
)
def test_every_spelling_of_a_time_is_read(text: str, expected: dt.datetime) -> None:
    assert read(text) == [expected]
    assert read(text, "something else")[0] == expected


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2023-02-29", "2026-13-01", "yesterday", "12", "2026-01-05T24:00:00Z"]
)
def test_what_is_no_time_is_bad_and_shown(text: str) -> None:
    checked = times(pa.array(["2026-01-01", text])).checked
    assert checked.values.to_pylist()[1] is None
    assert checked.reasons.to_pylist() == [
        None,
        "not a time (ISO 8601, Unix seconds or Unix milliseconds, from 1970 to 2199); "
        f"found '{text}'",
    ]


def test_empty_values_are_missing_not_bad() -> None:
    checked = times(pa.array(["", None, "NaT", "2026-01-01Z"])).checked
    assert checked.reasons is None or checked.reasons.null_count == 4
    assert checked.values.null_count == 3


def test_times_without_offset_are_counted() -> None:
    assert times(pa.array(["2026-01-05 12:30:10", "2026-01-05", "1767616210", "", "x"])).naive == 2
    assert times(pa.array(["2026-01-05T12:30:10", "2026-01-06T12:30:10"])).naive == 2
    assert times(pa.array(["2026-01-05T12:30:10Z"])).naive == 0
    assert times(pa.array([0, None], pa.timestamp("s"))).naive == 1
    assert times(pa.array([0], pa.timestamp("ms", tz="Asia/Tokyo"))).naive == 0


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_arrow_timestamps_of_any_unit_and_zone(unit: str, zone: str | None) -> None:
    ticks = 1_767_616_210 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    raw = pa.array([ticks]).cast(pa.timestamp(unit, tz=zone))
    assert times(raw).checked.values.to_pylist() == [
        dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)
    ]


def test_numbers_and_dates() -> None:
    when = dt.datetime(2026, 1, 5, 12, 30, 10, tzinfo=UTC)
    assert read(1767616210, 1767616210000, 5, None) == [when, when, None, None]
    assert read(1767616210.0, float("nan")) == [when, None]
    assert read(dt.date(2026, 1, 5)) == [dt.datetime(2026, 1, 5, tzinfo=UTC)]


def test_times_out_of_range_are_bad() -> None:
    assert read(-1, 2**60, kind=pa.timestamp("s")) == [None, None]
    assert read("1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z") == [None, None]
