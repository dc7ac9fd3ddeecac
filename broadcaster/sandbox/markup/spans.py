"""Plain text and its spans: counted in code points while parsing, in UTF-16 units on the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qs, urlsplit

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://|mailto:")
BLANK = " \n\t\r"


class CannotParse(Exception):
    """The markup is broken; the text says where, in the words of Telegram."""


@dataclass(frozen=True, slots=True)
class MarkupSpan:
    """A stretch of text, in code points; ``more`` are the further fields of its entity."""

    kind: str
    start: int
    end: int
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """What readers see, and how it is set."""

    text: str
    marks: tuple[MarkupSpan, ...] = ()

    def trimmed(self) -> MarkedText:
        """Without blank space at both ends, and without marks that hold nothing."""
        start = len(self.text) - len(self.text.lstrip(BLANK))
        text = self.text.strip(BLANK)
        kept = (
            replace(
                mark,
                start=min(max(mark.start - start, 0), len(text)),
                end=min(max(mark.end - start, 0), len(text)),
            )
            for mark in self.marks
        )
        return MarkedText(text, tuple(mark for mark in kept if mark.end > mark.start))

    def entities(self) -> tuple[dict[str, Any], ...]:
        """The marks as a Bot API writes them: outer ones first, in UTF-16 units."""
        if not self.marks:
            return ()
        utf16 = offsets(self.text)
        ordered = sorted(self.marks, key=lambda mark: (mark.start, -mark.end))
        return tuple(
            {
                "type": mark.kind,
                "offset": utf16[mark.start],
                "length": utf16[mark.end] - utf16[mark.start],
                **mark.more,
            }
            for mark in ordered
        )


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def offsets(text: str) -> list[int]:
    """UTF-16 offset of each code point, and of the end."""
    return [0, *accumulate(1 + (ord(letter) > 0xFFFF) for letter in text)]


def from_entities(text: str, entities: Any) -> MarkedText:
    """Explicit entities of a call.

    :raises CannotParse: one lies outside of the text or cuts a symbol in two.
    """
    if not entities:
        return MarkedText(text)
    if not isinstance(entities, list):
        raise CannotParse("can't parse entities: an Array of MessageEntity is expected")
    utf16 = offsets(text)
    where = {offset: index for index, offset in enumerate(utf16)}
    marks = []
    for entity in entities:
        if not isinstance(entity, dict) or "type" not in entity:
            raise CannotParse("can't parse MessageEntity: Object expected")
        more = {**entity}
        kind, offset, length = more.pop("type"), more.pop("offset", 0), more.pop("length", 0)
        if not isinstance(offset, int) or not isinstance(length, int):
            raise CannotParse("can't parse MessageEntity: offset and length are numbers")
        end = offset + length
        if offset < 0 or length < 0 or end > utf16[-1]:
            raise CannotParse(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
                f" at UTF-16 offset {end}"
            )
        if offset not in where or end not in where:
            raise CannotParse(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
            )
        marks.append(MarkupSpan(str(kind), where[offset], where[end], more))
    return MarkedText(text, tuple(mark for mark in marks if mark.end > mark.start))


def byte_offset(text: str, index: int) -> int:
    """Where the code point stands in UTF-8, as error texts count."""
    return len(text[:index].encode())


def link(address: str) -> dict[str, Any] | None:
    """The further fields of a link, None where the address is none."""
    address = address.strip()
    url = address if _SCHEME.match(address) else f"http://{address}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme == "tg" and parts.netloc == "user":
        user = parse_qs(parts.query).get("id", [""])[0]
        known = {"id": int(user), "is_bot": False, "first_name": user} if user.isdecimal() else None
        return {"user": known} if known else None
    if parts.scheme in ("http", "https"):
        named = "." in parts.netloc or parts.netloc.startswith("localhost")
        return {"url": url} if named else None
    return {"url": url} if parts.scheme in ("tg", "ton", "mailto") else None


def link_mark(address: str, start: int, end: int) -> Sequence[MarkupSpan]:
    """The mark of a link, none where the address is no link."""
    more = link(address)
    if more is None:
        return ()
    return (MarkupSpan("text_mention" if "user" in more else "text_link", start, end, more),)
