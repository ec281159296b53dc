"""A timeline of one cluster in UTC: sign-ups, prompts, suspensions, what happened in the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle import svg
from forensics.bundle.evidence import Evidence
from forensics.bundle.names import plural

WIDTH, LEFT, RIGHT = 1000, 150, 24
PANEL, GAP = 74, 26
#: Widths of a bar in seconds: the first that gives at most so many bars is taken.
BUCKETS = (3600, 6 * 3600, 86_400, 7 * 86_400, 28 * 86_400)
MAX_BARS, MAX_TICKS, MAX_LANES, MAX_EVENTS = 80, 7, 30, 8
_HOUR, _DAY = 3600, 86_400
_STEPS = (*(_HOUR * n for n in (1, 3, 6, 12)), *(_DAY * n for n in (1, 2, 4, 7, 14, 28, 91, 365)))
_NAMES = {3600: "hour", 21_600: "6 hours", 86_400: "day", 604_800: "week", 2_419_200: "4 weeks"}
_LANE = 18

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """A span of time across the picture, in epoch seconds, cut into bars of `bucket` seconds."""

    first: int
    last: int
    bucket: int

    @classmethod
    def over(cls, times: Ints) -> Axis:
        """Return the axis that holds all `times` (at least one)."""
        low, high = int(times.min()), int(times.max())
        bucket = next((b for b in BUCKETS if (high - low) // b < MAX_BARS), BUCKETS[-1])
        return cls(low // bucket * bucket, (high // bucket + 1) * bucket, bucket)

    def x(self, time: float) -> float:
        """Return where a time stands."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (time - self.first) / (self.last - self.first)

    def bars(self, times: Ints, weights: Ints | None = None) -> Ints:
        """Return how much falls into each bar."""
        count = (self.last - self.first) // self.bucket
        return np.bincount((times - self.first) // self.bucket, weights, count).astype(np.int64)


def draw_timeline(evidence: Evidence) -> str:
    """Return the timeline as an SVG document; without any time it says so."""
    members, activity = evidence.members, evidence.activity
    signups, stops = _seconds(members["created_at"]), _seconds(members["status_at"])
    prompts = _seconds(activity["at"])
    seen = [_seconds(members[name]) for name in ("first_seen", "last_seen")]
    times = np.concatenate([signups, stops, prompts, *seen])
    title = f"Timeline of cluster {evidence.cluster_id}"
    if not len(times):
        return svg.document([svg.text(20, 30, "No times are known.")], WIDTH, 50, title, "Empty.")
    axis = Axis.over(times)
    panels: list[tuple[str, Ints, str]] = [("Sign-ups", axis.bars(signups), "#a9d3f5")]
    if len(prompts):
        sent = activity["prompts"].to_numpy()
        panels.append(("Prompts", axis.bars(prompts, sent), "#dcc3ec"))
    if len(stops):
        panels.append(("Suspended or deleted", axis.bars(stops), "#ffd28a"))
    parts: list[str] = []
    top = 30
    for name, bars, fill in panels:
        parts += _panel(axis, name, bars, fill, top)
        top += PANEL + GAP
    if members.num_rows <= MAX_LANES:
        parts += _lanes(axis, members, top)
        top += _LANE * members.num_rows + GAP
    parts += _ticks(axis, top - GAP + 8)
    marks, rows = _events(axis, evidence.events, top - GAP + 8)
    height = top + 30 + 20 * rows
    ended = "suspension or deletion" if len(stops) == 1 else "suspensions or deletions"
    about = (
        f"{plural(len(signups), 'sign-up')}, {len(stops):,} {ended}, "
        f"{_day(axis.first)} to {_day(axis.last)} UTC; one bar per {_NAMES[axis.bucket]}."
    )
    return svg.document([*marks, *parts], WIDTH, height, title, about)


def _seconds(times: pa.ChunkedArray) -> Ints:
    whole = pc.cast(pc.drop_null(times), pa.timestamp("s", tz="UTC"), safe=False)
    return np.asarray(pc.cast(whole, pa.int64()).to_numpy(), dtype=np.int64)


def _panel(axis: Axis, name: str, bars: Ints, fill: str, top: int) -> list[str]:
    highest = max(int(bars.max(initial=0)), 1)
    parts = [
        svg.text(20, top + 14, name, font_weight="bold"),
        svg.text(20, top + 32, f"{int(bars.sum()):,} in all", fill=svg.GREY, font_size=12),
        svg.text(
            20,
            top + 50,
            f"at most {highest:,} per {_NAMES[axis.bucket]}",
            fill=svg.GREY,
            font_size=12,
        ),
    ]
    for number, value in enumerate(bars.tolist()):
        if value:
            left = axis.x(axis.first + number * axis.bucket)
            width = axis.x(axis.first + (number + 1) * axis.bucket) - left
            height = max(2.0, PANEL * value / highest)
            style = {"fill": fill, "stroke": svg.INK, "stroke_width": 0.8}
            parts.append(svg.rect(left, top + PANEL - height, max(width - 1, 1.5), height, **style))
    return [*parts, svg.line(LEFT, top + PANEL, WIDTH - RIGHT, top + PANEL, stroke=svg.INK)]


def _lanes(axis: Axis, members: pa.Table, top: int) -> list[str]:
    """One line per account, from first to last seen: a dot is its sign-up, a cross its end."""
    columns = ["account_id", "created_at", "status_at", "first_seen", "last_seen"]
    order = [("created_at", "ascending"), ("account_id", "ascending")]
    parts = []
    for number, row in enumerate(members.sort_by(order).select(columns).to_pylist()):
        y = top + _LANE * number + 5
        parts.append(svg.text(20, y + 4, row["account_id"], length=18, font_size=11))
        spans = [row[name] for name in ("first_seen", "last_seen")]
        if all(spans):
            left, right = (axis.x(time.timestamp()) for time in spans)
            parts.append(svg.line(left, y, right, y, stroke="#8b939b", stroke_width=3))
        if row["created_at"]:
            parts.append(svg.circle(axis.x(row["created_at"].timestamp()), y, 4))
        if row["status_at"]:
            x = axis.x(row["status_at"].timestamp())
            for tilt in (-4, 4):
                parts.append(
                    svg.line(x - 4, y - tilt, x + 4, y + tilt, stroke=svg.INK, stroke_width=2)
                )
    return parts


def _ticks(axis: Axis, bottom: int) -> list[str]:
    step = next((s for s in _STEPS if (axis.last - axis.first) // s <= MAX_TICKS), _STEPS[-1])
    parts = [svg.text(20, bottom + 18, "UTC", fill=svg.GREY, font_size=12)]
    for time in range(-(-axis.first // step) * step, axis.last + 1, step):
        words = _day(time) if step >= 86_400 else f"{_day(time)} {_moment(time):%H:%M}"
        x = axis.x(time)
        parts.append(svg.line(x, bottom - 4, x, bottom + 2, stroke=svg.INK))
        if x < WIDTH - RIGHT - 30:
            parts.append(svg.text(x, bottom + 18, words, text_anchor="middle", font_size=12))
    return parts


def _events(axis: Axis, events: pa.Table, bottom: int) -> tuple[list[str], int]:
    """Dashed lines for what happened in the world, numbered; below, what each was."""
    near = [row for row in events.to_pylist() if axis.first <= row["at"].timestamp() <= axis.last]
    parts = []
    for number, row in enumerate(near[:MAX_EVENTS], 1):
        x = axis.x(row["at"].timestamp())
        parts.append(svg.line(x, 18, x, bottom, stroke=svg.GREY, stroke_dasharray="5 4"))
        parts.append(svg.text(x, 14, str(number), text_anchor="middle", font_size=12))
        words = f"{number}  {row['at']:%Y-%m-%d %H:%M}  {row['name']}"
        parts.append(svg.text(LEFT, bottom + 22 + 20 * number, words, font_size=12))
    if len(near) > MAX_EVENTS:
        words = f"{len(near) - MAX_EVENTS} more events in this time are not shown."
        parts.append(svg.text(LEFT, bottom + 42 + 20 * MAX_EVENTS, words, font_size=12))
    return parts, min(len(near), MAX_EVENTS + 1)


def _day(time: int) -> str:
    return f"{_moment(time):%Y-%m-%d}"


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC)
