"""Times of every accepted form as timestamps in microseconds, UTC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.tables import TIME
from forensics.ingest.checked import Checked, refuse
from forensics.ingest.text import to_text

EXPECTED = "ISO 8601, Unix seconds or Unix milliseconds, from 1970 to 2199"
_PROBLEM = f"not a time ({EXPECTED})"

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_LAST_SECOND = int(np.datetime64("2200-01-01", "s").astype(np.int64))
#: Unix seconds from 1973 on have 9 or 10 digits, milliseconds 12 or 13: they can't be confused.
_SECONDS = (1e8, 1e10)
_MILLISECONDS = (1e11, 1e13)

_UNIX = r"^[0-9]{9,13}(?:\.[0-9]*)?$|^[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}$"
_ISO = (
    r"^(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})?"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"\s?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)


@dataclass(frozen=True)
class Times:
    """Times in UTC, what is wrong with the others, and how many had no offset."""

    checked: Checked
    naive: int = 0


def times(raw: pa.Array) -> Times:
    """Read a column of times of any type: timestamps, dates, numbers or text."""
    kind = raw.type
    if pa.types.is_timestamp(kind):
        return Times(_timestamps(raw), 0 if kind.tz else len(raw) - raw.null_count)
    if pa.types.is_date(kind):
        return Times(_timestamps(pc.cast(raw, pa.timestamp("s"))), len(raw) - raw.null_count)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Times(_unix(raw))
    text = to_text(raw)
    found = _text(text.values)
    return Times(text.then(lambda _: found.checked), found.naive)


def _text(text: pa.Array) -> Times:
    for kind, naive in ((TIME, 0), (pa.timestamp("us"), len(text) - text.null_count)):
        try:
            return Times(_timestamps(pc.cast(text, kind)), naive)
        except pa.ArrowInvalid:
            continue
    unix = pc.fill_null(pc.match_substring_regex(text, _UNIX), False)
    numbers = _unix(pc.cast(pc.if_else(unix, text, pa.scalar(None, pa.string())), pa.float64()))
    others = _iso(pc.if_else(unix, pa.scalar(None, pa.string()), text))
    values = pc.coalesce(numbers.values, others.checked.values)
    bad = pc.and_(pc.is_valid(text), pc.is_null(values))
    return Times(Checked(values, refuse(text, bad, _PROBLEM).reasons), others.naive)


def _timestamps(raw: pa.Array) -> Checked:
    """Bring timestamps of any unit and zone to microseconds, refusing those out of range."""
    per_second = _PER_SECOND[raw.type.unit]
    ticks = raw.view(pa.int64())
    inside = pc.and_(
        pc.greater_equal(ticks, 0), pc.less(ticks, pa.scalar(_LAST_SECOND * per_second, pa.int64()))
    )
    kept = pc.if_else(inside, ticks, pa.scalar(None, pa.int64())).view(pa.timestamp(raw.type.unit))
    values = pc.cast(pc.cast(kept, pa.timestamp("us"), safe=False), TIME)
    return Checked(values, _refused(raw, pc.invert(inside)))


def _unix(raw: pa.Array) -> Checked:
    numbers = pc.fill_null(pc.cast(raw, pa.float64(), safe=False), np.nan)
    value = numbers.to_numpy(zero_copy_only=False)
    seconds = (value >= _SECONDS[0]) & (value < _SECONDS[1])
    milliseconds = (value >= _MILLISECONDS[0]) & (value < _MILLISECONDS[1])
    scale = np.where(seconds, 1e6, 1e3)
    good = seconds | milliseconds
    micros = np.rint(np.where(good, value * scale, 0)).astype(np.int64)
    good &= micros < _LAST_SECOND * 1_000_000
    bad = pa.array(~good & ~np.isnan(value))
    return Checked(
        pa.array(micros, mask=~good).view(pa.timestamp("us")).cast(TIME),
        _refused(raw, bad),
    )


def _refused(raw: pa.Array, bad: pa.BooleanArray) -> pa.Array | None:
    """Word the bad ones. Times become text only when there are any: that takes long."""
    if not pc.any(bad).as_py():
        return None
    return refuse(pc.cast(raw, pa.string()), bad, _PROBLEM).reasons


def _iso(text: pa.Array) -> Times:
    """Read ISO 8601 in all its spellings, value by value checked against the calendar."""
    parts = pc.extract_regex(text, _ISO)
    matched = pc.is_valid(parts).to_numpy(zero_copy_only=False)

    def number(name: str, width: int = 2) -> npt.NDArray[np.int64]:
        digits = pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, name), ""), width, "0")
        whole: npt.NDArray[np.int64] = pc.cast(digits, pa.int64()).to_numpy()
        return whole

    month = (12 * (number("year", 4) - 1970) + number("month") - 1).astype("M8[M]")
    day = month.astype("M8[D]") + (number("day") - 1)
    good = matched & (number("month") >= 1) & (number("month") <= 12) & (number("day") >= 1)
    good &= day.astype("M8[M]") == month
    good &= (number("hour") < 24) & (number("minute") < 60) & (number("second") <= 60)
    seconds = day.astype(np.int64) * 86_400
    seconds += number("hour") * 3_600 + number("minute") * 60 + number("second")
    zone = pc.fill_null(pc.struct_field(parts, "zone"), "")
    offset, offset_good = _offset(zone)
    good &= offset_good
    seconds -= offset
    good &= (seconds >= 0) & (seconds < _LAST_SECOND)
    micros = seconds * 1_000_000 + number("fraction", 9) // 1_000
    naive = int(np.count_nonzero(good & (pc.binary_length(zone).to_numpy() == 0)))
    return Times(Checked(pa.array(micros, mask=~good).view(pa.timestamp("us")).cast(TIME)), naive)


def _offset(zone: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return offsets in seconds east of Greenwich, and which of them there can be."""
    digits = pc.replace_substring_regex(zone, "[^0-9]", "")
    minutes = pc.cast(pc.utf8_rpad(digits, 4, "0"), pa.int64()).to_numpy()
    hours, minutes = np.divmod(minutes, 100)
    sign = np.where(pc.starts_with(zone, "-").to_numpy(zero_copy_only=False), -1, 1)
    return sign * (hours * 3_600 + minutes * 60), (hours < 24) & (minutes < 60)
