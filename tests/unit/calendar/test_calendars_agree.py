"""Jalali dates as another library counts them, and Tehran's clocks as its law set them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import jdatetime
import pytest

from broadcaster.calendar import WhenError
from broadcaster.calendar.show import gregorian, jalali, show
from broadcaster.calendar.when import parse
from broadcaster.calendar.words import MONTHS, WEEKDAYS

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST, LAST = date(1921, 3, 21), date(2121, 3, 20)  # the years that may be typed: 1300 to 1499
NOW = datetime(2026, 11, 21, 8, 20, tzinfo=TEHRAN)


def test_seven_thousand_days_of_two_centuries_are_the_same() -> None:
    days = (LAST - FIRST).days + 1
    for offset in range(0, days, 11):
        day = FIRST + timedelta(days=offset)
        other = jdatetime.date.fromgregorian(date=day)
        assert jalali(day) == (other.year, other.month, other.day)
        assert gregorian(other.year, other.month, other.day) == day


@pytest.mark.parametrize("seed", range(4))
def test_five_hundred_typed_dates_mean_the_day_that_the_other_library_says(seed: int) -> None:
    chance = Random(seed)
    for _ in range(500):
        year, month = chance.randint(1300, 1499), chance.randint(1, 12)
        day, hour = chance.randint(1, 31), chance.randint(3, 22)  # no change of clocks in between
        forms = (
            f"{year}/{month:02}/{day:02} {hour:02}:15",
            f"{day} {MONTHS['jalali', 'fa'][month - 1]} {year} ساعت {hour}:15",
        )
        try:
            other = jdatetime.date(year, month, day).togregorian()
        except ValueError:
            for text in forms:
                with pytest.raises(WhenError, match="nearest days"):
                    parse(text, now=NOW, zone=TEHRAN, calendar="jalali")
            continue
        weekday = WEEKDAYS["fa"][other.weekday()]
        for text in (*forms, f"{weekday} {forms[1]}"):
            at = parse(text, now=NOW, zone=TEHRAN, calendar="jalali")
            assert (at.date(), at.hour, at.minute) == (other, hour, 15)


CLOCKS = {
    # Noon of 1 July, by the law of its year (the time zone database, 2022b and later).
    1979: "+04:30",
    1985: "+03:30",  # no summer time from 1981 to 1990
    1991: "+04:30",
    2005: "+04:30",
    2006: "+03:30",  # none in 2006 and 2007
    2007: "+03:30",
    2008: "+04:30",
    2022: "+04:30",  # the last
    2023: "+03:30",
    2090: "+03:30",
}


@pytest.mark.parametrize(("year", "offset"), CLOCKS.items())
def test_the_summers_of_tehran(year: int, offset: str) -> None:
    noon = datetime(year, 7, 1, 12, tzinfo=TEHRAN)
    shown = show(noon, calendar="jalali", language="en", zone=TEHRAN)
    assert shown.endswith(f"{year}-07-01 12:00 {offset})")
    assert parse(f"{year}-07-01 12:00", now=NOW, zone=TEHRAN, calendar="jalali") == noon


def test_no_hour_is_lost_or_doubled_in_tehran_since_1402() -> None:
    day = datetime(2023, 3, 21, tzinfo=TEHRAN)
    while day.year < 2040:
        assert day.utcoffset() == timedelta(hours=3, minutes=30)
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "text", "wrong", "right"),
    [
        ("Europe/Berlin", "2026-03-29 02:30", "does not exist", '"2026-03-29 01:30"'),
        ("Europe/Berlin", "2026-03-29 02:30", "does not exist", '"2026-03-29 03:30"'),
        (
            "Europe/Berlin",
            "2026-10-25 02:30",
            "comes twice",
            "02:30+02:00 or 2026-10-25 02:30+01:00",
        ),
        ("America/New_York", "2026-11-01 01:30", "comes twice", "01:30-04:00 or"),
        ("Asia/Tehran", "1401/01/02 00:30", "does not exist", "1401/01/01 23:30"),
        ("Asia/Tehran", "1401/06/30 23:30", "comes twice", "23:30+04:30 or 1401/06/30 23:30+03:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "does not exist", '"2026-10-04 02:45"'),
    ],
)
def test_hours_that_clocks_skip_or_repeat_are_refused(
    zone: str, text: str, wrong: str, right: str
) -> None:
    calendar = "jalali" if text.startswith("14") else "gregorian"
    with pytest.raises(WhenError, match=wrong) as caught:
        parse(text, now=NOW.astimezone(UTC), zone=ZoneInfo(zone), calendar=calendar)
    assert right in str(caught.value)
