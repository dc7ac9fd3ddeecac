"""A table as lines: aligned columns where that fits a phone, else each row with its headings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from broadcaster.model import SpanKind, Text
from broadcaster.text import rich

WIDEST = 36
"""Columns of a monospaced line that phones show without breaking it."""
BETWEEN = " | "


def table(rows: Sequence[Sequence[Text]]) -> Text:
    """``rows``, the headings first.

    Preformatted text holds no links and no styles, so a table with links is never aligned.
    """
    count = max(map(len, rows))
    widths = [max(_width(row[n].plain) for row in rows if n < len(row)) for n in range(count)]
    links = any(rich.of_kind(cell, SpanKind.LINK) for row in rows for cell in row)
    if links or sum(widths) + len(BETWEEN) * (count - 1) > WIDEST:
        return rich.join(_records(rows), "\n")
    lines = [BETWEEN.join(map(_padded, row, widths)).rstrip() for row in rows]
    return rich.wrap(Text(plain="\n".join(lines)), SpanKind.PRE)


def _records(rows: Sequence[Sequence[Text]]) -> Iterator[Text]:
    """``• first — heading: second — heading: third`` for each row below the headings."""
    headings, *rest = rows
    if not rest:
        yield rich.join(headings, " — ")
    for row in rest:
        cells = [row[0]] if row else []
        for heading, cell in zip(headings[1:], row[1:], strict=False):
            cells.append(rich.join((heading, cell), ": ") if heading.plain else cell)
        if headings[0].plain and cells:
            cells[0] = rich.join((headings[0], cells[0]), ": ")
        yield rich.join((Text(plain="• "), rich.join((c for c in cells if c.plain), " — ")))


def _padded(cell: Text, width: int) -> str:
    return cell.plain + " " * (width - _width(cell.plain))


def _width(text: str) -> int:
    """Columns in a monospaced font; marks and joiners have none, wide signs and emoji two."""
    width = 0
    joined = False
    for letter in text:
        category = unicodedata.category(letter)
        if category in ("Mn", "Me", "Cf"):
            joined = letter == "\u200d"
            continue
        if not joined:
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        joined = False
    return width
