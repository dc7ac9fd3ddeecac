"""One text as a caption and the messages that follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from broadcaster.calendar.digits import persian_digits
from broadcaster.model import Text
from broadcaster.text import rich
from broadcaster.text.seams import Level, last_seams
from broadcaster.text.split import split


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """The limits of a platform; ``size`` measures a text in the form in which it is sent."""

    size: Callable[[Text], int]
    text: int
    caption: int


def compose(
    text: Text, room: SizeLimits, *, captioned: bool, marks: str | None
) -> tuple[Text, list[Text]]:
    """The caption (empty: none) and the messages after it.

    A text that is too long for a caption leaves there the first paragraphs that fit.  ``marks``:
    language of the numbers (۱/۳) below each part of several, None: none.
    """
    if captioned and room.size(text) <= room.caption:
        return text, []
    if not captioned and room.size(text) <= room.text:
        return rich.EMPTY, [text]
    if marks is None:
        return _divided(text, room, captioned=captioned)
    for digits in range(1, 7):
        caption, parts = _divided(text, _narrowed(room, "8" * digits, marks), captioned=captioned)
        every = [caption, *parts] if caption.plain else parts
        if len(every) == 1:
            return _divided(text, room, captioned=captioned)
        if len(str(len(every))) <= digits:
            break
    total = str(len(every))
    marked = [_marked(part, str(n), total, marks) for n, part in enumerate(every, 1)]
    return (marked[0], marked[1:]) if caption.plain else (rich.EMPTY, marked)


def _narrowed(room: SizeLimits, number: str, marks: str) -> SizeLimits:
    """``room`` with space kept for a mark of such a number."""
    return replace(room, size=lambda part: room.size(_marked(part, number, number, marks)))


def _divided(text: Text, room: SizeLimits, *, captioned: bool) -> tuple[Text, list[Text]]:
    caption, rest = _opening(text, room) if captioned else (rich.EMPTY, text)
    return caption, list(split(rest, room.size, room.text))


def _opening(text: Text, room: SizeLimits) -> tuple[Text, Text]:
    for end, following in last_seams(text.plain, 0, room.caption, Level.PARAGRAPH):
        opening = rich.cut(text, 0, end)
        if room.size(opening) <= room.caption:
            return opening, rich.cut(text, following, len(text.plain))
    return rich.EMPTY, text


def _marked(part: Text, number: str, total: str, language: str) -> Text:
    mark = f"({number}/{total})"
    return rich.join((part, Text(plain=persian_digits(mark) if language == "fa" else mark)), "\n\n")


def joined(texts: Sequence[Text]) -> Text:
    """The texts that are not empty, joined as paragraphs."""
    return rich.join((text for text in texts if text.plain), "\n\n")
