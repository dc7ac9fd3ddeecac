"""What readers see of a message, read from its wire form as its platform reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from broadcaster.adapter import Platform
from broadcaster.model import Message, Span, SpanKind, Text
from broadcaster.text.encode import html, markdown_spaced

_KINDS = {
    "bold": SpanKind.BOLD,
    "italic": SpanKind.ITALIC,
    "underline": SpanKind.UNDERLINE,
    "strikethrough": SpanKind.STRIKE,
    "strike": SpanKind.STRIKE,
    "spoiler": SpanKind.SPOILER,
    "code": SpanKind.CODE,
    "mono": SpanKind.CODE,
    "pre": SpanKind.PRE,
    "text_link": SpanKind.LINK,
    "link": SpanKind.LINK,
    "blockquote": SpanKind.QUOTE,
    "quote": SpanKind.QUOTE,
}
"""Types of entities and of metadata parts, in lower case."""
_SPACED = re.compile(
    r"\[(?P<words>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    r"|(?<!\S)(?P<mark>[*_])(?=\S)(?P<styled>[^\n]+?)(?<=\S)(?P=mark)(?!\S)"
)
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]+[^\s<>«»\".,:;!?،؛؟)]")


def words(message: Message, platform: Platform) -> str:
    """The text of a message as HTML, read from its wire form as its platform reads it."""
    text = _read_spaced(message.text) if platform.encode is markdown_spaced else _read(message)
    return html(Text(plain=text.plain, spans=(*text.spans, *_addresses(text))))[0]


def _read(message: Message) -> Text:
    entities: Any = message.markup.get("entities", [])
    metadata: Any = message.markup.get("metadata", {})
    offsets = _offsets(message.text)
    spans = [
        _span(offsets, each["type"], each["offset"], each["length"], each.get("url"))
        for each in entities
    ]
    spans += [
        _span(offsets, each["type"], each["from_index"], each["length"], each.get("link_url"))
        for each in metadata.get("meta_data_parts", [])
    ]
    return Text(plain=message.text, spans=tuple(spans))


def _offsets(text: str) -> Sequence[int]:
    """Code point of each UTF-16 unit."""
    found = [at for at, letter in enumerate(text) for _ in range(1 + (letter > "\uffff"))]
    return [*found, len(text)]


def _span(offsets: Sequence[int], kind: str, offset: int, length: int, url: str | None) -> Span:
    start = offsets[offset]
    end = offsets[offset + length]
    return Span(kind=_KINDS[kind.lower()], start=start, length=end - start, url=url)


def _read_spaced(wire: str) -> Text:
    plain: list[str] = []
    spans: list[Span] = []
    at = length = 0
    for found in _SPACED.finditer(wire):
        shown = found["words"] or found["styled"]
        kind = SpanKind.BOLD if found["mark"] == "*" else SpanKind.ITALIC
        length += found.start() - at
        plain += (wire[at : found.start()], shown)
        spans.append(
            Span(
                kind=SpanKind.LINK if found["words"] else kind,
                start=length,
                length=len(shown),
                url=found["url"],
            )
        )
        length += len(shown)
        at = found.end()
    plain.append(wire[at:])
    return Text(plain="".join(plain), spans=tuple(spans))


def _addresses(text: Text) -> Iterator[Span]:
    """Bare addresses, which every messenger makes links of."""
    taken: Iterable[Span] = [span for span in text.spans if span.kind is SpanKind.LINK]
    for found in _ADDRESS.finditer(text.plain):
        start, end = found.span()
        if all(end <= span.start or span.start + span.length <= start for span in taken):
            yield Span(kind=SpanKind.LINK, start=start, length=end - start, url=found[0])
