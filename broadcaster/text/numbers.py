"""Converts numbers of Persian texts to Persian digits, if the channel asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from broadcaster.calendar.digits import persian_digits
from broadcaster.text.direction import is_rtl
from broadcaster.text.persian import kept_spans, within

_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(r"[ \t>]*\d{1,9}[.)](?=[ \t]|$)")
"""The number of a list's item, which Markdown knows in these digits only."""
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_&#{\\.-])[0-9]+(?:[.,:/٫٬][0-9]+)*(?![A-Za-z0-9_}]|[.-][A-Za-z0-9])"
)
"""No Latin letter, name or hyphen touches it: C3, 3D, COVID-19 and 2026-11-23 stay as they are."""
_GROUP = re.compile(r"[A-Za-z\d_&#{}\\.,:/٫٬+%*~|()‐‑–—-]+")
"""What may be one number, or a part of one whose groups stand apart: 021-8888 1234."""
_BLANKS = "[ \t\u00a0\u2007\u202f\u200c-\u200f\u2066-\u2069]{0,4}"
_BETWEEN = re.compile(f"{_BLANKS}[‐‑–—-]?{_BLANKS}")
_LATIN = re.compile("[A-Za-z]")
_ENDS = re.compile(r"\d[)*_~|]*\Z")
_BEGINS = re.compile(r"[(+*_~|‐‑–—-]*\d")
_OF_ITS_OWN = re.compile(r"[(*_~|]*\d+(?:[/:]\d+)+[)*_~|]*")
"""A date or an hour, which is no group of another number."""


def persian_numbers(source: str) -> tuple[str, int]:
    """``source`` with numbers of Persian lines in Persian digits, and how many digits changed.

    Code, addresses, ids, tags, the numbers of lists and names such as «3D» stay as typed.  A number
    in groups, as of telephones, accounts and cards, is changed as a whole or not at all.
    """
    kept = kept_spans(source)
    out: list[str] = []
    count = at = 0
    for line in _LINE.finditer(source):
        if not is_rtl(line[0]):
            continue
        item = _ITEM.match(line[0])
        begin = line.start() + (item.end() if item else 0)
        for start, end in _changeable(source, begin, line.end(), kept):
            out += (source[at:start], persian_digits(source[start:end]))
            count += _digits(source[start:end])
            at = end
    return "".join((*out, source[at:])), count


def _changeable(
    source: str, begin: int, end: int, kept: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Where numbers stand in one line that may be changed."""
    found = (number.span() for number in _NUMBER.finditer(source, begin, end))
    numbers = [(a, b) for a, b in found if not (within(kept, a) or within(kept, b - 1))]
    following = 0
    for number in _numbers(source, begin, end, kept):
        whole = True
        own: list[tuple[int, int]] = []
        for start, stop in number:
            while following < len(numbers) and numbers[following][0] < start:
                following += 1
            first = len(own)
            while following < len(numbers) and numbers[following][0] < stop:
                own.append(numbers[following])
                following += 1
            known = sum(_digits(source[a:b]) for a, b in own[first:])
            whole = whole and known == _digits(source[start:stop])
        # Groups that touch are a number as well: of 021-8888,1234 nothing is changed.
        if whole or (len(number) == 1 and not _numeric(source, number[0])):
            yield from own


def _numeric(source: str, group: tuple[int, int]) -> bool:
    return _LATIN.search(source, *group) is None


def _numbers(
    source: str, begin: int, end: int, kept: list[tuple[int, int]]
) -> Iterator[Sequence[tuple[int, int]]]:
    """Numbers of one line as their groups."""
    number: list[tuple[int, int]] = []
    for found in _GROUP.finditer(source, begin, end):
        if not re.search(r"\d", found[0]):
            continue
        if number and not _belongs(source, number, found):
            yield number
            number = []
        if within(kept, found.start()) or within(kept, found.end() - 1):
            if number:
                yield number
            number = []
        else:
            number.append(found.span())
    if number:
        yield number


def _belongs(source: str, number: Sequence[tuple[int, int]], found: re.Match[str]) -> bool:
    """Whether a group of digits goes on the number before it."""
    start, end = number[-1]
    before = source[start:end]
    if not (
        _BETWEEN.fullmatch(source, end, found.start())
        and _ENDS.search(before)
        and _BEGINS.match(found[0])
    ):
        return False
    if _OF_ITS_OWN.fullmatch(before) or _OF_ITS_OWN.fullmatch(found[0]):
        return False
    # Behind COVID-19 a small number is one of its own; behind IR12 there are four digits.
    return len(number) > 1 or not _LATIN.search(before) or _digits(found[0]) > 2


def _digits(text: str) -> int:
    return sum(letter.isdigit() and letter.isascii() for letter in text)
