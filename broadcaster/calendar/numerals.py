"""Numbers in words, as far as days and hours need them: «هشت», «بیست و دوم بهمن», ``eight``."""

from __future__ import annotations

import re

_ONES = ("یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه")
_TEENS = (
    *("ده", "یازده", "دوازده", "سیزده", "چهارده"),
    *("پانزده", "شانزده", "هفده", "هجده", "نوزده"),
)
_TENS = {"بیست": 20, "سی": 30, "چهل": 40, "پنجاه": 50}
_ENGLISH = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_WORDS = {
    **{word: number for number, word in enumerate(("صفر", *_ONES, *_TEENS))},
    **{word: number for number, word in enumerate(_ENGLISH, start=1)},
    **_TENS,
    "یه": 1,
    "هیجده": 18,
}
_ORDINALS = {"اول": 1, "سوم": 3, "سیم": 30}
"""Those that are not the number with «م» or «ام» behind it."""

_SMALL = "|".join(sorted({*_WORDS, *_ORDINALS} - {*_TENS}, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<!\w)(?:(?P<tens>{'|'.join(_TENS)})(?: و (?P<ones>{'|'.join(_ONES)}|سوم))?"
    rf"|(?P<small>{_SMALL}))(?P<th>م| ?ام)?(?!\w)(?! ?شنبه)"
)


def in_digits(folded: str) -> str:
    """``folded`` with its words for 0 to 59 as digits, «دوم» as ``2م``; weekdays stay words."""
    return _NUMBER.sub(_digits, folded)


def _digits(match: re.Match[str]) -> str:
    word = match["small"] or match["ones"] or ""
    number = _TENS.get(match["tens"] or "", 0) + _WORDS.get(word, 0) + _ORDINALS.get(word, 0)
    return f"{number}{'م' if match['th'] or word in _ORDINALS else ''}"
