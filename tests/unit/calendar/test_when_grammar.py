"""What people type, and the one moment it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.calendar import WhenError
from broadcaster.calendar.show import persian_digits, short, show
from broadcaster.calendar.when import parse

TEHRAN = ZoneInfo("Asia/Tehran")
# Saturday, 30 Aban 1405.
NOW = datetime(2026, 11, 21, 8, 20, tzinfo=TEHRAN)


def when(text: str, now: datetime = NOW) -> str:
    at = parse(text, now=now, zone=TEHRAN, calendar="jalali")
    assert at.tzinfo is TEHRAN
    return f"{at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "text",
    [
        "1405/09/02 14:30",
        "1405/9/2 14:30",
        "۱۴۰۵/۹/۲ ۱۴:۳۰",
        "١٤٠٥/٠٩/٠٢ ١٤:٣٠",  # Arabic digits
        "1405-09-02T14:30",
        "1405-09-02T14:30+03:30",
        "2026-11-23T14:30",
        "2026-11-23 14:30:00",
        "2026-11-23T14:30:00.000+03:30",
        "2026-11-23T11:00Z",
        "2026-11-23T12:00+0100",
        "2026/11/23 2:30 pm",
        "2 آذر 1405 ساعت 14:30",
        "۲ آذرماه سال ۱۴۰۵، ساعت ۱۴:۳۰",
        "۲ اذر ۱۴۰۵ ساعت ۲ و ۳۰ دقیقه بعدازظهر",
        "ساعت ۱۴:۳۰ ۲ آذر ۱۴۰۵",
        "۲ آذر ساعت ۲ و نیم بعد از ظهر",
        "دوشنبه ۲ آذر ۱۴۰۵ ساعت ۱۴:۳۰",
        "دوشنبه ۲۳ نوامبر ۲۰۲۶ ساعت ۱۴:۳۰",
        "23 November 2026 14:30",
        "2:30pm November 23",
        "November 23rd 2026 at 2:30 pm",
        "Monday 23 Nov 14:30",
        "2 Azar 14:30",
        "دوشنبه ۱۴:۳۰",
        "دوشنبهٔ آینده ۱۴:۳۰",
        "دوشنبه‌ی آینده ۱۴:۳۰",
        "دوشنبه ی آینده ساعت ۱۴:۳۰",
        "دوم آذر ساعت دو و نیم بعدازظهر",
        "دوم آذرماه ۱۴۰۵ ساعت چهارده و سی دقیقه",
        "2026-11-23 11:00 UTC",
        "پس‌فردا ساعت ۱۴:۳۰",
        "پس فردا ۱۴:۳۰",
        "پسفردا ۱۴:۳۰",
        "\u200fپس‌فردا\u200f ۱۴:۳۰",
        "in 2 days at 14:30",
        "۲ روز دیگر ساعت ۱۴:۳۰",
        "day after tomorrow 2:30pm",
    ],
)
def test_many_ways_to_say_one_moment(text: str) -> None:
    assert when(text) == "2026-11-23 14:30"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-21 08:20"),
        ("اکنون", "2026-11-21 08:20"),
        ("همین الان", "2026-11-21 08:20"),
        ("in 2h", "2026-11-21 10:20"),
        ("in 90 min", "2026-11-21 09:50"),
        ("in half an hour", "2026-11-21 08:50"),
        ("۲ ساعت دیگر", "2026-11-21 10:20"),
        ("دو ساعت دیگه", "2026-11-21 10:20"),
        ("نیم ساعت دیگر", "2026-11-21 08:50"),
        ("نیم‌ساعت دیگر", "2026-11-21 08:50"),
        ("یک ساعت و نیم دیگر", "2026-11-21 09:50"),
        ("یه ساعت دیگه", "2026-11-21 09:20"),
        ("یک ربع دیگر", "2026-11-21 08:35"),
        ("in an hour and a half", "2026-11-21 09:50"),
        ("۴۵ دقیقه دیگه", "2026-11-21 09:05"),
        ("۱ ساعت و ۳۰ دقیقه دیگر", "2026-11-21 09:50"),
        ("۳ روز بعد", "2026-11-24 08:20"),
        ("2 weeks from now", "2026-12-05 08:20"),
    ],
)
def test_lengths_of_time_count_from_now(text: str, moment: str) -> None:
    assert when(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("فردا ۸ صبح", "2026-11-22 08:00"),
        ("فردا صبح ساعت ۸", "2026-11-22 08:00"),
        ("tomorrow 8am", "2026-11-22 08:00"),
        ("8 pm tomorrow", "2026-11-22 20:00"),
        ("فردا ۹", "2026-11-22 09:00"),
        ("امروز ۱۸:۳۰", "2026-11-21 18:30"),
        ("today 18:30", "2026-11-21 18:30"),
        ("today 7:00", "2026-11-21 07:00"),  # past: the caller's matter
        ("امروز عصر ساعت ۵", "2026-11-21 17:00"),
        ("امروز ۱۷:۳۰ عصر", "2026-11-21 17:30"),
        ("فردا ظهر", "2026-11-22 12:00"),
        ("tomorrow noon", "2026-11-22 12:00"),
        ("فردا ۱ ظهر", "2026-11-22 13:00"),
        ("فردا ۱۲ بامداد", "2026-11-22 00:00"),
        ("tomorrow 12am", "2026-11-22 00:00"),
        ("tomorrow 12 p.m.", "2026-11-22 12:00"),
        ("امشب ۹", "2026-11-21 21:00"),
        ("امشب ۲۱", "2026-11-21 21:00"),
        ("امشب ساعت نه و نیم", "2026-11-21 21:30"),
        ("فرداشب ۹", "2026-11-22 21:00"),
        ("پس‌فردا ساعت ۱۷:۳۰", "2026-11-23 17:30"),
        ("پس‌فرداشب ۹", "2026-11-23 21:00"),
        ("فردا ساعت هشت صبح", "2026-11-22 08:00"),
        ("فردا ساعت بیست و دو", "2026-11-22 22:00"),
        ("فردا ساعت صفر", "2026-11-22 00:00"),
        ("۵ عصر امروز", "2026-11-21 17:00"),
        ("tomorrow at eight in the evening", "2026-11-22 20:00"),
        ("8 in the morning tomorrow", "2026-11-22 08:00"),
        ("tomorrow afternoon 3:15", "2026-11-22 15:15"),
        ("tonight 9", "2026-11-21 21:00"),
        ("فردا شب ساعت ۱۰ و ربع", "2026-11-22 22:15"),
        ("فردا رأس ساعت ۱۰", "2026-11-22 10:00"),
    ],
)
def test_days_by_word_and_parts_of_the_day(text: str, moment: str) -> None:
    assert when(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("یکشنبه ۹", "2026-11-22 09:00"),
        ("یک‌شنبه ۹", "2026-11-22 09:00"),
        ("يك شنبه ٩", "2026-11-22 09:00"),  # Arabic letters and digit
        ("روز سه‌شنبه ساعت ۹ صبح", "2026-11-24 09:00"),
        ("۵شنبه ساعت ۹", "2026-11-26 09:00"),
        ("جمعه ۹", "2026-11-27 09:00"),
        ("Friday 9am", "2026-11-27 09:00"),
        ("on Friday at 9", "2026-11-27 09:00"),
        ("شنبه ۸", "2026-11-28 08:00"),  # 8:00 of today is over
        ("شنبه آینده ۹", "2026-11-28 09:00"),
        ("next saturday 9:00", "2026-11-28 09:00"),
        ("this saturday 9:00", "2026-11-21 09:00"),
        ("شنبهٔ هفتهٔ آینده ساعت ۱۰", "2026-11-28 10:00"),  # weeks begin with Saturday
        ("جمعه هفته بعد ساعت ۱۰", "2026-12-04 10:00"),
        ("هفته‌ی آینده یکشنبه ۱۰", "2026-11-29 10:00"),
        ("پنج شنبه ساعت نه", "2026-11-26 09:00"),
    ],
)
def test_weekdays_mean_the_next_one(text: str, moment: str) -> None:
    assert when(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("۳۰ آبان ساعت ۹", "2026-11-21 09:00"),
        ("۳۰ آبان ساعت ۸", "2027-11-21 08:00"),
        ("۱ فروردین ساعت ۰:۰۰", "2027-03-21 00:00"),
        ("1 January 0:00", "2027-01-01 00:00"),
        ("۳ آذر ساعت ۸", "2026-11-24 08:00"),
        ("بیست و دوم بهمن ساعت ۱۰", "2027-02-11 10:00"),
        ("سی‌ام آذر ۸ صبح", "2026-12-21 08:00"),
        ("اول دی ۸ صبح", "2026-12-22 08:00"),
        ("نوروز ساعت ۱۰", "2027-03-21 10:00"),
        ("Nowruz 1408 at 10:00", "2029-03-20 10:00"),
    ],
)
def test_a_day_without_a_year_is_the_next_one(text: str, moment: str) -> None:
    assert when(text) == moment


def test_a_leap_day_exists_in_leap_years_only() -> None:
    assert when("1403/12/30 10:00") == "2025-03-20 10:00"
    leap = datetime(2025, 1, 1, tzinfo=TEHRAN)
    assert when("۳۰ اسفند ساعت ۱۰", now=leap) == "2025-03-20 10:00"


def test_an_hour_that_comes_twice_is_told_by_its_offset() -> None:
    early, late = (
        parse(f"1400/06/30 23:30{offset}", now=NOW, zone=TEHRAN, calendar="jalali")
        for offset in ("+04:30", "+03:30")
    )
    assert late.astimezone(UTC) - early.astimezone(UTC) == timedelta(hours=1)


def test_lengths_of_time_pass_over_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 29, 1, 30, tzinfo=berlin)
    assert parse("in 1h", now=now, zone=berlin, calendar="gregorian").hour == 3


moments = st.datetimes(
    datetime(1980, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds)
    datetime(2060, 1, 1),  # noqa: DTZ001
    timezones=st.just(TEHRAN),
).map(lambda at: at.replace(microsecond=0))


@given(moments, st.sampled_from(["jalali", "gregorian"]), st.sampled_from(["fa", "en"]))
def test_what_is_shown_can_be_typed(at: datetime, calendar: str, language: str) -> None:
    at = at.astimezone(UTC).astimezone(TEHRAN)  # out of the hours that clocks jump over
    shown = show(at, calendar=calendar, language=language, zone=TEHRAN)
    first, _, second = shown.removesuffix(")").partition(" (")
    assert parse(second, now=NOW, zone=TEHRAN, calendar=calendar) == at
    if at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset():
        assert parse(first, now=NOW, zone=TEHRAN, calendar=calendar) == at
    else:
        with pytest.raises(WhenError, match="comes twice"):
            parse(first, now=NOW, zone=TEHRAN, calendar=calendar)


@given(moments, st.booleans())
def test_digits_of_any_script_mean_the_same(at: datetime, persian: bool) -> None:
    at = at.replace(second=0)
    text = short(at, calendar="jalali", language="en", zone=TEHRAN) + "+03:30"
    typed = persian_digits(text) if persian else text.translate(str.maketrans("0123", "٠١٢٣"))
    read = [parse(t, now=NOW, zone=TEHRAN, calendar="jalali") for t in (text, typed)]
    assert read[0] == read[1]


@given(st.text(max_size=40) | st.text("0123456789/:- +tzآذر شنبهفدا۱۴ساعتدیگر", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        at = parse(text, now=NOW, zone=TEHRAN, calendar="jalali")
    except WhenError:
        return
    assert at.tzinfo is TEHRAN
