"""Folding what Persian, Arabic and Latin keyboards produce into one form."""

from __future__ import annotations

import re

_LATIN = "0123456789"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"

_TO_LATIN = str.maketrans(_PERSIAN + _ARABIC, _LATIN * 2)
_TO_PERSIAN = str.maketrans(_LATIN, _PERSIAN)

_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "أ": "ا",
        "إ": "ا",
        "ئ": "ی",  # «سه‌شنبهٔ» and the like never need it, «اوت/اوئت» is the same month
        "ـ": None,  # tatweel only stretches
        "：": ":",
        "／": "/",
        "−": "-",
        "–": "-",
        "،": " ",
        ",": " ",
    }
)
# Marks without a width of their own: ZWNJ and ZWJ, directions and isolates, vowel signs, BOM.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u064b-\u0655\u0670]")


def latin_digits(text: str) -> str:
    """``text`` with Persian and Arabic digits as 0-9, all else untouched."""
    return text.translate(_TO_LATIN)


def persian_digits(text: str) -> str:
    """``text`` with 0-9 as Persian digits, all else untouched."""
    return text.translate(_TO_PERSIAN)


def fold(text: str) -> str:
    """One spelling for matching: Latin digits, Persian letters, lower case, single spaces.

    ZWNJ vanishes, so that «پس‌فردا» and «پسفردا» become the same word.
    """
    plain = _UNSEEN.sub("", latin_digits(text).translate(_LETTERS))
    return " ".join(plain.lower().split())
