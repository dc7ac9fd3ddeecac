"""What a platform cannot show of a post, in words for people."""

from __future__ import annotations

from collections.abc import Iterator

from broadcaster.adapter import Limits, Platform
from broadcaster.model import Post, Span, SpanKind, Text

_WORDS = {
    SpanKind.BOLD: "bold is not shown",
    SpanKind.ITALIC: "italic is not shown",
    SpanKind.UNDERLINE: "underline is not shown",
    SpanKind.STRIKE: "struck-out words look like all others",
    SpanKind.SPOILER: "spoilers are shown openly",
    SpanKind.CODE: "code looks like all other words",
    SpanKind.PRE: "preformatted text is not monospaced",
    SpanKind.QUOTE: "quotes look like all other words",
}
_TARGET = "https://example.com/"


def losses(platform: Platform, limits: Limits, post: Post, text: Text) -> Iterator[str]:
    """One sentence for each thing lost; nothing for what ``text`` does not use."""
    for kind in dict.fromkeys(sorted(span.kind for span in text.spans)):
        if said := _lost(platform, kind):
            yield said
    options = post.options
    if options.silent and not limits.silent:
        yield "it notifies readers: there is no silent posting"
    if options.pin and not limits.pin_at_send and "pin" not in platform.verbs:
        yield "it is not pinned: there is no pinning"
    if not options.preview and not limits.preview_switch:
        yield "previews of links cannot be switched off"
    if post.reply_to is not None and not limits.reply:
        yield "it does not show that it is a reply"


def _lost(platform: Platform, kind: SpanKind) -> str:
    """Found out by trial, so that it is true of outside adapters' own encoders as well."""
    words = Text(plain="یک دو سه")
    url = _TARGET if kind is SpanKind.LINK else None
    span = Span(kind=kind, start=3, length=2, url=url)
    wire, markup = platform.encode(Text(plain=words.plain, spans=(span,)))
    if kind is SpanKind.LINK:
        return "" if markup or _clickable(wire) else "targets of links are written out"
    return _WORDS[kind] if (wire, markup) == platform.encode(words) else ""


def _clickable(wire: str) -> bool:
    return f"[دو]({_TARGET})" in wire
