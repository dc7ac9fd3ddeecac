"""Persian care: one spelling for each letter, and no stray marks that nobody can see.

Addresses, code, @ids and #tags are never touched, and digits stay as they were typed.
"""

from __future__ import annotations

import re

_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})

# What must stay as typed: fenced and inline code, Markdown targets, addresses, ids and tags.
_KEPT = re.compile(
    r"""
    ^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*\n)*?(?:[ ]{0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)
    | (?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)
    | (?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*
    | (?:[a-zA-Z][a-zA-Z0-9+.-]{1,15}://|www\.)[^\s<>«»"]+
    | [@\#][\w\u200c]+
    """,
    re.VERBOSE | re.MULTILINE,
)

# Marks without a width of their own.  ZWNJ means something between letters only; the joiner
# holds emoji families and some Persian abbreviations together and stays.
_ZWNJ = "\u200c"
_STRAY = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+")
_RUN = re.compile(f"{_ZWNJ}{{2,}}")
_LOOSE = re.compile(
    rf"(?:(?<=\s)|^){_ZWNJ}+|{_ZWNJ}+(?=\s|$)|(?<=[،؛:؟!.,»«()]){_ZWNJ}+", re.MULTILINE
)


def normalise(source: str) -> tuple[str, int]:
    """``source`` with its Persian repaired, and how many letters and marks were changed.

    Doing it again changes nothing.
    """
    out: list[str] = []
    changed = at = 0
    for kept in _KEPT.finditer(source):
        repaired, count = _repair(source[at : kept.start()])
        out += (repaired, kept[0])
        changed += count
        at = kept.end()
    repaired, count = _repair(source[at:])
    out.append(repaired)
    return "".join(out), changed + count


def _repair(text: str) -> tuple[str, int]:
    letters = sum(text.count(letter) for letter in "يىك")
    cleaned = _STRAY.sub("", text.translate(_LETTERS) if letters else text)
    cleaned = _LOOSE.sub("", _RUN.sub(_ZWNJ, cleaned))
    return cleaned, letters + len(text) - len(cleaned)
