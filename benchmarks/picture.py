"""The rows as bars on one scale: how far each is from its goal, which is the line in the middle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

WIDTH, ROW, TOP = 760, 26, 46
NAMES, SCALE = 190, 420
"""Pixels for the names, and for the bars: a factor of ten to each side of the goal."""


def draw(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """An SVG that reads on light and on dark pages."""
    height = TOP + ROW * len(rows) + 14
    middle = NAMES + SCALE / 2
    parts = [
        _tag("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {height}")[:-2] + ">",
        _tag("rect", width=WIDTH, height=height, fill="#fff"),
        _text(NAMES, 18, "missed by 10x", "start"),
        _text(middle, 18, "goal", "middle"),
        _text(NAMES + SCALE, 18, "10x better", "end"),
    ]
    for place in (-1, -0.5, 0, 0.5, 1):
        x = middle + place * SCALE / 2
        stroke = "#333" if place == 0 else "#ddd"
        parts.append(_tag("line", x1=x, y1=26, x2=x, y2=height - 8, stroke=stroke))
    for number, (name, row) in enumerate(rows.items()):
        y = TOP + ROW * number
        way = max(-1.0, min(1.0, math.log10(max(row["score"], 1e-6)))) * SCALE / 2
        colour = "#2e7d32" if row["good"] else "#c62828"
        bar = {"x": min(middle, middle + way), "width": max(abs(way), 1.5), "fill": colour}
        parts += [
            _text(NAMES - 10, y + 5, name, "end"),
            _tag("rect", y=y - 8, height=16, **bar),
            _text(NAMES + SCALE + 12, y + 5, _words(row), "start"),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _words(row: Mapping[str, Any]) -> str:
    from benchmarks.report import shown

    sign = "≥" if row["kind"] == "speed" else "≤"
    value, goal = (shown(row["kind"], row[key], row["unit"]) for key in ("value", "goal"))
    return f"{value} (goal {sign} {goal})"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    style = {"font-family": "sans-serif", "font-size": 13, "fill": "#222", "text-anchor": anchor}
    return _tag("text", x=x, y=y, **style)[:-2] + f">{escape(words)}</text>"


def _tag(name: str, **attributes: object) -> str:
    shown = " ".join(f"{key}={quoteattr(_short(value))}" for key, value in attributes.items())
    return f"<{name} {shown}/>"


def _short(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
