"""Finds the direction of a text, and isolates parts that would be shown in the wrong direction.

In a Persian line, signs at the edge of Latin words («C++») and the dashes of dates and telephone
numbers take the direction of the line, and the words or numbers come out torn or turned round.
A line that begins with a Latin word runs from left to right as a whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache

LRI, PDI = "\u2066", "\u2069"

_LTR = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_RTL = "\u0590-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_RTL_LETTER = re.compile(f"[{_RTL}]")
STRONG = re.compile(f"[{_LTR}{_RTL}]")
"""A letter that has a direction."""
_DIGIT = "0-9۰-۹"
_LINE = re.compile(r"[^\n]+")

# Addresses, ids and tags stay bare: with a mark beside them clients no longer make them links.
_TAPPABLE = r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+|[@#][\w\u200c]+|[a-z0-9._+-]{1,64}@\S+"
_WORD = rf"(?<![{_LTR}0-9])[{_LTR}](?:[{_LTR}0-9'’&+#./:_-]{{0,60}}[{_LTR}0-9])?"
# What each run below holds somewhere; most lines have nothing of it.
_SUSPECT = re.compile(rf"[{_LTR}0-9][+#%]|[-.$~/\\][{_LTR}]|\+[{_DIGIT}]|[{_DIGIT}]-[{_DIGIT}]")


@cache
def _first_words() -> re.Pattern[str]:
    return re.compile(
        rf"[^{_LTR}{_RTL}@#/\n]*?(?P<words>{_WORD}(?: {_WORD}){{0,9}})"
        r"(?=[\s،؛»)]|[.:](?:\s|$)|$)"
    )


@cache
def _run() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<kept>{_TAPPABLE})"
        # Latin words with the signs that belong to them: .NET, --help, C++, C#, 3D
        rf"|(?P<latin>(?<![^\s«(\[])[-.$~/\\]{{1,2}}{_WORD}[+#%]{{0,2}}"
        rf"|(?:{_WORD} ){{0,3}}{_WORD}[+#%]{{1,2}})(?![{_LTR}0-9])"
        # +98 21 1234, 021-88881234, 2026-11-23
        # (not from the middle of one that is none, lest a long one be tried again and again)
        rf"|(?P<number>(?<![{_DIGIT}])(?:\+[{_DIGIT}]+(?:[- ][{_DIGIT}]+)*"
        rf"|(?<![{_DIGIT}]-)[0۰][{_DIGIT}]++(?:-[{_DIGIT}]++)++|[{_DIGIT}]{{4}}-[{_DIGIT}]{{1,2}}-[{_DIGIT}]{{1,2}}))"
        rf"(?![{_DIGIT}-])",
        re.IGNORECASE,
    )


def is_rtl_letter(letter: str) -> bool:
    return _RTL_LETTER.match(letter) is not None


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    strong = STRONG.search(text)
    return strong is not None and is_rtl_letter(strong[0])


def isolated(text: str, whole: Sequence[tuple[int, int]] = ()) -> str:
    """``text`` with isolates around left-to-right parts that a Persian line would tear apart.

    ``whole``: parts, from and to, that may only be isolated as a whole: whoever copies code from
    there wants no marks in it.  One of several lines, or in Persian, gets none at all.
    """
    if not _RTL_LETTER.search(text):
        return text
    shown: list[str] = []
    offset = 0
    for start, end in _apart(text, whole):
        shown += (text[offset:start], LRI, text[start:end], PDI)
        offset = end
    return "".join((*shown, text[offset:]))


def _apart(text: str, whole: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The runs to isolate, without overlaps."""
    parts = deque(
        (first, behind, "\n" in text[first:behind] or is_rtl(text[first:behind]))
        for first, behind in sorted(whole)
    )
    last = 0
    for line in _LINE.finditer(text):
        for run in _runs(line[0]):
            start, end = (line.start() + place for place in run)
            while parts and parts[0][1] <= start:
                parts.popleft()
            bare = False
            for first, behind, is_bare in parts:
                if first >= end:
                    break
                start, end = min(start, first), max(end, behind)
                bare = bare or is_bare
            if start >= last and not bare:
                yield start, end
                last = end


def _runs(line: str) -> Iterator[tuple[int, int]]:
    """Places in one line, in their order."""
    if not _RTL_LETTER.search(line):
        return
    begin = 0
    if not is_rtl(line):
        first = _first_words().match(line)
        if first is None or "://" in first["words"] or not is_rtl(line[first.end() :]):
            return
        yield first.span("words")
        begin = first.end()
    if _SUSPECT.search(line, begin):
        yield from (run.span() for run in _run().finditer(line, begin) if not run["kept"])
