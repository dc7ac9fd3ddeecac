"""Dialects that leave the words alone and list the styles beside them, in UTF-16 units."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from broadcaster.model import Json, Span, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.measure import utf16

_CODE = (SpanKind.CODE, SpanKind.PRE)
_INTERRUPTED = (SpanKind.BOLD, SpanKind.ITALIC, SpanKind.UNDERLINE, SpanKind.STRIKE)
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

    Code holds no other style there, nor is it part of one but a quote.
    """
    entities: list[Json] = []
    for span, offset, length in _units(text.plain, _disjoint(text)):
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
    for span, offset, length in _units(text.plain, _disjoint(text)):
        part: dict[str, Json] = {
            "type": _PARTS[span.kind],
            "from_index": offset,
            "length": length,
        }
        if span.url and span.kind is SpanKind.LINK:
            part["link_url"] = span.url
        parts.append(part)
    return text.plain, {"metadata": {"meta_data_parts": parts}} if parts else {}


def remarks(text: Text) -> Iterator[str]:
    """How the styles that are sent differ from those of ``text``, in words for people."""
    if sorted(map(str, _disjoint(text))) != sorted(map(str, text.spans)):
        yield "code is not bold, struck out, linked or hidden as well"


def _disjoint(text: Text) -> list[Span]:
    """The spans, the outer before the inner; code shares its letters with a quote at most.

    Where code is linked or hidden it is no code, for a target and a secret matter more; other
    styles are interrupted by code.
    """
    if not rich.of_kind(text, *_CODE):
        return sorted(text.spans, key=_outer_first)
    stronger = _covered(rich.of_kind(text, SpanKind.LINK, SpanKind.SPOILER))
    meant = rich.of_kind(text, *_CODE)
    code = sorted((span for span in meant if not any(_over(span, stronger))), key=_outer_first)
    kept = set(code)
    covered = _covered(code)
    spans: list[Span] = []
    for span in text.spans:
        if span.kind in _CODE:
            spans += [span] if span in kept else []
        elif span.kind in _INTERRUPTED:
            spans += _around(span, covered)
        else:
            spans.append(span)
    return sorted(spans, key=_outer_first)


def _outer_first(span: Span) -> tuple[int, int]:
    return span.start, -span.length


def _covered(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """The stretches that ``spans`` cover, from and to, in order and none within another."""
    stretches: list[tuple[int, int]] = []
    for span in sorted(spans, key=_outer_first):
        start, end = span.start, span.start + span.length
        if stretches and start < stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], end))
        else:
            stretches.append((start, end))
    return stretches


def _over(span: Span, covered: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of ``covered`` that share a letter with ``span``."""
    first = max(0, bisect_left(covered, (span.start, 0)) - 1)
    for at in range(first, len(covered)):
        start, end = covered[at]
        if start >= span.start + span.length:
            break
        if end > span.start:
            yield start, end


def _around(span: Span, code: Sequence[tuple[int, int]]) -> Iterator[Span]:
    at, end = span.start, span.start + span.length
    for first, behind in _over(span, code):
        if first > at:
            yield replace(span, start=at, length=first - at)
        at = max(at, behind)
    if at < end:
        yield replace(span, start=at, length=end - at)


def _units(plain: str, spans: Iterable[Span]) -> Iterator[tuple[Span, int, int]]:
    """Each span with its offset and length in UTF-16 units."""
    wide = [match.start() for match in _WIDE.finditer(plain)] if utf16(plain) > len(plain) else []
    for span in spans:
        end = span.start + span.length
        offset = span.start + bisect_left(wide, span.start)
        yield span, offset, end + bisect_left(wide, end) - offset
