"""How often something comes, as people type it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.calendar import WhenError, holidays, triggers
from broadcaster.calendar.recurrence import ExceptHolidays, Hourly, Interval, Rule, Wall
from broadcaster.calendar.show import persian_digits
from broadcaster.calendar.words import WEEKDAYS

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 8, 20, tzinfo=TEHRAN)  # Saturday, 30 Aban 1405


def read(text: str, calendar: str = "jalali") -> Rule:
    rule = triggers.read(text, calendar=calendar)
    assert triggers.read(rule.text, calendar="gregorian") == rule
    return rule


def coming(text: str, count: int, now: datetime = NOW, zone: ZoneInfo = TEHRAN) -> list[str]:
    found = islice(read(text).some(now, zone), count)
    return [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in found]


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("every saturday 08:00", "every saturday 08:00"),
        ("saturday 8am", "every saturday 08:00"),
        ("8:00 every saturday", "every saturday 08:00"),
        ("هر شنبه ۸ صبح", "every saturday 08:00"),
        ("شنبه‌ها ساعت ۸", "every saturday 08:00"),
        ("هر شنبه", "every saturday 08:00"),
        ("هر شنبه و سه‌شنبه ساعت ۹", "every saturday, tuesday 09:00"),
        ("هر سه شنبه و پنج شنبه ۹", "every tuesday, thursday 09:00"),
        ("wednesday to saturday 9:00", "every saturday, wednesday, thursday, friday 09:00"),
        ("شنبه تا چهارشنبه ۷:۳۰", "every saturday, sunday, monday, tuesday, wednesday 07:30"),
        ("every day 08:00", "every day 08:00"),
        ("daily 20:00, 8:00 and 14:00", "every day 08:00, 14:00, 20:00"),
        ("هر روز ۸ صبح و ۶ عصر", "every day 08:00, 18:00"),
        ("هر روز ساعت ۸ و ۳۰ دقیقه", "every day 08:30"),
        ("every saturday to friday 8:00", "every day 08:00"),
        ("every 2 days 9:00", "every 2 days 09:00"),
        ("2d", "every 2 days 08:00"),
        ("هر دو روز ساعت ۹", "every 2 days 09:00"),
        ("monthly 1 08:00", "jalali monthly 1 08:00"),
        ("gregorian monthly 1 08:00", "gregorian monthly 1 08:00"),
        ("اول هر ماه ۸ صبح", "jalali monthly 1 08:00"),
        ("first of every month at 8:00", "jalali monthly 1 08:00"),
        ("1st and 15th of every month 8:00", "jalali monthly 1, 15 08:00"),
        ("۱۵ هر ماه میلادی ساعت ۹", "gregorian monthly 15 09:00"),
        ("پانزدهم هر ماه ساعت ۹", "jalali monthly 15 09:00"),
        ("هر ماه روز بیست و یکم ۹ صبح", "jalali monthly 21 09:00"),
        ("monthly last 18:00", "jalali monthly last 18:00"),
        ("آخر هر ماه", "jalali monthly last 08:00"),
        ("روز آخر هر ماه ظهر", "jalali monthly last 12:00"),
        ("last day of every month 18:00", "jalali monthly last 18:00"),
        ("yearly 22 bahman 10:00", "yearly 22 bahman 10:00"),
        ("هر سال ۲۲ بهمن ساعت ۱۰", "yearly 22 bahman 10:00"),
        ("بیست و دوم بهمن هر سال ساعت ۱۰", "yearly 22 bahman 10:00"),
        ("every 1 may 10:00", "yearly 1 may 10:00"),
        ("nowruz", "yearly 1 farvardin 08:00"),
        ("نوروز ساعت ۱۰", "yearly 1 farvardin 10:00"),
        ("هر عید نوروز ۱۰ صبح", "yearly 1 farvardin 10:00"),
        ("6h", "every 6h"),
        ("every hour", "every 1h"),
        ("هر ساعت", "every 1h"),
        ("هر نیم ساعت", "every 30min"),
        ("هر ۱۰ دقیقه", "every 10min"),
        ("every 1h30min", "every 90min"),
        ("every working day", "every working day 08:00"),
        ("working days at 8:00 and 14:00", "every working day 08:00, 14:00"),
        ("هر روز کاری ساعت ۸", "every working day 08:00"),
        ("روزهای کاری ۸", "every working day 08:00"),
        ("شنبه تا چهارشنبه به جز تعطیلات ۸ صبح", "every working day 08:00"),
        ("every day 8:00 except holidays", "every day except holidays 08:00"),
        ("هر شنبه ۸ صبح به‌جز روزهای تعطیل رسمی", "every saturday except holidays 08:00"),
        ("monthly 1 8:00 not on holidays", "jalali monthly 1 except holidays 08:00"),
        ("every second saturday 8am", "every 2 weeks saturday 08:00"),
        ("every other week on saturday", "every 2 weeks saturday 08:00"),
        ("every 3 weeks saturday and monday 9:00", "every 3 weeks saturday, monday 09:00"),
        ("هر دو هفته یک‌بار شنبه ۸ صبح", "every 2 weeks saturday 08:00"),
        ("دو هفته یک بار شنبه‌ها ساعت ۹", "every 2 weeks saturday 09:00"),
        ("شنبه‌ها یک هفته در میان ساعت ۸", "every 2 weeks saturday 08:00"),
        ("هر دو هفته یک بار شنبه ۹", "every 2 weeks saturday 09:00"),
        ("یک روز در میان ۸ صبح", "every 2 days 08:00"),
        (
            "هر دو هفته یک‌بار شنبه ساعت ۸ از ۱۴۰۵/۹/۱۴",
            "every 2 weeks saturday 08:00 from 1405/09/14",
        ),
        ("every 2 weeks from 2026-12-05 08:00", "every 2 weeks saturday 08:00 from 1405/09/14"),
        ("every 3 days 8:00 from 1405/9/14", "every 3 days 08:00 from 1405/09/14"),
        ("cron 0 8 * * SAT", "cron 0 8 * * sat"),
        ("cron ۰ ۸ * * sat-wed", "cron 0 8 * * sat-wed"),
    ],
)
def test_many_ways_to_say_a_rule_and_one_to_spell_it(text: str, spelled: str) -> None:
    assert read(text).text == spelled


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("monthly 30 08:00", "not every month has a day 30", "monthly last"),
        ("gregorian monthly 29", "not every month has a day 29", "from 1 to 28"),
        ("yearly 30 esfand", "not every year has 30 esfand", '"yearly 29 esfand"'),
        ("yearly 29 february", "not every year has 29 february", '"yearly 1 march"'),
        ("yearly 31 mehr", "not every year has 31 mehr", '"yearly 1 aban"'),
        ("monthly 1 8", '"8" may be a day or an hour', "08:00"),
        ("monthly", "which day", "monthly 1 08:00"),
        ("هر ماه", "which day of the month", "آخر هر ماه"),
        ("every week", "on which day", "every saturday 08:00"),
        ("every 2 weeks", "on which day", "every 14 days"),
        ("هر دو هفته یک‌بار", "on which day", "هر ۲ هفته یک‌بار شنبه ۸ صبح"),
        ("every 0 weeks saturday", "no repetition", ""),
        ("every saturday 8:00 from 1405/9/14", "only every second day or week", "every 2 weeks"),
        ("every 2 weeks saturday from 1405/13/1", "does not exist", "1406/01/01"),
        ("first working day of month", "working days stand alone", "every working day 08:00"),
        ("22 bahman except holidays", "always be a holiday", "leave out"),
        ("هر شنبه اول ماه", "stands alone", "هر شنبه ۸ صبح"),
        ("22 to 25 bahman", "only weekdays run", "saturday to wednesday"),
        ("22 bahman 10", "one day of one month", "yearly 22 bahman 10:00"),
        ("every day 25:00", '"25:00" is no time of day', "23:59"),
        ("every day 08:00+03:30", "timezone", "leave out the offset"),
        ("every day 08:00:30", "leave out the seconds", "08:30"),
        ("every 10s", "too often", "every minute"),
        ("every 0 days", "no repetition", ""),
        ("fortnight", '"fortnight" is not understood', "every saturday 08:00"),
        ("1405/09/02 08:00", '"1405/09/02" is not understood', "every 6h"),
        ("", "does not say which days", "nowruz 10:00"),
        ("08:00", "does not say which days", "هر شنبه ۸ صبح"),
        ("cron 0 8 * * 6", 'weekday "6" is a number', '"0 8 * * sat"'),
        ("cron 0 8 * * 0-4", 'weekday "0-4" is a number', '"0 8 * * sat"'),
        ("cron 0 8 * * mon,2", 'weekday "2" is a number', "write its name"),
        ("cron 0 8 * * sta", 'weekday "sta"', "sat, sun"),
        ("cron 0 8 1 * sat", "both and others", "write *"),
        ("cron 0 8 l * *", "no last day", "monthly last"),
        ("cron 0 22-2 * * *", "runs backwards", "22-23,0-2"),
        ("cron 5/10 * * * *", "has no end", "5-59/10"),
        ("cron 60 8 * * *", 'minute "60"', "0 to 59"),
        ("cron 0 8 * smarch *", 'month "smarch"', "jan"),
        ("cron 0 8 31 2 *", "never comes", "no month"),
        ("cron */0 * * * *", "step of nothing", "1 or more"),
        ("cron 0 8 * *", "4 fields", "0 8 * * sat"),
        ("cron 0 8 ? * *", '"?" is not understood', "0 8 * * sat"),
    ],
)
def test_what_is_wrong_is_named_with_a_right_one(text: str, wrong: str, right: str) -> None:
    with pytest.raises(WhenError) as caught:
        read(text)
    assert wrong in str(caught.value)
    assert right in str(caught.value)


def test_the_right_ones_of_a_refusal_are_right() -> None:
    for example in triggers.EXAMPLES.replace("«", '"').replace("»", '"').split('"')[1::2]:
        assert read(example)


SAID = """
    هر شنبه روز کاری هفته دو یک بار در میان از ماه به جز تعطیلات ۲۲ بهمن ساعت و تا
    every saturday day working week weeks 2 second 8 8:00 from 1405/9/14 monthly last 1
    except holidays to
