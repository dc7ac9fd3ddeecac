"""Which way a text runs, and isolates for what would run the wrong way where nothing else helps.

In a Persian line, signs at the edge of Latin words («C++») and the dashes of dates and telephone
numbers take the direction of the line, and the words or numbers come out torn or turned round.
A line that begins with a Latin word runs from left to right as a whole.
"""

from __future__ import annotations

import re
from functools import cache

LRI, PDI = "\u2066", "\u2069"

_LTR = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_RTL = "\u0590-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LTR_LETTER = re.compile(f"[{_LTR}]")
_RTL_LETTER = re.compile(f"[{_RTL}]")
_STRONG = re.compile(f"[{_LTR}{_RTL}]")
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
        rf"|(?P<number>(?<![{_DIGIT}])(?:\+[{_DIGIT}]+(?:[- ][{_DIGIT}]+)*"
        rf"|[0۰][{_DIGIT}]+(?:-[{_DIGIT}]+)+|[{_DIGIT}]{{4}}-[{_DIGIT}]{{1,2}}-[{_DIGIT}]{{1,2}}))"
        rf"(?![{_DIGIT}-])",
        re.IGNORECASE,
    )


def is_ltr_letter(letter: str) -> bool:
    return _LTR_LETTER.match(letter) is not None


def is_rtl_letter(letter: str) -> bool:
    return _RTL_LETTER.match(letter) is not None


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    strong = _STRONG.search(text)
    return strong is not None and is_rtl_letter(strong[0])


def isolated(text: str) -> str:
    """``text`` with isolates where a Persian line would tear what runs from left to right."""
    if not _RTL_LETTER.search(text):
        return text
    return _LINE.sub(lambda line: _isolated_line(line[0]), text)


def _isolated_line(line: str) -> str:
    if not _RTL_LETTER.search(line):
        return line
    if is_rtl(line):
        return _mended(line)
    first = _first_words().match(line)
    if first is None or "://" in first["words"] or not is_rtl(line[first.end() :]):
        return line
    start, end = first.span("words")
    return f"{line[:start]}{LRI}{line[start:end]}{PDI}{_mended(line[end:])}"


def _mended(words: str) -> str:
    return _run().sub(_isolate, words) if _SUSPECT.search(words) else words


def _isolate(found: re.Match[str]) -> str:
    return found[0] if found["kept"] else f"{LRI}{found[0]}{PDI}"
