"""Persian normalisation: one spelling for each letter, and no stray marks that nobody can see.

Addresses, code, @ids and #tags are never touched, and digits stay as they were typed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from broadcaster.text.code import CODE
from broadcaster.text.direction import STRONG, is_rtl_letter
from broadcaster.text.paths import PATH

LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
_ARABIC = re.compile("[يىك]")

# What must stay as typed: fenced and inline code, targets, addresses, ids, tags and paths.
_KEPT = re.compile(
    CODE
    + r"""
    | (?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*
    | (?:[a-zA-Z][a-zA-Z0-9+.-]{1,15}://|www\.)[^\s<>«»"]+
    | (?<![a-zA-Z0-9.-])[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,5}/[^\s<>«»"]*
    | [@\#][\w\u200c]+
    | """
    + PATH,
    re.VERBOSE | re.MULTILINE,
)

_ZWNJ, _LRM, _RLM = "\u200c", "\u200e", "\u200f"
_ISOLATES, _PDI = "\u2066\u2067\u2068", "\u2069"
_NEVER = "\u200b\u2060\ufeff\u00ad\u061c\u202a-\u202e"
"""Marks that mean nothing in a message: breaks, hyphens and embeddings left by word processors."""
_MARKS = re.compile(f"[{_NEVER}{_ZWNJ}{_LRM}{_RLM}{_ISOLATES}{_PDI}]")
_ALWAYS_STRAY = re.compile(f"[{_NEVER}]")
_NEAR = 200
"""Letters of a line within which others give a direction to a mark."""
_CLAUSE = "،؛:؟!.,…«»()[]\"'/"


def normalise(source: str) -> tuple[str, int]:
    """``source`` with its Persian repaired, and how many letters and marks were changed.

    Doing it again changes nothing.
    """
    changed = 0
    while _ARABIC.search(source) or _MARKS.search(source):
        repaired, count = _repaired(source)
        if not count:
            break
        source, changed = repaired, changed + count
    return source, changed


def kept_spans(source: str) -> list[tuple[int, int]]:
    """Where ``source`` stays as typed: code, targets, addresses, ids, tags and paths."""
    return [match.span() for match in _KEPT.finditer(source)]


def _repaired(source: str) -> tuple[str, int]:
    kept = kept_spans(source)
    out: list[str] = []
    count = at = 0
    for start, end in [*kept, (len(source), len(source))]:
        stretch = source[at:start]
        count += len(_ARABIC.findall(stretch))
        out += (stretch.translate(LETTERS), source[start:end])
        at = end
    text = "".join(out)
    strays = [place for place in _strays(text) if not within(kept, place)]
    if not strays:
        return text, count
    edges = zip([0, *(place + 1 for place in strays)], [*strays, len(text)], strict=True)
    return "".join(text[start:end] for start, end in edges), count + len(strays)


def within(kept: list[tuple[int, int]], place: int) -> bool:
    """Whether ``place`` lies in one of the spans, which stand in order."""
    before = bisect_right(kept, (place, len(kept) and kept[-1][1])) - 1
    return before >= 0 and kept[before][0] <= place < kept[before][1]


def _strays(text: str) -> Iterator[int]:
    """Places of the marks that do nothing, or that nothing closes."""
    opened: list[int] = []
    lone: set[int] = set()
    places = [match.start() for match in _MARKS.finditer(text)]
    for place in places:
        if text[place] in _ISOLATES:
            opened.append(place)
        elif text[place] == _PDI:
            start = opened.pop() if opened else -1
            if start < 0 or text.find("\n", start, place) >= 0:
                lone.update({place, start} - {-1})
    lone.update(opened)
    letters = [match.start() for match in STRONG.finditer(text)] if _RLM in text else []
    for place in places:
        if place in lone or _is_stray(text, place, letters):
            yield place


def _is_stray(text: str, place: int, letters: Sequence[int]) -> bool:
    """``letters``: places of those that have a direction."""
    mark = text[place]
    before = text[place - 1] if place else "\n"
    after = text[place + 1] if place + 1 < len(text) else "\n"
    match mark:
        case "\u200c":
            return _loose(before) or _loose(after) or after == _ZWNJ
        case "\u200e":  # works beside numbers and signs only, as behind «C++»
            return after == mark or not (_works_beside(before) or _works_beside(after))
        case "\u200f":
            return after == mark or _needless(text, place, letters)
    return _ALWAYS_STRAY.match(mark) is not None


def _loose(letter: str) -> bool:
    """Whether there is no letter that the mark could separate."""
    return letter.isspace() or letter in _CLAUSE


def _works_beside(letter: str) -> bool:
    return letter.isdecimal() or (letter.isascii() and not letter.isalnum() and letter > " ")


def _needless(text: str, place: int, letters: Sequence[int]) -> bool:
    """Whether a right-to-left mark stands among right-to-left letters anyway."""
    begin = max(text.rfind("\n", 0, place) + 1, place - _NEAR)
    end = text.find("\n", place, place + _NEAR)
    at = bisect_left(letters, place)
    first = bisect_left(letters, begin)
    near = end if end >= 0 else min(len(text), place + _NEAR)
    if at < len(letters) and letters[at] < near and not is_rtl_letter(text[letters[at]]):
        return False
    return first == at or all(is_rtl_letter(text[letters[n]]) for n in (at - 1, first))
