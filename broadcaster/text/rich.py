"""Operations on rich text (join, cut, insert) that keep every span at its words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from broadcaster.model import Span, SpanKind, Text

EMPTY = Text(plain="")


def join(texts: Iterable[Text], between: str = "") -> Text:
    """One text of several, with ``between`` between them."""
    plain: list[str] = []
    spans: list[Span] = []
    at = 0
    for text in texts:
        if plain:
            plain.append(between)
            at += len(between)
        spans.extend(moved(span, at) for span in text.spans)
        plain.append(text.plain)
        at += len(text.plain)
    return Text(plain="".join(plain), spans=tuple(spans))


def moved(span: Span, by: int) -> Span:
    return Span(kind=span.kind, start=span.start + by, length=span.length, url=span.url)


def wrap(text: Text, kind: SpanKind, url: str | None = None) -> Text:
    """All of ``text`` set as ``kind``; the new span comes first, so outer spans precede inner."""
    if not text.plain.strip():
        return text
    span = Span(kind=kind, start=0, length=len(text.plain), url=url)
    return Text(plain=text.plain, spans=(span, *text.spans))


def cut(text: Text, start: int, end: int) -> Text:
    """The part between two offsets; spans that reach out of it are closed at its edges."""
    return Text(plain=text.plain[start:end], spans=clip(text.spans, start, end))


def clip(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """What of ``spans`` lies between two offsets, counted from ``start``."""
    clipped: list[Span] = []
    for span in spans:
        first, last = max(span.start, start), min(span.start + span.length, end)
        if first < last:
            clipped.append(
                Span(kind=span.kind, start=first - start, length=last - first, url=span.url)
            )
    return tuple(clipped)


def insert(text: Text, additions: Sequence[tuple[int, str]]) -> Text:
    """``text`` with strings put in at offsets, given in order.

    A span grows by what comes within it; at its edges the addition stays outside.
    """
    if not additions:
        return text
    plain: list[str] = []
    offsets = [offset for offset, _ in additions]
    sums = [0]
    at = 0
    for offset, addition in additions:
        plain += (text.plain[at:offset], addition)
        sums.append(sums[-1] + len(addition))
        at = offset
    plain.append(text.plain[at:])
    spans: list[Span] = []
    for span in text.spans:
        end = span.start + span.length
        first = span.start + sums[bisect_right(offsets, span.start)]
        last = end + sums[bisect_left(offsets, end)]
        spans.append(Span(kind=span.kind, start=first, length=last - first, url=span.url))
    return Text(plain="".join(plain), spans=tuple(spans))


def trimmed(text: Text) -> Text:
    """Without white space at both ends."""
    start = len(text.plain) - len(text.plain.lstrip())
    return cut(text, start, max(start, len(text.plain.rstrip())))


def of_kind(text: Text, *kinds: SpanKind) -> tuple[Span, ...]:
    return tuple(span for span in text.spans if span.kind in kinds)