"""


@given(
    st.text(max_size=30)
    | st.text("هر شنبهماآخرولی۱۵ 0158:everymonthlast,", max_size=25)
    | st.lists(st.sampled_from(SAID.split()), min_size=1, max_size=8).map(" ".join)
)
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = triggers.read(text, calendar="jalali")
    except WhenError:
        return
    assert triggers.read(rule.text, calendar="gregorian") == rule
    assert rule.after(NOW, TEHRAN) > NOW


def test_they_come_when_it_is_said() -> None:
    assert coming("every saturday 08:00", 2) == ["2026-11-28 08:00", "2026-12-05 08:00"]
    assert coming("every saturday 08:21", 1) == ["2026-11-21 08:21"]
    assert coming("monthly 1 08:00", 2) == ["2026-11-22 08:00", "2026-12-22 08:00"]
    assert coming("gregorian monthly 1 08:00", 2) == ["2026-12-01 08:00", "2027-01-01 08:00"]
    assert coming("nowruz 10:00", 3) == ["2027-03-21 10:00", "2028-03-20 10:00", "2029-03-20 10:00"]
    assert coming("22 bahman", 2) == ["2027-02-11 08:00", "2028-02-11 08:00"]
    assert coming("6h", 3) == ["2026-11-21 12:00", "2026-11-21 18:00", "2026-11-22 00:00"]
    assert coming("2 days 9:00", 2) == ["2026-11-22 09:00", "2026-11-24 09:00"]


def test_a_working_day_is_no_official_holiday() -> None:
    found = coming("every working day 08:00", 5, datetime(2027, 2, 8, 12, tzinfo=TEHRAN))
    assert [at[:10] for at in found] == [
        "2027-02-09",
        "2027-02-10",
        "2027-02-13",
        "2027-02-14",
        "2027-02-15",
    ]
    nowruz = coming("every working day 08:00", 2, datetime(2027, 3, 20, 12, tzinfo=TEHRAN))
    assert [at[:10] for at in nowruz] == ["2027-03-27", "2027-03-28"]


def test_the_holidays_that_a_rule_skips_are_named_in_persian() -> None:
    rule = read("every thursday except holidays 08:00")
    assert isinstance(rule, Wall)
    assert isinstance(rule.days, ExceptHolidays)
    skipped = list(rule.days.skipped(date(2027, 2, 1), date(2027, 2, 20)))
    assert skipped == [(date(2027, 2, 11), "پیروزی انقلاب اسلامی")]
    assert holidays.name(date(2027, 2, 12)) == ""  # a Friday is none
    assert holidays.name(date(1905, 1, 1)) == ""  # of that year nobody knows


def test_the_working_days_of_an_office_are_spelled_where_they_differ() -> None:
    rule = triggers.read("هر روز کاری", calendar="jalali", working_days=frozenset({5, 6}))
    assert rule.text == "every saturday, sunday except holidays 08:00"
    assert read(rule.text) == rule


def test_every_second_week_begins_where_it_is_said() -> None:
    assert coming("every 2 weeks saturday 08:00 from 1405/09/07", 2) == [
        "2026-11-28 08:00",
        "2026-12-12 08:00",
    ]
    assert coming("every 2 weeks saturday 08:00 from 1405/09/14", 2) == [
        "2026-12-05 08:00",
        "2026-12-19 08:00",
    ]
    assert coming("every 2 weeks sunday, friday 8:00 from 1405/9/14", 3) == [
        "2026-12-06 08:00",
        "2026-12-11 08:00",
        "2026-12-20 08:00",
    ]
    assert coming("every 3 days 8:00 from 1420/1/1", 1) == ["2041-03-20 08:00"]


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.integers(2, 9),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_weeks_that_are_counted_come_at_their_distance(
    start: date, count: int, weekdays: set[int]
) -> None:
    names = " and ".join(WEEKDAYS["en"][number] for number in weekdays)
    rule = read(f"every {count} weeks {names} 08:00 from {start}")
    found = list(islice(rule.some(NOW, TEHRAN), 3 * len(weekdays)))
    days = [at.astimezone(TEHRAN).date() for at in found]
    assert {day.weekday() for day in days} == weekdays
    assert all(day >= start for day in days)
    saturdays = {day - timedelta((day.weekday() - 5) % 7) for day in days}
    first = start - timedelta((start.weekday() - 5) % 7)
    assert all((each - first).days % (7 * count) == 0 for each in saturdays)


def test_the_last_day_of_jalali_months_is_that_of_another_library() -> None:
    rule, at = read("monthly last 18:00"), datetime(2020, 3, 1, tzinfo=TEHRAN)
    for _ in range(240):
        at = rule.after(at, TEHRAN)
        day = at.astimezone(TEHRAN).date()
        assert jdatetime.date.fromgregorian(date=day + timedelta(days=1)).day == 1


@given(
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.sampled_from(range(7)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.booleans(),
)
def test_a_weekday_said_in_either_language_is_that_weekday(
    day: date, weekday: int, at: time, persian: bool
) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=TEHRAN)
    said = (
        f"هر {WEEKDAYS['fa'][weekday]} {at:%H:%M}"
        if persian
        else f"{WEEKDAYS['en'][weekday]} {at:%H:%M}"
    )
    rule = read(persian_digits(said) if persian else said)
    found = rule.after(now, TEHRAN)
    assert now < found <= now + timedelta(days=8)
    assert found.astimezone(TEHRAN).weekday() == weekday


def test_an_hour_that_comes_twice_fires_once_by_the_wall_and_twice_by_the_clock() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    wall, hourly = read("every day 02:30"), read("cron 30 * * * *")
    assert isinstance(wall, Wall)
    assert isinstance(hourly, Hourly)
    first, second = islice(wall.some(start, BERLIN), 2)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert [wall.key(at, BERLIN) for at in (first, second)] == [
        "2026-10-25T02:30",
        "2026-10-26T02:30",
    ]
    night = [at for at in islice(hourly.some(start, BERLIN), 24) if at.astimezone(BERLIN).hour == 2]
    assert len(night) == 2
    assert len({hourly.key(at, BERLIN) for at in night}) == 2


def test_an_hour_that_is_skipped_comes_when_the_clock_has_moved_on() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    found = list(islice(read("every day 02:30").some(start, BERLIN), 2))
    assert [f"{at.astimezone(BERLIN):%d %H:%M}" for at in found] == ["29 03:30", "30 02:30"]
    midnight = datetime(2022, 3, 21, 12, tzinfo=TEHRAN)  # the last change of clocks in Tehran
    assert coming("every day 00:30", 2, midnight) == ["2022-03-22 01:30", "2022-03-23 00:30"]


def test_a_length_of_time_keeps_its_pace_over_a_change_of_clocks() -> None:
    rule = read("6h")
    assert isinstance(rule, Interval)
    found = list(islice(rule.some(datetime(2026, 3, 28, tzinfo=UTC), BERLIN), 12))
    assert {after - before for before, after in pairwise(found)} == {timedelta(hours=6)}
