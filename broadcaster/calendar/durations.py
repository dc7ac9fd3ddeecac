"""Lengths of time as people write them: ``20s``, ``5min``, ``2h``, ``3 روز``, ``نیم ساعت``."""

from __future__ import annotations

import re
from datetime import timedelta

from broadcaster.calendar import WhenError
from broadcaster.calendar.digits import fold
from broadcaster.calendar.numerals import in_digits
from broadcaster.language import say

_UNITS: dict[str, timedelta] = {
    word: length
    for words, length in (
        ("s sec secs second seconds ثانیه", timedelta(seconds=1)),
        ("m min mins minute minutes دقیقه", timedelta(minutes=1)),
        ("h hr hrs hour hours ساعت", timedelta(hours=1)),
        ("ربع", timedelta(minutes=15)),
        ("d day days روز", timedelta(days=1)),
        ("w week weeks هفته", timedelta(weeks=1)),
    )
    for word in words.split()
}
_COUNTS: dict[str, float] = {"نیم": 0.5, "half an": 0.5, "an": 1, "a": 1}
_SHARES = {"نیم": 0.5, "ربع": 0.25, "a half": 0.5, "a quarter": 0.25}
_PART = re.compile(
    rf"(?P<count>\d+|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}) ?"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![^\W\d_])"
    rf"(?: (?:و|and) (?P<share>{'|'.join(_SHARES)})(?!\w))?(?: (?:و|and)(?= ))? ?"
)
LONGEST = timedelta(days=3660)
"""Ten years; what is longer is a slip of the finger."""


def duration(text: str) -> timedelta:
    """Read a length of time; several parts add up (``1h 30min``, «۱ ساعت و ۳۰ دقیقه»).

    ``m`` is a minute: no length counts in months, whose days differ.

    :raises WhenError: not a length of time, or longer than ten years.
    """
    length = read(in_digits(fold(text)))
    if length is None:
        raise WhenError(
            say(
                '"{text}" is not a length of time: write a number and a unit (s, min, '
                'h, d, w), such as "20s", "5min", "6h", "2d" or "۳ روز"',
                text=text,
            )
        )
    return length


def read(folded: str) -> timedelta | None:
    """The length a folded text with its numbers in digits says, or None where it says none.

    :raises WhenError: longer than ten years.
    """
    total, at = timedelta(), 0
    while at < len(folded):
        part = _PART.match(folded, at)
        if part is None:
            return None
        word = part["count"]
        count = _COUNTS[word] if word in _COUNTS else int(word)
        # Compared before multiplying: a count of a dozen digits would overflow.
        if count > (LONGEST - total) / _UNITS[part["unit"]]:
            raise WhenError(say('"{folded}" is longer than ten years', folded=folded))
        total += (count + _SHARES.get(part["share"], 0)) * _UNITS[part["unit"]]
        at = part.end()
    return total if at else None
