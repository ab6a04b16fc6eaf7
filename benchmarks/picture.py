"""A growth curve as a picture: SVG by hand, on logarithmic axes from a tenth power to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from benchmarks.measure import Measured, number

_WIDTH, _HEIGHT = 640, 320
_STYLE = """
text { font: 13px sans-serif; fill: #333 }
rect { fill: #fff }
circle { fill: #069 }
polyline { fill: none; stroke: #069; stroke-width: 2 }
.grid { stroke: #ddd }
.spread { stroke: #9bd; stroke-width: 6 }
"""
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 20, 40, 40


def curve(title: str, points: Sequence[Measured]) -> str:
    """Sizes to the right, medians upwards, with a line from the least to the most of each."""
    points = sorted(points, key=lambda each: each.size or 0)
    across = _Axis([each.size or 0 for each in points], _LEFT, _WIDTH - _RIGHT)
    up = _Axis([v for each in points for v in each.values], _HEIGHT - _BOTTOM, _TOP)
    places = [(across.place(each.size or 0), up.place(each.median)) for each in points]
    spreads = [
        f'<path class="spread" d="M{x:.1f} {up.place(min(each.values)):.1f}'
        f'V{up.place(max(each.values)):.1f}"/>'
        for each, (x, _) in zip(points, places, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places]
    grid = [
        f'<path class="grid" d="M{_LEFT} {up.place(mark):.1f}H{_WIDTH - _RIGHT}"/>'
        f'<text x="{_LEFT - 8}" y="{up.place(mark) + 4:.1f}" text-anchor="end">'
        f"{number(mark)}</text>"
        for mark in up.marks
    ]
    sizes = [
        f'<text x="{x:.1f}" y="{_HEIGHT - 16}" text-anchor="middle">{number(each.size or 0)}</text>'
        for each, (x, _) in zip(points, places, strict=True)
    ]
    heading = f"{title} ({points[0].unit})"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">',
            f"<title>{escape(heading)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}"/>',
            f'<text x="{_LEFT}" y="22" font-weight="bold">{escape(heading)}</text>',
            *grid,
            *sizes,
            *spreads,
            f'<polyline points="{line}"/>',
            *dots,
            "</svg>\n",
        )
    )


class _Axis:
    """Values from the power of ten below the least to the one above the greatest."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        seen = [math.log10(max(each, 1e-6)) for each in values]
        self._low, self._high = math.floor(min(seen)), math.ceil(max(seen))
        if self._low == self._high:
            self._high += 1
        self._begin, self._end = begin, end

    @property
    def marks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        part = (math.log10(max(value, 1e-6)) - self._low) / (self._high - self._low)
        return self._begin + part * (self._end - self._begin)
