"""Showing times, and the calendar arithmetic below it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.calendar.digits import fold, latin_digits, persian_digits
from broadcaster.calendar.show import gregorian, jalali, short, show

TEHRAN = ZoneInfo("Asia/Tehran")
AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "language", "line"),
    [
        ("jalali", "fa", "دوشنبه ۲ آذر ۱۴۰۵ ساعت ۱۴:۳۰ (2026-11-23 14:30 +03:30)"),
        ("jalali", "en", "Monday 2 Azar 1405 14:30 (2026-11-23 14:30 +03:30)"),
        ("gregorian", "fa", "دوشنبه ۲۳ نوامبر ۲۰۲۶ ساعت ۱۴:۳۰ (1405/09/02 14:30 +03:30)"),
        ("gregorian", "en", "Monday 23 November 2026 14:30 (1405/09/02 14:30 +03:30)"),
    ],
)
def test_one_line_shows_both_calendars(calendar: str, language: str, line: str) -> None:
    assert show(AT, calendar=calendar, language=language, zone=TEHRAN) == line


def test_seconds_are_shown_where_there_are_any() -> None:
    at = AT + timedelta(seconds=20)
    assert "۱۴:۳۰:۲۰ (2026-11-23 14:30:20 +03:30)" in show(
        at, calendar="jalali", language="fa", zone=TEHRAN
    )


@pytest.mark.parametrize(
    ("calendar", "language", "text"),
    [
        ("jalali", "fa", "۱۴۰۵/۰۹/۰۲ ۱۴:۳۰"),
        ("jalali", "en", "1405/09/02 14:30"),
        ("gregorian", "en", "2026-11-23 14:30"),
    ],
)
def test_the_short_form_is_for_tables(calendar: str, language: str, text: str) -> None:
    assert short(AT, calendar=calendar, language=language, zone=TEHRAN) == text


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2021-09-21T19:00+00:00", "23:30 +04:30"),  # daylight saving, its last hour
        ("2021-09-21T20:00+00:00", "23:30 +03:30"),
        ("2022-07-01T12:00+00:00", "16:30 +04:30"),  # the last summer that had it
        ("2023-07-01T12:00+00:00", "15:30 +03:30"),
        ("2007-07-01T12:00+00:00", "15:30 +03:30"),  # two summers without
    ],
)
def test_tehran_keeps_its_history_of_clocks(moment: str, shown: str) -> None:
    at = datetime.fromisoformat(moment)
    assert shown in show(at, calendar="jalali", language="en", zone=TEHRAN)


def borkowski(year: int) -> tuple[date, bool]:
    """1 Farvardin of a Jalali year, and whether it is a leap year.

    :source: K. M. Borkowski, "The Persian calendar for 3000 years", Earth, Moon and Planets 74
        (1996): years between breaks in the cycle of 33, from vernal equinoxes.
    """
    breaks = (
        *(-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181),
        *(1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456, 3178),
    )
    leaps, previous = -14, breaks[0]
    for following in breaks[1:]:
        jump = following - previous
        if year < following:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        previous = following
    n = year - previous
    leaps += n // 33 * 8 + (n % 33 + 3) // 4
    if jump % 33 == 4 and jump - n == 4:
        leaps += 1
    century = year + 621
    march = 20 + leaps - (century // 4 - (century // 100 + 1) * 3 // 4 - 150)
    if jump - n < 6:
        n = n - jump + (jump + 4) // 33 * 33
    return date(year + 621, 3, march), ((n + 1) % 33 - 1) % 4 == 0 and (n + 1) % 33 != 0


@pytest.mark.parametrize("year", range(1300, 1500))
def test_every_year_begins_and_ends_as_the_equinoxes_say(year: int) -> None:
    first, leap = borkowski(year)
    assert gregorian(year, 1, 1) == first
    last = (year, 12, 30 if leap else 29)
    assert jalali(borkowski(year + 1)[0] - timedelta(days=1)) == last
    if not leap:
        with pytest.raises(ValueError):
            gregorian(year, 12, 30)


@given(st.dates(date(1921, 3, 21), date(2121, 3, 20)))
def test_jalali_days_follow_each_other(day: date) -> None:
    year, month, number = jalali(day)
    assert gregorian(year, month, number) == day
    tomorrow = jalali(day + timedelta(days=1))
    assert tomorrow in {(year, month, number + 1), (year, month + 1, 1), (year + 1, 1, 1)}
    assert number <= (31 if month <= 6 else 30)


@given(st.text())
def test_digits_go_there_and_back(text: str) -> None:
    assert latin_digits(persian_digits(text)) == latin_digits(text)
    assert fold(persian_digits(text)) == fold(text)


def test_folding_is_done_once() -> None:
    typed = "  يك\u200cشنبه\u200f،  ٩ صبح "
    assert fold(typed) == "یکشنبه 9 صبح"
    assert fold(fold(typed)) == fold(typed)
