"""Nothing is guessed: what has no reading, or two, is refused with a right one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from broadcaster.calendar import WhenError
from broadcaster.calendar.when import parse
from broadcaster.errors import InputError

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 21, 8, 20, tzinfo=TEHRAN)  # Saturday, 30 Aban 1405


def refusal(text: str, calendar: str = "jalali") -> str:
    with pytest.raises(WhenError) as caught:
        parse(text, now=NOW, zone=TEHRAN, calendar=calendar)
    assert isinstance(caught.value, InputError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("1405/12/30 10:00", '"1405/12/30" does not exist', "1405/12/29 and 1406/01/01"),
        ("۱۴۰۵/۷/۳۱ ۱۰:۰۰", '"1405/07/31" does not exist', "1405/07/30 and 1405/08/01"),
        ("30 اسفند 1405 ساعت 9", '"1405/12/30"', "1405/12/29 and 1406/01/01"),
        ("2026-02-29 10:00", '"2026-02-29"', "2026-02-28 and 2026-03-01"),
        ("29 February 10:00", '"2026-02-29"', "2026-02-28 and 2026-03-01"),
        ("2026-12-32 10:00", '"2026-12-32"', "2026-12-31 and 2027-01-01"),
        (
            "1405/13/01 10:00",
            '"1405/13/01"',
            "1 to 12; the nearest days are 1405/12/29 and 1406/01/01",
        ),
        (
            "1405/00/07 10:00",
            '"1405/00/07"',
            "1 to 12; the nearest days are 1404/12/29 and 1405/01/01",
        ),
        ("1405/01/00 10:00", '"1405/01/00"', "nearest days are 1404/12/29 and 1405/01/01"),
        ("2026-03-00 10:00", '"2026-03-00"', "nearest days are 2026-02-28 and 2026-03-01"),
        ("30 اسفند ساعت 9", '"1405/12/30"', "1405/12/29 and 1406/01/01"),
        ("1605/01/01 10:00", '"1605" is no year', "1300 to 1499"),
        ("2 آذر 2026 ساعت 9", '"آذر" is no month', "counts 2026"),
        ("شنبه ۲ آذر ۱۴۰۵ ساعت ۱۴:۳۰", "is دوشنبه (Monday), not شنبه", "1405/08/30 = 2026-11-21"),
        ("Tue 23 Nov 2026 9:00", "is دوشنبه (Monday), not سه‌شنبه (Tuesday)", "2026-11-24"),
        ("جمعه ۱۴۰۵/۹/۳ ۹:۰۰", "سه‌شنبه (Tuesday), not جمعه (Friday)", "1405/09/06 = 2026-11-27"),
        ("1405/09/02 25:00", '"25:00" is no time of day', "23:59, and 00:00 of the next day"),
        ("1405/09/02 99", '"99:00" is no time of day', "0 to 23"),
        ("1405/09/02 24:00", '"24:00"', "00:00 of the next day"),
        ("1405/09/02 10:75", '"10:75" is no time', "10:59 and 11:00"),
        ("1405/09/02 10:59:60", '"10:59:60" is no time', "10:59:59 and 11:00"),
        ("1405/09/02 9:5", '"9:5" may be', "9:05 or 9:50"),
        ("1405/09/02 14:30+25:00", "no offset", "+03:30"),
    ],
)
def test_what_cannot_be_names_its_part_and_the_nearest(text: str, wrong: str, right: str) -> None:
    message = refusal(text)
    assert message.startswith(f'"{text}": ')
    assert wrong in message
    assert right in message


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("1405/09/02", "has no hour", '"1405/09/02 09:00"'),
        ("۲ آذر", "has no hour", '"2 آذر 09:00"'),
        ("فردا", "has no hour", '"فردا 09:00"'),
        ("امشب", '"شب" alone is no hour', "فردا ۸ صبح"),
        ("فردا صبح", '"صبح" alone is no hour', "فردا ۸ صبح"),
        ("tomorrow morning", '"morning" alone is no hour', "tomorrow 8pm"),
        ("ظهر", "has no day", '"فردا 12:00"'),
        ("فردا نیمه‌شب", "lies between two days", "00:00"),
        ("tomorrow midnight", "lies between two days", "00:00"),
        ("فردا ساعت ۸.۳۰", '"8.30" is no hour', "8:30"),
        ("2h", "is a length of time", '"in 2h"'),
        ("۲ ساعت", "is a length of time", '"2 ساعت دیگر"'),
        ("next week saturday 10:00", '"week" is not understood', "شنبه ۹"),
        ("هفتهٔ بعد", "no day and hour", "شنبه ۹"),
        ("14:30", "has no day", '"امروز 14:30"'),
        ("ساعت ۹ شب", "has no day", '"فردا 21:00"'),
        ("۲ آذر ۱۴", '"14" may be an hour or something else', "14:00"),
        ("02/09/1405 10:00", '"02/09/1405"', "year, month, day"),
        ("05/09/02 10:00", '"05/09/02"', "year, month, day"),
        ("9/2 10:00", '"9/2"', "year, month, day"),
        ("شنبه ۹", "today or in a week", '"1405/08/30 09:00" or "1405/09/07 09:00"'),
        ("فردا ۱۲ شب", '"12 شب" lies between two days', "write 00:00"),
        ("فردا ۲ شب", '"2 شب" lies between two days', "write 02:00"),
        ("فردا ۱۵ صبح", '"15 صبح" is no hour', "24-hour clock"),
        ("فردا صبح ۸ عصر", "two parts of the day", "keep one"),
        ("فردا 14:30+03:30", "date in numbers", "1405/09/02 14:30+03:30"),
        ("2021-09-21 23:30", "comes twice", "23:30+04:30 or 1400/06/30 23:30+03:30"),
        ("2021-03-22 00:30", "does not exist", '"1400/01/01 23:30" or "1400/01/02 01:30"'),
        ("5 شنبه", '"5" may be an hour or something else', "05:00"),
        ("شنبه‌ها ۹", "is not understood", "شنبه ۹"),
        ("۲ ماه دیگر", "no day and hour", "۲ ساعت دیگر"),
        ("in 5mo", "mo", "شنبه ۹"),
        ("in 99999999 days", "longer than ten years", ""),
        ("", "the time is empty", "1405/09/02 14:30"),
        (" \u200c ", "the time is empty", "1405/09/02 14:30"),
        ("x" * 5000, "is no moment", "100"),
    ],
)
def test_what_could_be_two_things_is_not_guessed(text: str, wrong: str, right: str) -> None:
    message = refusal(text)
    assert wrong in message
    assert right in message


def test_examples_are_in_the_calendar_of_the_house() -> None:
    assert "23 November 14:30" in refusal("soon", "gregorian")
    assert "۲ آذر ساعت ۱۴" in refusal("soon", "jalali")


@pytest.mark.parametrize("calendar", ["jalali", "gregorian"])
def test_the_examples_of_a_refusal_are_right(calendar: str) -> None:
    wednesday = NOW.replace(day=25)
    examples = refusal("soon", calendar).partition("like ")[2].split('"')[1::2]
    assert len(examples) > 3
    for example in examples:
        assert parse(example, now=wednesday, zone=TEHRAN, calendar=calendar)
