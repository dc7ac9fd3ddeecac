"""Lengths as the platforms count them."""

from __future__ import annotations

from broadcaster.adapter import Measure


def measure(text: str, measure: Measure) -> int:
    """Length of a wire text: code points, UTF-16 units, or UTF-8 bytes."""
    match measure:
        case Measure.CHARS:
            return len(text)
        case Measure.UTF16:
            return utf16(text)
        case Measure.UTF8:
            return len(text.encode())


def utf16(text: str) -> int:
    """Length in UTF-16 units: what lies beyond U+FFFF, as most emoji do, counts as two."""
    return len(text.encode("utf-16-le")) // 2
