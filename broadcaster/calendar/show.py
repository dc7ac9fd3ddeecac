"""Showing times: one line in both calendars, or a short form for tables."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate  # says it is typed, and is only in part

from broadcaster.calendar.digits import persian_digits
from broadcaster.calendar.words import MONTHS, WEEKDAYS
from broadcaster.language import say

__all__ = ["gregorian", "jalali", "offset", "persian_digits", "short", "show"]


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Jalali calendar."""
    shown = JalaliDate.to_jalali(day.year, day.month, day.day)  # type: ignore[no-untyped-call]
    return shown.year, shown.month, shown.day


def gregorian(year: int, month: int, day: int) -> date:
    """The day of a Jalali date.

    :raises ValueError: there is no such day.
    """
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def show(at: datetime, *, calendar: str, language: str, zone: ZoneInfo) -> str:
    """One line with weekday, both calendars (``calendar`` first) and the offset.

    Seconds are shown only where there are any.
    """
    local = at.astimezone(zone)
    other = "gregorian" if calendar == "jalali" else "jalali"
    year, month, day = _parts(local, calendar)
    weekday = WEEKDAYS[language][local.weekday()]
    name = MONTHS[calendar, language][month - 1]
    at_word = "ساعت " if language == "fa" else ""
    first = say(
        "{weekday} {day} {name} {year} {at_word}{clock}",
        weekday=weekday,
        day=day,
        name=name,
        year=year,
        at_word=at_word,
        clock=_clock(local),
    )
    if language == "fa":
        first = persian_digits(first)
    return say(
        "{first} ({numbers} {clock} {offset})",
        first=first,
        numbers=_numbers(local, other),
        clock=_clock(local),
        offset=offset(local),
    )


def short(at: datetime, *, calendar: str, language: str, zone: ZoneInfo) -> str:
    """Numbers only, to the minute, in one calendar; all of one width."""
    local = at.astimezone(zone)
    text = say("{numbers} {local:%H:%M}", numbers=_numbers(local, calendar), local=local)
    return persian_digits(text) if language == "fa" else text


def _parts(day: date, calendar: str) -> tuple[int, int, int]:
    return jalali(day) if calendar == "jalali" else (day.year, day.month, day.day)


def _numbers(day: date, calendar: str) -> str:
    """The separators differ on purpose: they tell the calendars apart before the year is read."""
    year, month, number = _parts(day, calendar)
    mark = "/" if calendar == "jalali" else "-"
    return f"{year:04}{mark}{month:02}{mark}{number:02}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def offset(at: datetime) -> str:
    """``+03:30``; the seconds that offsets had in old times are not shown."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"
