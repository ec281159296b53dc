"""A waterfall: from the prior, kind by kind, to a link's match weight, in bits."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor

from forensics.bundle import svg
from forensics.bundle.names import KIND_WORDS
from forensics.case.run import KINDS

WIDTH, LEFT, RIGHT, ROW = 1000, 190, 110, 30


def draw_waterfall(
    name: str,
    title: str,
    link: Mapping[str, float],
    ends_at: str = "Match weight",
    said: Mapping[str, str] = KIND_WORDS,
) -> str:
    """Return the waterfall of one row of `links` (or of their mean) as an SVG document.

    `said` is what each kind of evidence is called.
    Bars for one operator are plain, bars against it hatched; each says its bits with its sign.
    `name` makes the hatching's id unique within a page.
    """
    steps = [("Prior", link["prior_bits"])]
    steps += [(said[kind], link[f"{kind}_bits"]) for kind in KINDS if link[f"{kind}_bits"]]
    reached = [0.0]
    for _, bits in steps:
        reached.append(reached[-1] + bits)
    low, high = min(0.0, floor(min(reached))), max(1.0, ceil(max(reached)))

    def x(bits: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (bits - low) / (high - low)

    bottom = 10 + ROW * (len(steps) + 1)
    parts = [
        _HATCH.format(name=name),
        svg.line(x(0), 6, x(0), bottom, stroke=svg.GREY, stroke_dasharray="3 3"),
    ]
    for number, (step, bits) in enumerate(steps):
        y, begin, end = 10 + ROW * number, reached[number], reached[number + 1]
        fill = "#a8dfc3" if bits > 0 else f"url(#against-{name})"
        left, right = sorted((x(begin), x(end)))
        parts += [
            svg.text(LEFT - 12, y + 16, step, text_anchor="end"),
            svg.rect(left, y + 3, max(right - left, 1.5), ROW - 11, fill=fill, stroke=svg.INK),
            svg.line(x(end), y + ROW - 8, x(end), y + ROW + 3, stroke=svg.GREY),
            svg.text(right + 8, y + 16, f"{bits:+.2f}"),
        ]
    y, total = 10 + ROW * len(steps), link["match_weight"]
    left, right = sorted((x(0), x(total)))
    parts += [
        svg.text(LEFT - 12, y + 16, ends_at, text_anchor="end", font_weight="bold"),
        svg.rect(left, y + 3, max(right - left, 1.5), ROW - 11, fill="#5b636b", stroke=svg.INK),
        svg.text(right + 8, y + 16, f"{total:+.2f} bits", font_weight="bold"),
    ]
    about = "; ".join(f"{step} {bits:+.2f}" for step, bits in steps) + f"; total {total:+.2f} bits."
    return svg.document(parts, WIDTH, bottom + 6, title, about)


_HATCH = (
    '<defs><pattern id="against-{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f6d5cf"/>'
    '<line x1="0" y1="0" x2="0" y2="6" stroke="#7a1f12" stroke-width="2"/></pattern></defs>'
)
