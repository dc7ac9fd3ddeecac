"""The DAY of the grammar: dates in two calendars, weekdays, «فردا», «۳ روز دیگر»."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from broadcaster.calendar import WhenError, durations
from broadcaster.calendar.show import gregorian, jalali
from broadcaster.calendar.words import DAYS_AHEAD, MONTH_NUMBERS, WEEKDAY_NUMBERS
from broadcaster.language import joined, say

SATURDAY = 5
"""By ``date.weekday()``: the week of Iran begins with it."""


@dataclass(frozen=True, slots=True)
class Day:
    """The days a text may mean, the soonest first; the first that lies ahead is meant."""

    dates: tuple[date, ...]
    by_word: bool = False
    """Said by a word, so that a bare number after it can only be an hour."""
    numeric: bool = False
    """Said in numbers with its year, so that an offset from UTC may follow."""
    today_too: bool = False
    """A weekday that is today's: it may be today or in a week."""
    weekday: int | None = None
    """What it must be, where the text says both."""


def _any(words: dict[str, int] | dict[str, tuple[str, int]]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_AHEAD = re.compile(
    r"in (?P<en>.+)|(?P<fa>.+?) ?(?:دیگر|دیگه|بعد)|(?P<later>.+) (?:later|from now)"
)
_NUMERIC = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_NUMERIC_ELSE = re.compile(r"\d{1,4}[-/.]\d{1,4}(?:[-/.]\d{1,4})?")
_YEAR = r"(?: ?(?:سال|of)? ?\b(?P<year>\d{4}))?"
_NAMED = (
    re.compile(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|ام|م)? ?(?:of )?(?P<month>{_any(MONTH_NUMBERS)})"
        rf"(?: ?ماه)?{_YEAR}"
    ),
    re.compile(rf"(?P<month>{_any(MONTH_NUMBERS)}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}"),
)
_WEEKDAY = re.compile(
    rf"(?:(?P<this>this|همین|این) |(?P<next>next) |on |روز )?(?P<weekday>{_any(WEEKDAY_NUMBERS)})"
    r"(?P<coming> (?:[آا]ینده|بعدی|بعد|دیگر))?"
)
_NEXT_WEEK = r"هفته (?:[آا]ینده|بعدی|بعد|دیگر)"
_WEEKDAY_NEXT_WEEK = re.compile(
    rf"(?:روز )?(?P<weekday>{_any(WEEKDAY_NUMBERS)}) {_NEXT_WEEK}"
    rf"|{_NEXT_WEEK} (?:روز )?(?P<after>{_any(WEEKDAY_NUMBERS)})"
)
_DATED_WEEKDAY = re.compile(rf"(?:on |روز )?(?P<weekday>{_any(WEEKDAY_NUMBERS)}) (?P<day>.+)")


def ahead(said: str) -> timedelta | None:
    """The length of "in 2h" or «۲ ساعت دیگر», None for other texts.

    :raises WhenError: longer than ten years.
    """
    match = _AHEAD.fullmatch(said)
    return match and durations.read(match["en"] or match["fa"] or match["later"])


def day_of(said: str, today: date) -> Day | None:
    """The day a folded text means, None where it is no day at all.

    :raises WhenError: it has the form of a day, but there is no such day.
    """
    return next(filter(None, (form(said, today) for form in _FORMS)), None)


def _word(said: str, today: date) -> Day | None:
    days = DAYS_AHEAD.get(said)
    return None if days is None else Day((today + timedelta(days),), by_word=True)


def _days_ahead(said: str, today: date) -> Day | None:
    length = ahead(said)
    if length is None or not length or length % timedelta(days=1):
        return None
    return Day((today + length,), by_word=True)


def _weekday(said: str, today: date) -> Day | None:
    match = _WEEKDAY.fullmatch(said)
    if match is None:
        return None
    away = (WEEKDAY_NUMBERS[match["weekday"]] - today.weekday()) % 7
    coming = today + timedelta(away)
    week = timedelta(weeks=1)
    if away or match["this"]:
        return Day((coming,), by_word=True)
    if match["next"] or match["coming"]:
        return Day((coming + week,), by_word=True)
    return Day((coming, coming + week), by_word=True, today_too=True)


