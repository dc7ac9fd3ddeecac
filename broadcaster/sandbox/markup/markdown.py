"""``parse_mode=MarkdownV2`` and legacy ``Markdown`` of the Bot-API family."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from broadcaster.sandbox.markup.spans import (
    CannotParse,
    MarkedText,
    MarkupSpan,
    byte_offset,
    link_mark,
)

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_NAMES = {
    "_": "Italic",
    "__": "Underline",
    "*": "Bold",
    "~": "Strikethrough",
    "||": "Spoiler",
    "`": "Code",
    "```": "Pre",
    "[": "TextUrl",
    "![": "CustomEmoji",
}
_KINDS = {
    "_": "italic",
    "__": "underline",
    "*": "bold",
    "~": "strikethrough",
    "||": "spoiler",
    "`": "code",
    "```": "pre",
}
_LANGUAGE = re.compile(r"[^\s`]+(?=\s)")
_LEGACY = {"_": "italic", "*": "bold", "`": "code", "```": "pre"}


@dataclass(frozen=True, slots=True)
class _OpenMark:
    sign: str
    start: int
    begin: int
    language: str = ""


def parse_markdown_v2(source: str) -> MarkedText:
    """:raises CannotParse: a reserved letter without backslash, or a mark that nothing ends."""
    return _V2(source.replace("\r", "")).parse()


class _V2:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.stack: list[_OpenMark] = []
        self.marks: list[MarkupSpan] = []
        self.quote: int | None = None
        self.line_start = True

    def parse(self) -> MarkedText:
        while self.at < len(self.source):
            self._step()
        self._end_quote()
        if self.stack:
            opened = self.stack[-1]
            where = byte_offset(self.source, opened.begin)
            raise CannotParse(
                f"Can't find end of {_NAMES[opened.sign]} entity at byte offset {where}"
            )
        return MarkedText("".join(self.out), tuple(self.marks))

    def _step(self) -> None:
        at, source = self.at, self.source
        letter = source[at]
        inside = self.stack[-1].sign if self.stack else ""
        if self.line_start and inside not in ("`", "```"):
            self.line_start = False
            if self._begin_line(letter):
                return
        if letter == "\\" and "\x00" < source[at + 1 : at + 2] < "\x7f":
            self._put(source[at + 1], 2)
        elif inside in ("`", "```"):
            if source.startswith(inside, at):
                self._pop(inside)
            else:
                self._put(letter, 1)
        elif letter not in RESERVED:
            self._put(letter, 1)
        else:
            self._reserved(letter, inside)

    def _begin_line(self, letter: str) -> bool:
        """Quotes begin and end with lines; whether the letter was used up."""
        if letter == ">":
            if self.quote is None:
                self.quote = len(self.out)
            self.at += 1
            return True
        self._end_quote()
        return False

    def _end_quote(self, kind: str = "blockquote") -> None:
        if self.quote is not None:
            end = len(self.out)
            while end > self.quote and self.out[end - 1] == "\n":
                end -= 1
            if end > self.quote:
                self.marks.append(MarkupSpan(kind, self.quote, end))
            self.quote = None

    def _reserved(self, letter: str, inside: str) -> None:
        sign = self._sign(letter)
        rest = self.source[self.at + 2 :]
        if sign == "||" and self.quote is not None and inside != "||" and rest[:1] in ("", "\n"):
            self._end_quote("expandable_blockquote")
            self.at += 2
        elif letter == "]" and inside in ("[", "!["):
            self._end_link()
        elif sign in _KINDS and sign == inside:
            self._pop(sign)
        elif sign in _NAMES:
            self._push(sign)
        else:
            raise CannotParse(
                f"Character '{letter}' is reserved and must be escaped with the preceding '\\'"
            )

    def _sign(self, letter: str) -> str:
        for sign in ("```", "__", "||", "!["):
            if self.source.startswith(sign, self.at):
                return sign
        return letter

    def _push(self, sign: str) -> None:
        if any(opened.sign == sign for opened in self.stack):
            where = byte_offset(self.source, self.stack[-1].begin)
            name = _NAMES[self.stack[-1].sign]
            raise CannotParse(f"Can't find end of {name} entity at byte offset {where}")
        begin, language = self.at, ""
        self.at += len(sign)
        if sign == "```":
            match = _LANGUAGE.match(self.source, self.at)
            if match:
                language = match[0]
                self.at = match.end()
            if self.source.startswith("\n", self.at):
                self.at += 1
        self.stack.append(_OpenMark(sign, len(self.out), begin, language))

    def _pop(self, sign: str) -> None:
        opened = self.stack.pop()
        self.at += len(sign)
        if len(self.out) > opened.start:
            more = {"language": opened.language} if opened.language else {}
            self.marks.append(MarkupSpan(_KINDS[sign], opened.start, len(self.out), more))

    def _end_link(self) -> None:
        opened = self.stack.pop()
        self.at += 1
        start, end = opened.start, len(self.out)
        url = "".join(self.out[start:end])
        if self.source.startswith("(", self.at):
            begin = self.at
            url = self._url()
            if not self.source.startswith(")", self.at):
                where = byte_offset(self.source, begin)
                raise CannotParse(f"Can't find end of a URL at byte offset {where}")
            self.at += 1
        if end == start:
            return
        if opened.sign == "![":
            identifier = url.rpartition("id=")[2]
            self.marks.append(
                MarkupSpan("custom_emoji", start, end, {"custom_emoji_id": identifier})
            )
        else:
            self.marks.extend(link_mark(url, start, end))

    def _url(self) -> str:
        self.at += 1
        url = []
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "\\" and self.at + 1 < len(self.source):
                self.at += 1
            url.append(self.source[self.at])
            self.at += 1
        return "".join(url)

    def _put(self, letter: str, used: int) -> None:
        self.out.append(letter)
        self.at += used
        self.line_start = letter == "\n"


def parse_markdown(source: str) -> MarkedText:
    """Legacy ``Markdown``: nothing nests, and nothing is escaped inside of a mark.

    :raises CannotParse: a mark that nothing ends.
    """
    out: list[str] = []
    marks: list[MarkupSpan] = []
    at = 0
    while at < len(source):
        letter = source[at]
        if letter == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.append(source[at + 1])
            at += 2
        elif letter not in "_*`[":
            out.append(letter)
            at += 1
        else:
            at = _legacy_mark(source, at, out, marks)
    return MarkedText("".join(out), tuple(marks))


def _legacy_mark(source: str, begin: int, out: list[str], marks: list[MarkupSpan]) -> int:
    """Read the mark that begins here; where to go on."""
    sign = "```" if source.startswith("```", begin) else source[begin]
    ending = "]" if sign == "[" else sign
    first = begin + len(sign)
    end = source.find(ending, first)
    where = byte_offset(source, begin)
    if end < 0:
        raise CannotParse(f"Can't find end of the entity starting at byte offset {where}")
    inside = source[first:end]
    mark = MarkupSpan(_LEGACY.get(sign, "text_link"), len(out), len(out))
    if sign == "```":
        match = _LANGUAGE.match(inside)
        inside = inside[match.end() if match else 0 :].removeprefix("\n")
        mark = replace(mark, more={"language": match[0]} if match else {})
    out.extend(inside)
    after = end + len(ending)
    if sign == "[":
        url = inside
        if source.startswith("(", after):
            closing = source.find(")", after)
            if closing < 0:
                raise CannotParse(f"Can't find end of the entity starting at byte offset {where}")
            url, after = source[after + 1 : closing], closing + 1
        if inside:
            marks.extend(link_mark(url, mark.start, len(out)))
    elif inside:
        marks.append(replace(mark, end=len(out)))
    return after
