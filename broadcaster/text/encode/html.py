"""HTML as the Telegram-like messengers read it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from broadcaster.model import Json, Span, SpanKind, Text

_TAGS = {
    SpanKind.BOLD: "b",
    SpanKind.ITALIC: "i",
    SpanKind.UNDERLINE: "u",
    SpanKind.STRIKE: "s",
    SpanKind.SPOILER: "tg-spoiler",
    SpanKind.CODE: "code",
    SpanKind.PRE: "pre",
    SpanKind.QUOTE: "blockquote",
}


def html(text: Text) -> tuple[str, Mapping[str, Json]]:
    """Tags around the words, ``{"parse_mode": "HTML"}``; a tag that would cross another closes
    and opens anew around it."""
    out: list[str] = []
    opened: list[Span] = []
    spans = sorted(text.spans, key=lambda span: (span.start, -span.length))
    edges = sorted({at for span in spans for at in (span.start, span.start + span.length)})
    at = following = 0
    for edge in edges:
        out.append(escape(text.plain[at:edge], quote=False))
        at = edge
        over = [span for span in opened if span.start + span.length <= edge]
        if over:
            keep = min(opened.index(span) for span in over)
            out += (_close(span) for span in reversed(opened[keep:]))
            again = [span for span in opened[keep:] if span not in over]
            out += map(_open, again)
            opened[keep:] = again
        while following < len(spans) and spans[following].start == edge:
            opened.append(spans[following])
            out.append(_open(spans[following]))
            following += 1
    out.append(escape(text.plain[at:], quote=False))
    return "".join(out), {"parse_mode": "HTML"}


def _open(span: Span) -> str:
    if span.kind is SpanKind.LINK:
        return f'<a href="{escape(span.url or "")}">'
    if span.kind is SpanKind.PRE and span.url:
        return f'<pre><code class="language-{escape(span.url)}">'
    return f"<{_TAGS[span.kind]}>"


def _close(span: Span) -> str:
    if span.kind is SpanKind.LINK:
        return "</a>"
    if span.kind is SpanKind.PRE and span.url:
        return "</code></pre>"
    return f"</{_TAGS[span.kind]}>"
