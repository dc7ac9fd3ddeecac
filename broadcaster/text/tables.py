"""A table as lines: aligned columns where it is narrow, one line a row where it is not."""

from __future__ import annotations

from collections.abc import Sequence

from broadcaster.model import SpanKind, Text
from broadcaster.text import rich

BETWEEN = " | "


def table(rows: Sequence[Sequence[Text]]) -> Text:
    """``rows`` with the header first, as monospaced aligned lines."""
    count = max(map(len, rows))
    widths = [
        max((len(row[n].plain) for row in rows if n < len(row)), default=0) for n in range(count)
    ]
    lines = [
        BETWEEN.join(
            cell.plain.ljust(width) for cell, width in zip(row, widths, strict=False)
        ).rstrip()
        for row in rows
    ]
    return rich.wrap(Text(plain="\n".join(lines)), SpanKind.PRE)
