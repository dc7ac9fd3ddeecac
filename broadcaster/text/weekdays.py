"""Dates in a text that are named with the wrong weekday."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from broadcaster.calendar import WhenError
from broadcaster.calendar.days import day_of
from broadcaster.calendar.digits import fold, persian_digits
from broadcaster.calendar.words import MONTH_NUMBERS, WEEKDAY_NUMBERS, WEEKDAYS
from broadcaster.language import say


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_DATED = re.compile(
    rf"\b(?P<weekday>{_any(WEEKDAY_NUMBERS)}) (?:مورخه? |روز |به تاریخ )?"
    rf"(?P<day>\d{{1,2}} ?(?:ام |م )?(?:{_any(MONTH_NUMBERS)})(?: ?ماه)?(?: ?(?:سال )?\d{{4}})?"
    r"|\d{4}/\d{1,2}/\d{1,2}|\d{4}-\d{1,2}-\d{1,2})(?!\w)"
)


def misnamed(line: str, due: date) -> Iterator[str]:
    """One sentence for each, such as «شنبه ۲ آذر ۱۴۰۵» where that day is a Monday.

    A date without its year is the one nearest to ``due``.
    """
    for match in _DATED.finditer(fold(line)):
        language = "fa" if match["weekday"] > "z" else "en"
        shown = persian_digits(match[0]) if language == "fa" else match[0]
        try:
            day = day_of(match["day"], due)
        except WhenError as error:
            yield say('"{shown}": {reason}', shown=shown, reason=error)
            continue
        if day is None:
            continue
        meant = min(day.dates, key=lambda other: abs(other - due))
        if meant.weekday() != WEEKDAY_NUMBERS[match["weekday"]]:
            yield say(
                '"{shown}": that day is a {weekdays}',
                shown=shown,
                weekdays=WEEKDAYS[language][meant.weekday()],
            )
