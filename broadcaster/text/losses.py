"""Describes the parts of a post that a platform cannot show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from broadcaster.adapter import Limits, Platform
from broadcaster.language import say
from broadcaster.model import Json, Post, Span, SpanKind, Text
from broadcaster.text import links
from broadcaster.text.encode import entities, entities_utf16, markdown_spaced, metadata, spaced

Encoder: TypeAlias = Callable[[Text], tuple[str, Mapping[str, Json]]]

_WORDS = {
    SpanKind.BOLD: say("bold is not shown"),
    SpanKind.ITALIC: say("italic is not shown"),
    SpanKind.UNDERLINE: say("underline is not shown"),
    SpanKind.STRIKE: say("struck-out words look like all others"),
    SpanKind.SPOILER: say("spoilers are shown openly"),
    SpanKind.CODE: say("code looks like all other words"),
    SpanKind.PRE: say("preformatted text is not monospaced"),
    SpanKind.QUOTE: say("quotes look like all other words"),
}
_REMARKS: Mapping[Encoder, Callable[[Text], Iterator[str]]] = {
    entities_utf16: entities.remarks,
    markdown_spaced: spaced.remarks,
    metadata: entities.remarks,
}
"""Remarks of our own encoders, in addition to missing styles."""
_ADDRESS = re.compile(r"https?://|www\.")
_TARGET = "https://example.com/"


def losses(platform: Platform, limits: Limits, post: Post, text: Text) -> Iterator[str]:
    """One sentence for each thing lost; nothing for what ``text`` does not use."""
    yield from links.remarks(text, platform.links)
    yield from _unlike(platform.encode, links.written_out(text, platform.links))
    options = post.options
    if options.silent and not limits.silent:
        yield say("it notifies readers: there is no silent posting")
    if options.pin and not limits.pin_at_send and "pin" not in platform.verbs:
        yield say("it is not pinned: there is no pinning")
    if not options.preview and not limits.preview_switch and _has_links(text):
        yield say("previews of links cannot be switched off")
    if post.reply_to is not None and not limits.reply:
        yield say("it does not show that it is a reply")


def _has_links(text: Text) -> bool:
    linked = any(span.kind is SpanKind.LINK for span in text.spans)
    return linked or _ADDRESS.search(text.plain) is not None


def shows_links(encode: Encoder) -> bool:
    """Whether links can have words of their own; otherwise the address is written out."""
    return not _lost(encode, SpanKind.LINK)


@lru_cache(maxsize=16)  # of many channels, most lose the same
def _unlike(encode: Encoder, text: Text) -> tuple[str, ...]:
    """How the wire text differs from ``text``."""
    kinds = dict.fromkeys(sorted(span.kind for span in text.spans))
    remarks = _REMARKS.get(encode)
    return (
        *filter(None, (_lost(encode, kind) for kind in kinds)),
        *(remarks(text) if remarks else ()),
    )


def _lost(encode: Encoder, kind: SpanKind) -> str:
    """The loss of a kind of span, found by encoding a sample, so that it holds for any encoder."""
    words = Text(plain="یک دو سه")
    url = _TARGET if kind is SpanKind.LINK else None
    span = Span(kind=kind, start=3, length=2, url=url)
    wire, markup = encode(Text(plain=words.plain, spans=(span,)))
    if kind is SpanKind.LINK:
        return "" if markup or _clickable(wire) else say("targets of links are written out")
    return _WORDS[kind] if (wire, markup) == encode(words) else ""


def _clickable(wire: str) -> bool:
    return f"[دو]({_TARGET})" in wire
