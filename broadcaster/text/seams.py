"""Finds where a text may be cut: between paragraphs, lines, sentences, words, or graphemes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# The patterns are compiled by `re` when first used: most texts are not cut, and a command is to
# start at once.

# White space that may go at a cut; no-break spaces hold words together.
_BLANK = "[^\\S\u00a0\u2007\u202f]"
_SAME_LINE = "[^\\S\n\u00a0\u2007\u202f]"
_RUN = f"{_BLANK}+"
_LINE = f"{_SAME_LINE}*\n(?:{_SAME_LINE}*\n)*"
_PARAGRAPH = f"{_SAME_LINE}*\n(?:{_SAME_LINE}*\n)+"
_SENTENCE = f"(?<=[.!?؟؛…۔»”’\"')\\]]){_BLANK}+|{_SAME_LINE}*\n{_BLANK}*"
# An end of a sentence before that white space: no number of a list and no initial.
_ENDED = "(?s).*[.!?؟؛…۔][»”’\"')\\]]*\\Z"
_NO_END = "(?s)(?:.*\n)?[ ]*(?:\\d{1,3}|.*\\b\\w)\\.\\Z"
_FLAG_HALVES = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_AHEAD = 64
"""How far behind a window the white space of a seam is looked for."""


class Level(IntEnum):
    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    WORD = 3


_PATTERNS = {
    Level.PARAGRAPH: _PARAGRAPH,
    Level.LINE: _LINE,
    Level.SENTENCE: _SENTENCE,
    Level.WORD: _RUN,
}


def last_seams(plain: str, start: int, end: int, level: Level) -> Iterator[tuple[int, int]]:
    """Seams whose first part, from ``start``, ends at ``end`` or before: (its end, next start).

    The last one comes first.
    """
    matches = re.compile(_PATTERNS[level]).finditer(plain, start, min(len(plain), end + _AHEAD))
    for offset in reversed([offset.start() for offset in matches if start < offset.start() <= end]):
        if seam := _seam(plain, offset, level):
            yield seam


def next_seam(plain: str, start: int, end: int, level: Level) -> tuple[int, int] | None:
    """The first seam behind ``start`` and not behind ``end``, in the same form."""
    ahead = min(len(plain), end + _AHEAD)
    for match in re.compile(_PATTERNS[level]).finditer(plain, start, ahead):
        if start < match.start() <= end and (seam := _seam(plain, match.start(), level)):
            return seam
    return None


def last_grapheme(plain: str, start: int, end: int) -> int:
    """The last offset up to ``end`` that tears no grapheme; ``start`` where there is none."""
    last = end
    while last > start and not _certain(plain, last):
        last -= 1
    for match in _grapheme().finditer(plain, last, min(len(plain), end + _AHEAD)):
        if match.end() > end:
            break
        last = match.end()
    return last


@cache
def _grapheme() -> regex.Pattern[str]:
    import regex  # only a text that must be cut needs it

    return regex.compile(r"\X")


def _seam(plain: str, at: int, level: Level) -> tuple[int, int] | None:
    match = re.compile(_PATTERNS[level]).match(plain, at)
    if match is None or match.end() == len(plain):
        return None
    if level is Level.SENTENCE and "\n" not in match[0] and not _sentence_ends(plain, at):
        return None
    return (at, match.end()) if _whole(plain, at) and _whole(plain, match.end()) else None


def _certain(plain: str, at: int) -> bool:
    """Whether a grapheme begins at ``at``, whatever came before the letter in front of it.

    Behind marks, joiners and the halves of flags, what is before them has to tell.
    """
    before = plain[at - 1]
    if unicodedata.category(before)[0] == "M" or before == "\u200d" or before in _FLAG_HALVES:
        return False
    return _whole(plain, at)


def _whole(plain: str, at: int) -> bool:
    """Whether the letters before and after ``at`` are two graphemes."""
    pair = _grapheme().match(plain, at - 1, at + 1)
    return pair is not None and pair.end() == at


def _sentence_ends(plain: str, at: int) -> bool:
    before = plain[max(0, at - 8) : at]
    return re.match(_ENDED, before) is not None and re.match(_NO_END, before) is None