def _weekday_next_week(said: str, today: date) -> Day | None:
    """Said in Persian, where a week begins with Saturday; in English it could be two days."""
    match = _WEEKDAY_NEXT_WEEK.fullmatch(said)
    if match is None:
        return None
    start = today - timedelta((today.weekday() - SATURDAY) % 7) + timedelta(weeks=1)
    weekday = WEEKDAY_NUMBERS[match["weekday"] or match["after"]]
    return Day((start + timedelta((weekday - SATURDAY) % 7),), by_word=True)


def _dated_weekday(said: str, today: date) -> Day | None:
    match = _DATED_WEEKDAY.fullmatch(said)
    day = match and day_of(match["day"], today)
    return replace(day, weekday=WEEKDAY_NUMBERS[match["weekday"]]) if match and day else None


def _numeric(said: str, today: date) -> Day | None:
    match = _NUMERIC.fullmatch(said)
    if match is None:
        if _NUMERIC_ELSE.fullmatch(said):
            raise WhenError(
                say(
                    '"{text}" can be read in several ways: write year, month, day, such '
                    'as "1405/09/02" or "2026-11-23"',
                    text=said,
                )
            )
        return None
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    return Day((_date(_calendar(year), year, month, day),), numeric=True)


def _named(said: str, today: date) -> Day | None:
    match = next(filter(None, (form.fullmatch(said) for form in _NAMED)), None)
    if match is None:
        return None
    calendar, month = MONTH_NUMBERS[match["month"]]
    number = int(match["day"])
    if match["year"]:
        year = int(match["year"])
        if _calendar(year) != calendar:
            raise WhenError(
                say(
                    '"{match}" is no month of the calendar that counts {year}',
                    match=match["month"],
                    year=year,
                )
            )
        return Day((_date(calendar, year, month, number),))
    this = jalali(today)[0] if calendar == "jalali" else today.year
    return Day(tuple(_yearly(calendar, this, month, number)))


_FORMS: tuple[Callable[[str, date], Day | None], ...] = (
    _word,
    _weekday,
    _weekday_next_week,
    _numeric,
    _named,
    _days_ahead,
    _dated_weekday,
)


def _calendar(year: int) -> str:
    match year // 100:
        case 13 | 14:
            return "jalali"
        case 19 | 20:
            return "gregorian"
    raise WhenError(
        say(
            '"{year}" is no year of ours: Jalali is 1300 to 1499, Gregorian 1900 to 2099', year=year
        )
    )


def _yearly(calendar: str, this: int, month: int, day: int) -> Iterator[date]:
    """The day in this year and the next; in one of them only for the last of Esfand or February."""
    yield _date(calendar, this, month, day)
    try:
        yield _date(calendar, this + 1, month, day)
    except WhenError:
        return


def _date(calendar: str, year: int, month: int, day: int) -> date:
    """:raises WhenError: no such day; it shows the last one of the month and the one after it."""
    build = gregorian if calendar == "jalali" else date
    mark = "/" if calendar == "jalali" else "-"
    try:
        return build(year, month, day)
    except ValueError:
        pass
    said = f'"{year}{mark}{month:02}{mark}{day:02}"'
    why = ""
    if not 1 <= month <= 12:
        why = say(": months are 1 to 12")
    elif day < 1:
        why = say(": days begin with 1")
    if month < 1 or (day < 1 and month <= 12):
        first = (year, max(month, 1), 1)
    else:
        first = (year + 1, 1, 1) if month >= 12 else (year, month + 1, 1)
    after = build(*first)
    last = after - timedelta(days=1)
    before = jalali(last) if calendar == "jalali" else (last.year, last.month, last.day)
    near = (f"{y}{mark}{m:02}{mark}{d:02}" for y, m, d in (before, first))
    raise WhenError(
        say(
            "{text} does not exist{why}; the nearest days are {near}",
            text=said,
            why=why,
            near=joined(" and ", near),
        )
    )
