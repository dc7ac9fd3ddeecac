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
from broadcaster.language import say
from broadcaster.model import Span, SpanKind, Text
from broadcaster.text import links, rich, tables
from broadcaster.text.direction import is_rtl
from broadcaster.text.intake import with_line_breaks

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

RULE = "———"
BULLETS = "•◦▪"
INDENT = "  "

_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]+")
_BOLD = re.compile(r"(?<!\*)\*{2,3}(?!\*)")
_STYLES = {
    "strong_open": SpanKind.BOLD,
    "em_open": SpanKind.ITALIC,
    "s_open": SpanKind.STRIKE,
    "spoiler_open": SpanKind.SPOILER,
}


@lru_cache(maxsize=8)  # a post is read once, however many channels it goes to
def read(source: str) -> Text:
    """The rich text that ``source`` means; nothing that a person wrote is dropped."""
    source = with_line_breaks(source)
    return rich.trimmed(_Reader(source.split("\n")).blocks(_parsed(source)))


@dataclass(frozen=True, slots=True)
class Stray:
    """Markup that nothing closes, which a person may have meant."""

    bold: bool
    """A ``**`` stands in it as it is."""
    fence: bool
    """A fence of backticks is closed by the end of the text only."""


def stray(source: str) -> Stray:
    """What of ``source`` is not closed; what was escaped or is code was meant as it is."""
    source = with_line_breaks(source)
    tokens = _parsed(source)
    children = (child for token in tokens for child in token.children or ())
    lines = source.split("\n")
    return Stray(
        bold=any(child.type == "text" and _BOLD.search(child.content) for child in children),
        fence=any(token.type == "fence" and not _closed(token, lines) for token in tokens),
    )


def _closed(fence: Token, lines: Sequence[str]) -> bool:
    first, end = fence.map or (0, 0)
    last = lines[end - 1].strip(" \t>")
    return end - first > 1 and len(last) >= len(fence.markup) and not last.strip("`")


@lru_cache(maxsize=2)
def _parsed(source: str) -> Sequence[Token]:
    env: dict[str, object] = {}
    tokens = _parser().parse(source, env)
    if unused := set(_labels(env)) - set(_used(tokens)):
        from broadcaster.text.dialect import NOTES  # here: markdown-it, only if there is a text

        tokens = _parser().parse(source, {NOTES: unused})
    return tokens


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
        blank = " \t>"  # the empty line of a quote has its sign
        for block in _blocks(tokens):
            says = _says(block)
            text = self.block(block, depth) if says else self.typed(block[0])
            if not text.plain:
                continue
            if parts:
                parts.append(Text(plain="\n\n" if self.gap(block[0], blank) else "\n"))
            parts.append(text)
            blank = " \t>" if says else " \t"
        return rich.join(parts)

    def typed(self, token: Token) -> Text:
        """The lines of a block in which there is nothing to read, such as ``>>>>``."""
        first, end = token.map or (0, 0)
        return Text(plain="\n".join(line.strip() for line in self.lines[first:end]).strip())

    def gap(self, token: Token, blank: str = " \t>") -> bool:
        """Whether the line before a block holds nothing but ``blank``."""
        line = token.map[0] if token.map else 0
        return line > 0 and not self.lines[line - 1].strip(blank)

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
        items = list(_blocks(tokens))
        counted = all(item[0].info == "1" for item in items)
        for number, item in enumerate(items, 1):
            body = self.blocks(item[1:-1], depth + 1)
            if opening.type == "ordered_list_open":
                mark = f"{number if counted else item[0].info}{item[0].markup}"
                mark = persian_digits(mark) if is_rtl(body.plain) else mark
            else:
                mark = BULLETS[min(depth, len(BULLETS) - 1)]
            if parts:
                parts.append(Text(plain="\n\n" if self.gap(item[0]) else "\n"))
            parts.append(_hanging(body, say("{mark} ", mark=mark)))
        return rich.join(parts)


def _code(token: Token) -> Text:
    """Preformatted text; what stands behind its fence and is no language is its first line."""
    info = token.info.strip()
    content = token.content.rstrip("\n")
    if _LANGUAGE.fullmatch(info):
        return rich.wrap(Text(plain=content), SpanKind.PRE, info)
    return rich.wrap(Text(plain=f"{info}\n{content}".strip("\n")), SpanKind.PRE)


def _says(block: Sequence[Token]) -> bool:
    """Whether there is more in a block than quotes and fences around nothing."""
    return not all(
        token.type in ("blockquote_open", "blockquote_close")
        or (token.type == "fence" and not (token.info + token.content).strip())
        for token in block
    )


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
