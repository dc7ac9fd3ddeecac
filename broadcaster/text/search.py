"""Texts as a search compares them: one form for all spellings of the same Persian words.

Spaces and half-spaces count for nothing, so that «می‌رود», «می رود» and «میرود» are alike.  Neither
do vowel signs, tatweel, marks of Markdown, capitals, and which digits or which ی and ک were typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from broadcaster.text.persian import LETTERS

_MARKUP = frozenset("*_~`")
_ALIKE = str.maketrans({"ە": "ه", "ہ": "ه", "ة": "ه", "ـ": ""})
_NOTHING = frozenset({"Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp"})
"""Categories of characters that are left out: signs above letters, controls and spaces."""


class _Folding(dict[str, str]):
    """Character -> what stands for it; filled as texts need it."""

    def __missing__(self, char: str) -> str:
        apart = unicodedata.normalize("NFKD", char).translate(LETTERS).translate(_ALIKE)
        self[char] = "".join(map(_bare, apart.casefold()))
        return self[char]


def _bare(char: str) -> str:
    if char in _MARKUP or unicodedata.category(char) in _NOTHING:
        return ""
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


_FOLDING = _Folding()


def folded(texts: Iterable[str]) -> str:
    """``texts``, one in a line, as :func:`terms` are looked for in them."""
    return "\n".join(map(_folded, texts))


def terms(words: str) -> tuple[str, ...]:
    """What each of ``words`` looks like in a folded text; a post is found that has all of them."""
    return tuple(filter(None, dict.fromkeys(map(_folded, words.split()))))


def _folded(text: str) -> str:
    return "".join(map(_FOLDING.__getitem__, text))  # faster than `str.translate`
