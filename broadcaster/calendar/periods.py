"""Weeks and months as people name them: «این هفته», last month, آذر ۱۴۰۵, 1405/09.

A week begins on Saturday; a month is one of the calendar that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from broadcaster.calendar.digits import fold
from broadcaster.calendar.show import gregorian, jalali
from broadcaster.calendar.words import MONTHS

_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_SATURDAY = 5
_MONTH = re.compile(r"(?P<year>[0-9]{4})[/-](?P<month>[0-9]{1,2})")
_FIRST_GREGORIAN = 1700
"""A year from then on is one of the Gregorian calendar."""


class Period(NamedTuple):
    """Days, both ends included."""

    first: date
    last: date


def week(today: date, away: int = 0) -> Period:
    """The week of ``today``, or one so many weeks away."""
    first = today - timedelta(days=(today.weekday() - _SATURDAY) % 7) + away * _WEEK
    return Period(first, first + _WEEK - _DAY)


def month(today: date, away: int = 0, *, calendar: str = "jalali") -> Period:
    """The month of ``today``, or one so many months away."""
    year, number, _ = _parts(today, calendar)
    return _month(year, number + away, calendar)


def period_of(said: str, today: date, *, calendar: str = "jalali") -> Period | None:
    """The week or month that a text names, read as by :func:`broadcaster.calendar.when.read_words`.

    None: it names neither; a month without a year is the last one that is not ahead.
    """
    said = fold(said)
    if make := _WORDS.get(said):
        return make(today, calendar)
    if match := _MONTH.fullmatch(said):
        year, number = int(match["year"]), int(match["month"])
        kind = "gregorian" if year >= _FIRST_GREGORIAN else "jalali"
        return _month(year, number, kind) if 1 <= number <= 12 else None
    return _named(said, today)


def _named(said: str, today: date) -> Period | None:
    name, _, year = said.rpartition(" ") if said[-1:].isdecimal() else (said, "", "")
    for (calendar, _language), names in MONTHS.items():
        folded = [fold(each) for each in names]
        if name in folded and (not year or len(year) == 4):
            number = folded.index(name) + 1
            if year:
                return _month(int(year), number, calendar)
            this, now, _ = _parts(today, calendar)
            return _month(this if number <= now else this - 1, number, calendar)
    return None


def _month(year: int, number: int, calendar: str) -> Period:
    """``number`` may lie outside of 1 to 12, in a year before or after."""
    first = _begin(year + (number - 1) // 12, (number - 1) % 12 + 1, calendar)
    following = _begin(year + number // 12, number % 12 + 1, calendar)
    return Period(first, following - _DAY)


def _begin(year: int, number: int, calendar: str) -> date:
    return gregorian(year, number, 1) if calendar == "jalali" else date(year, number, 1)


def _parts(day: date, calendar: str) -> tuple[int, int, int]:
    return jalali(day) if calendar == "jalali" else (day.year, day.month, day.day)


_WORDS: Mapping[str, Callable[[date, str], Period]] = {
    fold(phrase): make
    for phrases, make in (
        (
            ("این هفته", "همین هفته", "هفته جاری", "هفتهٔ جاری", "هفته", "this week", "week"),
            lambda today, _: week(today),
        ),
        (
            (
                *("هفته گذشته", "هفتهٔ گذشته", "هفته قبل", "هفتهٔ قبل", "هفته پیش", "هفتهٔ پیش"),
                "last week",
            ),
            lambda today, _: week(today, -1),
        ),
        (
            ("این ماه", "همین ماه", "ماه جاری", "ماه", "this month", "month"),
            lambda today, calendar: month(today, calendar=calendar),
        ),
        (
            ("ماه گذشته", "ماه قبل", "ماه پیش", "last month"),
            lambda today, calendar: month(today, -1, calendar=calendar),
        ),
    )
    for phrase in phrases
}
