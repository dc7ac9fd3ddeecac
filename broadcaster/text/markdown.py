"""Markdown as people write announcements -> rich text.

CommonMark with tables, ``~~strike~~`` and ``||spoiler||``, read for Persian and for messengers: a
single line break stays one, emphasis closes beside Persian punctuation, and HTML, entities, ids,
tags and addresses stand as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from broadcaster.calendar.digits import persian_digits
from broadcaster.model import Span, SpanKind, Text
from broadcaster.text import links, rich, tables
from broadcaster.text.direction import is_rtl

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

RULE = "———"
BULLETS = "•◦▪"
INDENT = "  "

_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]+")
_STYLES = {
    "strong_open": SpanKind.BOLD,
    "em_open": SpanKind.ITALIC,
    "s_open": SpanKind.STRIKE,
    "spoiler_open": SpanKind.SPOILER,
}


@lru_cache(maxsize=8)  # a post is read once, however many channels it goes to
def read(source: str) -> Text:
    """The rich text that ``source`` means; nothing that a person wrote is dropped."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    env: dict[str, object] = {}
    tokens = _parser().parse(source, env)
    if unused := set(_labels(env)) - set(_used(tokens)):
        from broadcaster.text.dialect import NOTES

        tokens = _parser().parse(source, {NOTES: unused})
    return rich.trimmed(_Reader(source.split("\n")).blocks(tokens))


@cache
def _parser() -> MarkdownIt:
    from broadcaster.text.dialect import parser  # markdown-it: only where there is a text

    return parser()


def _labels(env: dict[str, object]) -> Iterator[str]:
    references = env.get("references")
    return iter(references) if isinstance(references, dict) else iter(())


def _used(tokens: Sequence[Token]) -> Iterator[str]:
    """Labels of link definitions that some link refers to; one that nothing uses is a text."""
    for token in tokens:
        for child in token.children or ():
            if label := child.meta.get("label"):
                yield label


@dataclass(frozen=True, slots=True)
class _Reader:
    """From tokens to rich text."""

    lines: Sequence[str]

    def blocks(self, tokens: Sequence[Token], depth: int = 0) -> Text:
        """Blocks below each other; an empty line stands where the source has one."""
        parts: list[Text] = []
        for block in _blocks(tokens):
            text = self.block(block, depth)
            if not text.plain:
                continue
            if parts:
                parts.append(Text(plain="\n\n" if self.gap(block[0]) else "\n"))
            parts.append(text)
        return rich.join(parts)

    def gap(self, token: Token) -> bool:
        line = token.map[0] if token.map else 0
        return line > 0 and not self.lines[line - 1].strip(" \t>")

    def block(self, tokens: Sequence[Token], depth: int) -> Text:
        first, inner = tokens[0], tokens[1:-1]
        match first.type:
            case "paragraph_open":
                return inline(inner[0])
            case "heading_open":
                return rich.wrap(_unbold(inline(inner[0])), SpanKind.BOLD)
            case "bullet_list_open" | "ordered_list_open":
                return self.items(first, inner, depth)
            case "blockquote_open":
                return rich.wrap(_unquoted(self.blocks(inner, depth)), SpanKind.QUOTE)
            case "fence" | "code_block":
                return _code(first)
            case "table_open":
                return tables.table([list(row) for row in _rows(inner)])
            case "hr":
                return Text(plain=RULE)
        raise AssertionError(f"the dialect has no block {first.type}")

    def items(self, opening: Token, tokens: Sequence[Token], depth: int) -> Text:
        parts: list[Text] = []
        number = int(opening.attrs.get("start", 1))
        for item in _blocks(tokens):
            body = self.blocks(item[1:-1], depth + 1)
            if opening.type == "ordered_list_open":
                mark = f"{number}{item[0].markup}"
                mark = persian_digits(mark) if is_rtl(body.plain) else mark
            else:
                mark = BULLETS[min(depth, len(BULLETS) - 1)]
            number += 1
            if parts:
                parts.append(Text(plain="\n\n" if self.gap(item[0]) else "\n"))
            parts.append(_hanging(body, f"{mark} "))
        return rich.join(parts)


def _code(token: Token) -> Text:
    """Preformatted text; what stands behind its fence and is no language is its first line."""
    info = token.info.strip()
    content = token.content.rstrip("\n")
    if _LANGUAGE.fullmatch(info):
        return rich.wrap(Text(plain=content), SpanKind.PRE, info)
    return rich.wrap(Text(plain=f"{info}\n{content}".strip("\n")), SpanKind.PRE)


def _blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Each block of one level with all that is in it."""
    start = level = 0
    for at, token in enumerate(tokens):
        level += token.nesting
        if level == 0:
            yield tokens[start : at + 1]
            start = at + 1


def _rows(tokens: Sequence[Token]) -> Iterator[Iterator[Text]]:
    for part in _blocks(tokens):
        for row in _blocks(part[1:-1]):
            yield (inline(cell[1]) for cell in _blocks(row[1:-1]))


def _hanging(body: Text, mark: str) -> Text:
    breaks = [at + 1 for at, letter in enumerate(body.plain) if letter == "\n"]
    inner = [(at, INDENT) for at in breaks if body.plain[at : at + 1] not in ("", "\n")]
    return rich.join((Text(plain=mark), rich.insert(body, inner)))


def _unbold(text: Text) -> Text:
    """A heading is bold as a whole."""
    return Text(plain=text.plain, spans=tuple(s for s in text.spans if s.kind is not SpanKind.BOLD))


def _unquoted(text: Text) -> Text:
    """No messenger nests quotes."""
    return Text(
        plain=text.plain, spans=tuple(s for s in text.spans if s.kind is not SpanKind.QUOTE)
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A style that is not closed yet: where its words, its text tokens and its span begin."""

    kind: SpanKind
    start: int
    token: int
    place: int
    url: str | None = None


def inline(token: Token) -> Text:
    """The words of one paragraph, heading or cell."""
    plain: list[str] = []
    spans: list[Span] = []
    opened: list[_Opened] = []
    at = 0
    for child in token.children or ():
        added = ""
        match child.type:
            case "text" | "text_special":
                added = child.content
            case "hardbreak":
                added = "\n"
            case "code_inline":
                added = child.content
                spans.append(Span(kind=SpanKind.CODE, start=at, length=len(added)))
            case "image":
                added, url = _image(child)
                if url:
                    spans.append(Span(kind=SpanKind.LINK, start=at, length=len(added), url=url))
            case "link_open":
                url = str(child.attrs["href"])
                opened.append(_Opened(SpanKind.LINK, at, len(plain), len(spans), url))
            case kind if kind in _STYLES:
                opened.append(_Opened(_STYLES[kind], at, len(plain), len(spans)))
            case _:
                style = opened.pop()
                words = "".join(plain[style.token :])
                if not words and style.url:
                    added = words = links.shown(
                        style.url
                    )  # a link without words shows where it leads
                if words and not (style.url and words == links.shown(style.url)):
                    span = Span(
                        kind=style.kind, start=style.start, length=len(words), url=style.url
                    )
                    spans.insert(style.place, span)
        plain.append(added)
        at += len(added)
    return Text(plain="".join(plain), spans=tuple(spans))


def _image(token: Token) -> tuple[str, str | None]:
    """A picture that no one took as media: its words lead to it, or it stands as written."""
    alt, src = token.content, str(token.attrs.get("src", ""))
    if src.startswith(("http://", "https://")):
        return alt or src, src
    return f"![{alt}]({src})", None
