"""Where a text may be cut: between paragraphs, lines, sentences, words, and last graphemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

import regex

# White space that may go at a cut; no-break spaces hold words together.
_BLANK = "[^\\S\u00a0\u2007\u202f]"
_SAME_LINE = "[^\\S\n\u00a0\u2007\u202f]"
_RUN = re.compile(f"{_BLANK}+")
_LINE = re.compile(f"{_SAME_LINE}*\n(?:{_SAME_LINE}*\n)*")
_PARAGRAPH = re.compile(f"{_SAME_LINE}*\n(?:{_SAME_LINE}*\n)+")
_SENTENCE = re.compile(f"(?<=[.!?؟؛…۔»”’\"')\\]]){_BLANK}+|{_SAME_LINE}*\n{_BLANK}*")
# An end of a sentence before that white space: no number of a list and no initial.
_ENDED = re.compile("(?s).*[.!?؟؛…۔][»”’\"')\\]]*\\Z")
_NO_END = re.compile("(?s)(?:.*\n)?[ ]*(?:\\d{1,3}|.*\\b\\w)\\.\\Z")
_GRAPHEME = regex.compile(r"\X")
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


def seams(plain: str, start: int, end: int, level: Level) -> Iterator[tuple[int, int]]:
    """Seams after ``start`` whose first part ends at ``end`` or before: (its end, next start)."""
    pattern = _PATTERNS[level]
    for found in pattern.finditer(plain, start, min(len(plain), end + _AHEAD)):
        first = found.start()
        if first > end:
            return
        if first == start or (level is Level.SENTENCE and not _ends_sentence(plain, found)):
            continue
        whole = pattern.match(plain, first)
        following = whole.end() if whole else found.end()
        if following < len(plain) and _whole(plain, first) and _whole(plain, following):
            yield first, following


def graphemes(plain: str, start: int, end: int) -> int:
    """The last offset up to ``end`` that tears no grapheme that begins at ``start`` or later."""
    last = start
    for found in _GRAPHEME.finditer(plain, start, min(len(plain), end + _AHEAD)):
        if found.end() > end:
            break
        last = found.end()
    return last


def _whole(plain: str, at: int) -> bool:
    """Whether the letters before and after ``at`` are two graphemes."""
    pair = _GRAPHEME.match(plain, at - 1, at + 1)
    return pair is not None and pair.end() == at


def _ends_sentence(plain: str, found: re.Match[str]) -> bool:
    if "\n" in found[0]:
        return True
    before = plain[max(0, found.start() - 8) : found.start()]
    return _ENDED.match(before) is not None and _NO_END.match(before) is None
