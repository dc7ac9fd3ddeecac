"""Dialects that leave the words alone and list the styles beside them, in UTF-16 units."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from broadcaster.model import Json, Span, SpanKind, Text
from broadcaster.text.measure import utf16

_WIDE = re.compile("[\U00010000-\U0010ffff]")
_ENTITIES = {
    SpanKind.BOLD: "bold",
    SpanKind.ITALIC: "italic",
    SpanKind.UNDERLINE: "underline",
    SpanKind.STRIKE: "strikethrough",
    SpanKind.SPOILER: "spoiler",
    SpanKind.CODE: "code",
    SpanKind.PRE: "pre",
    SpanKind.LINK: "text_link",
    SpanKind.QUOTE: "blockquote",
}
_PARTS = {
    SpanKind.BOLD: "Bold",
    SpanKind.ITALIC: "Italic",
    SpanKind.UNDERLINE: "Underline",
    SpanKind.STRIKE: "Strike",
    SpanKind.SPOILER: "Spoiler",
    SpanKind.CODE: "Mono",
    SpanKind.PRE: "Pre",
    SpanKind.LINK: "Link",
    SpanKind.QUOTE: "Quote",
}


def entities_utf16(text: Text) -> tuple[str, Mapping[str, Json]]:
    """``{"entities": [{"type", "offset", "length", "url"?, "language"?}]}`` as in Telegram.

    Code and preformatted text hold no other style there, so inner ones are left out.
    """
    entities: list[Json] = []
    for span, offset, length in _units(text.plain, _bare_code(text.spans)):
        entity: dict[str, Json] = {"type": _ENTITIES[span.kind], "offset": offset, "length": length}
        if span.url and span.kind is SpanKind.LINK:
            entity["url"] = span.url
        if span.url and span.kind is SpanKind.PRE:
            entity["language"] = span.url
        entities.append(entity)
    return text.plain, {"entities": entities} if entities else {}


def metadata(text: Text) -> tuple[str, Mapping[str, Json]]:
    """``{"metadata": {"meta_data_parts": [{"type", "from_index", "length", "link_url"?}]}}``."""
    parts: list[Json] = []
    for span, offset, length in _units(text.plain, _bare_code(text.spans)):
        part: dict[str, Json] = {
            "type": _PARTS[span.kind],
            "from_index": offset,
            "length": length,
        }
        if span.url and span.kind is SpanKind.LINK:
            part["link_url"] = span.url
        parts.append(part)
    return text.plain, {"metadata": {"meta_data_parts": parts}} if parts else {}


def _bare_code(spans: Iterable[Span]) -> list[Span]:
    """``spans`` in order, the outer before the inner, without what lies in code."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.length))
    found: list[Span] = []
    code_end = 0
    for span in ordered:
        if span.start < code_end:
            continue
        if span.kind in (SpanKind.CODE, SpanKind.PRE):
            code_end = span.start + span.length
        found.append(span)
    return found


def _units(plain: str, spans: Iterable[Span]) -> Iterator[tuple[Span, int, int]]:
    """Each span with its offset and length in UTF-16 units."""
    wide = [found.start() for found in _WIDE.finditer(plain)] if utf16(plain) > len(plain) else []
    for span in spans:
        end = span.start + span.length
        offset = span.start + bisect_left(wide, span.start)
        yield span, offset, end + bisect_left(wide, end) - offset
