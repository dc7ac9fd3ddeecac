"""``parse_mode=HTML`` of the Bot-API family."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from broadcaster.sandbox.markup.spans import (
    CannotParse,
    MarkedText,
    MarkupSpan,
    byte_offset,
    link_mark,
)

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAME = re.compile(r"[A-Za-z][\w:-]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE = re.compile(r"[^\s=/>\"']+")
_VALUE = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w.:/-]+)")
_ENTITY = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6})|lt|gt|amp|quot);")


@dataclass(slots=True)
class _OpenTag:
    tag: str
    start: int
    begin: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse_html(source: str) -> MarkedText:
    """:raises CannotParse: an unknown, unclosed or crossing tag."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.stack: list[_OpenTag] = []
        self.marks: list[MarkupSpan] = []

    def parse(self) -> MarkedText:
        source = self.source
        while self.at < len(source):
            match source[self.at]:
                case "&":
                    self._entity()
                case "<" if source[self.at + 1 : self.at + 2] == "/":
                    self._close()
                case "<":
                    self._open()
                case letter:
                    self._put(letter)
                    self.at += 1
        if self.stack:
            raise CannotParse(
                f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"'
            )
        return MarkedText("".join(self.out), tuple(self.marks))

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += len(text)

    def _entity(self) -> None:
        match = _ENTITY.match(self.source, self.at)
        self._put(unescape(match[0]) if match else "&")
        self.at = match.end() if match else self.at + 1

    def _open(self) -> None:
        begin = self.at
        where = byte_offset(self.source, begin)
        name = _NAME.match(self.source, begin + 1)
        tag = name[0].lower() if name else ""
        if name is None or tag not in KINDS:
            raise CannotParse(f'Unsupported start tag "{tag}" at byte offset {where}')
        self.at = name.end()
        attributes = self._attributes(tag, where)
        if tag == "span" and "tg-spoiler" not in attributes.get("class", ""):
            raise CannotParse(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.stack.append(_OpenTag(tag, self.length, where, attributes))

    def _attributes(self, tag: str, where: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip()
            if self.source.startswith(">", self.at):
                self.at += 1
                return attributes
            name = _ATTRIBUTE.match(self.source, self.at)
            if name is None:
                raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {where}')
            self.at = name.end()
            self._skip()
            if not self.source.startswith("=", self.at):
                attributes[name[0].lower()] = ""
                continue
            self.at += 1
            self._skip()
            value = _VALUE.match(self.source, self.at)
            if value is None:
                raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {where}')
            self.at = value.end()
            attributes[name[0].lower()] = unescape(value[1] or value[2] or value[3] or "")

    def _skip(self) -> None:
        space = _SPACE.match(self.source, self.at)
        assert space is not None
        self.at = space.end()

    def _close(self) -> None:
        where = byte_offset(self.source, self.at)
        if not self.stack:
            raise CannotParse(f"Unexpected end tag at byte offset {where}")
        name = _NAME.match(self.source, self.at + 2)
        self.at = name.end() if name else self.at + 2
        self._skip()
        if not self.source.startswith(">", self.at):
            raise CannotParse(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        opened = self.stack.pop()
        if name and name[0].lower() != opened.tag:
            raise CannotParse(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>",'
                f' found "</{name[0].lower()}>"'
            )
        if self.length > opened.start:
            self._mark(opened)

    def _mark(self, opened: _OpenTag) -> None:
        start, end, attributes = opened.start, self.length, opened.attributes
        match opened.tag:
            case "a":
                inside = "".join(self.out)[start:end]
                self.marks.extend(link_mark(attributes.get("href") or inside, start, end))
            case "pre":
                inner = self.marks[-1] if self.marks else None
                whole = inner and (inner.kind, inner.start, inner.end) == ("code", start, end)
                language = self.marks.pop().more if whole else {}
                self.marks.append(MarkupSpan("pre", start, end, language))
            case "code":
                class_names = attributes.get("class", "")
                inside_pre = bool(self.stack) and self.stack[-1].tag == "pre"
                named = inside_pre and class_names.startswith("language-")
                more = {"language": class_names.removeprefix("language-")} if named else {}
                self.marks.append(MarkupSpan("code", start, end, more))
            case "blockquote" if "expandable" in attributes:
                self.marks.append(MarkupSpan("expandable_blockquote", start, end))
            case "tg-emoji":
                more = {"custom_emoji_id": attributes.get("emoji-id", "")}
                self.marks.append(MarkupSpan("custom_emoji", start, end, more))
            case tag:
                self.marks.append(MarkupSpan(KINDS[tag], start, end))
