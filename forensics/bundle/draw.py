"""A picture of one cluster: its accounts, and the values that its links rest on or members fit by.

Drawing every link would be a ball of wool: one card makes a clique. So accounts are tied to the
values that they share. In a large cluster accounts that share the same values are one circle,
and what is left out is counted in words below the picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import sqrt

import numpy as np
import pyarrow as pa

from forensics.bundle import svg
from forensics.bundle.layout import place
from forensics.bundle.names import plural
from forensics.bundle.reader import load_network
from forensics.bundle.scene import Group, Scene, Value, compose, not_drawn
from forensics.case.run import Run

WIDTH = 1000
_KEY_LINE = 22
#: Where the legend ends: a row for shared values, a row for accounts.
_LEGEND = 80


def draw_cluster(run: Run, cluster_id: str) -> str:
    """Return the picture of a cluster as an SVG document.

    Raises:
        UsageError: the run has no such cluster.
    """
    return draw(cluster_id, load_network(run, cluster_id))


def draw(cluster_id: str, network: Mapping[str, pa.Table]) -> str:
    """Draw from the tables of `load_network`."""
    scene = compose(network)
    left_out = not_drawn(scene)
    values, groups = scene.values, scene.groups
    radii = [_radius(group, scene.named) for group in groups]
    room = [r + (16 if scene.named else 5) for r in radii] + [26.0] * len(values)
    rank = {value.key: len(groups) + n for n, value in enumerate(values)}
    edges = [(n, rank[key]) for n, group in enumerate(groups) for key in group.keys]
    points = place(len(room), edges, room, WIDTH - 40) + np.array([20, _LEGEND + 18])
    bottom = (
        int(max((y + r for (_, y), r in zip(points, room, strict=True)), default=_LEGEND + 18)) + 20
    )

    parts = _legend(scene)
    tone = "#8b939b" if len(edges) < 100 else "#b4bac0"
    for a, b in edges:
        weight = 1 + min(3.0, sqrt(len(groups[a].accounts)) / 4)
        parts.append(svg.line(*points[a], *points[b], stroke=tone, stroke_width=f"{weight:.1f}"))
    for group, (x, y), radius in zip(groups, points, radii, strict=False):
        parts += _circle(group, x, y, radius, scene.named)
    codes = _codes(values)
    for value, code, (x, y) in zip(values, codes, points[len(groups) :], strict=True):
        parts.append(svg.symbol(x, y, 17, svg.LOOKS[value.look], code))
    parts += _key(values, codes, bottom)
    height = bottom + _KEY_LINE * ((len(values) + 1) // 2 + 1) + 20 * len(left_out)
    for number, sentence in enumerate(reversed(left_out)):
        parts.append(svg.text(20, height - 12 - 20 * number, sentence, fill=svg.GREY))
    return svg.document(
        parts, WIDTH, height, f"Cluster {cluster_id}", " ".join([_about(scene), *left_out])
    )


def _radius(group: Group, named: bool) -> float:
    return 10.0 if named else min(44.0, 9 + 3 * sqrt(len(group.accounts)))


def _codes(values: tuple[Value, ...]) -> list[str]:
    counts: dict[str, int] = defaultdict(int)
    codes = []
    for value in values:
        letter = svg.LOOKS[value.look].letter
        counts[letter] += 1
        codes.append(f"{letter}{counts[letter]}")
    return codes


def _circle(group: Group, x: float, y: float, radius: float, named: bool) -> list[str]:
    dashed = {"stroke_dasharray": "4 3"} if group.ended == len(group.accounts) else {}
    parts = [svg.circle(x, y, radius, **dashed)]
    if group.bridges:
        parts.append(svg.circle(x, y, radius - 4, fill="none"))
    if named:
        halo = {"paint_order": "stroke", "stroke": svg.PAPER, "stroke_width": 4}
        place_ = {"text_anchor": "middle", "font_size": 11}
        parts.append(svg.text(x, y + radius + 13, group.accounts[0], length=18, **place_, **halo))
    else:
        words = f"{len(group.accounts):,}"
        parts.append(svg.text(x, y + 4, words, text_anchor="middle", font_weight="bold"))
    return parts


def _legend(scene: Scene) -> list[str]:
    parts = []
    x = 42.0
    classes = {value.look for value in scene.values}
    for name, look in svg.LOOKS.items():
        if name in classes:
            parts += [svg.symbol(x, 26, 13, look, look.letter), svg.text(x + 24, 31, look.name)]
            x += 60 + 7 * len(look.name)
    circles: list[tuple[str, dict[str, object], bool]] = [
        ("account" if scene.named else "accounts alike, how many", {}, False)
    ]
    if any(group.bridges for group in scene.groups):
        circles.append(("bridge" if scene.named else "with a bridge", {}, True))
    if any(group.ended == len(group.accounts) for group in scene.groups):
        circles.append(("suspended or deleted", {"stroke_dasharray": "4 3"}, False))
    x = 42.0
    for words, style, doubled in circles:
        parts.append(svg.circle(x, 58, 10, **style))
        parts += [svg.circle(x, 58, 6, fill="none")] if doubled else []
        parts.append(svg.text(x + 24, 63, words))
        x += 60 + 7 * len(words)
    return [*parts, svg.line(20, _LEGEND, WIDTH - 20, _LEGEND)]


def _key(values: tuple[Value, ...], codes: list[str], top: int) -> list[str]:
    parts = [svg.line(20, top, WIDTH - 20, top)] if values else []
    rows = (len(values) + 1) // 2
    for number, (value, code) in enumerate(zip(values, codes, strict=True)):
        x, y = 20 + 490 * (number // rows), top + _KEY_LINE * (number % rows + 1)
        words = f"{value.members:,} here, {value.outsiders:,} elsewhere"
        more = f" and {value.more:,} more" if value.more else ""
        parts.append(svg.text(x, y, code, font_weight="bold"))
        parts.append(svg.text(x + 38, y, value.key + more, length=38))
        parts.append(svg.text(x + 460, y, words, text_anchor="end", fill=svg.GREY))
    return parts


def _about(scene: Scene) -> str:
    values = ", ".join(f"{v.key} ({plural(v.members, 'account')})" for v in scene.values[:5])
    return f"Accounts tied to the values that they share, the strongest first: {values}."
