"""Marked-up text as HTML; whatever was posted, only our own tags come out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from broadcaster.sandbox.markup.spans import offsets

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]+[^\s<>«»\".,:;!?)\]،؛؟]")
_SAFE = re.compile(r"(?:https?|tg|mailto|tel):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Mark:
    entity: Mapping[str, Any]
    start: int
    end: int


def rich(text: str, entities: Sequence[Mapping[str, Any]]) -> str:
    """``entities`` count in UTF-16 units; those that cross are cut where they do."""
    where = {offset: index for index, offset in enumerate(offsets(text))}
    marks = [
        _Mark(entity, start, end)
        for entity in entities
        if (start := where.get(entity["offset"])) is not None
        and (end := where.get(entity["offset"] + entity["length"])) is not None
    ]
    return _between(text, 0, len(text), marks, plain=False)


def _between(text: str, start: int, end: int, marks: list[_Mark], *, plain: bool) -> str:
    """``plain``: inside of code and links addresses are no links, and lines stay as they are."""
    out = []
    offset = start
    waiting = sorted(marks, key=lambda mark: (mark.start, -mark.end))
    while waiting:
        mark, *rest = waiting
        inside, waiting = [], []
        for each in rest:
            if each.start >= mark.end:
                waiting.append(each)
                continue
            inside.append(replace(each, end=min(each.end, mark.end)))
            if each.end > mark.end:
                waiting.append(replace(each, start=mark.end))
        opening, closing = _tags(mark.entity)
        literal = plain or mark.entity["type"] in ("code", "pre", "text_link", "url")
        out.append(_leaf(text[offset : mark.start], plain=plain))
        out.append(opening + _between(text, mark.start, mark.end, inside, plain=literal) + closing)
        offset = mark.end
    out.append(_leaf(text[offset:end], plain=plain))
    return "".join(out)


def _tags(entity: Mapping[str, Any]) -> tuple[str, str]:
    kind = entity["type"]
    if kind == "text_link":
        return _link(str(entity.get("url", "")))
    if kind == "spoiler":
        return '<span class="spoiler" tabindex="0">', "</span>"
    tag = _TAGS.get(kind)
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def _link(url: str) -> tuple[str, str]:
    if not _SAFE.match(url):
        return "", ""
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow" target="_blank">', "</a>"


def _leaf(text: str, *, plain: bool) -> str:
    if plain:
        return _lines(text)
    out: list[str] = []
    offset = 0
    for match in _ADDRESS.finditer(text):
        opening, closing = _link(match[0])
        bare = opening.replace("<a ", '<a dir="ltr" ', 1)  # a Persian path stays behind its host
        out += _lines(text[offset : match.start()]), bare, escape(match[0]), closing
        offset = match.end()
    return "".join([*out, _lines(text[offset:])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
