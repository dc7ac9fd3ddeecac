"""Names of days, months and parts of the day, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from broadcaster.calendar.digits import fold

WEEKDAYS = {
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
"""By ``date.weekday()``: Monday first."""

MONTHS = {
    ("jalali", "fa"): (
        *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
        *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    ),
    ("jalali", "en"): (
        *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
        *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
    ),
    ("gregorian", "fa"): (
        *("ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن"),
        *("ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"),
    ),
    ("gregorian", "en"): (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

_MORE_MONTHS = {
    "jalali": {"امرداد": 5},
    "gregorian": {
        "می": 5,
        "جون": 6,
        "جولای": 7,
        "آگوست": 8,
        **{name[:3]: number for number, name in enumerate(MONTHS["gregorian", "en"], start=1)},
        "sept": 9,
    },
}
_MORE_WEEKDAYS = {
    # As people type them: with a space, with a digit, short.
    **dict(zip(("دو شنبه", "سه شنبه", "چهار شنبه", "پنج شنبه"), range(4), strict=True)),
    **dict(zip(("2شنبه", "3شنبه", "4شنبه", "5شنبه"), range(4), strict=True)),
    "آدینه": 4,
    "یک شنبه": 6,
    "1شنبه": 6,
    **{name[:3]: number for number, name in enumerate(WEEKDAYS["en"])},
}


def spellings(*words: str) -> Iterator[str]:
    """How people type ``words``: folded, and with a plain alef for alef madda."""
    for word in map(fold, words):
        yield word
        if "آ" in word:
            yield word.replace("آ", "ا")


MONTH_NUMBERS: dict[str, tuple[str, int]] = {
    spelled: (calendar, number)
    for (calendar, _), names in MONTHS.items()
    for number, name in enumerate(names, start=1)
    for spelled in spellings(name)
} | {
    spelled: (calendar, number)
    for calendar, numbers in _MORE_MONTHS.items()
    for name, number in numbers.items()
    for spelled in spellings(name)
}
"""Folded name -> calendar and number of a month."""

WEEKDAY_NUMBERS: dict[str, int] = {
    spelled: number
    for names in WEEKDAYS.values()
    for number, name in enumerate(names)
    for spelled in spellings(name)
} | {spelled: number for name, number in _MORE_WEEKDAYS.items() for spelled in spellings(name)}
"""Folded name -> ``date.weekday()``."""

DAYS_AHEAD: dict[str, int] = {
    fold(name): days
    for name, days in {
        "پریروز": -2,
        "the day before yesterday": -2,
        "day before yesterday": -2,
        "دیروز": -1,
        "yesterday": -1,
        "امروز": 0,
        "today": 0,
        "فردا": 1,
        "tomorrow": 1,
        "پس‌فردا": 2,
        "پس فردا": 2,
        "the day after tomorrow": 2,
        "day after tomorrow": 2,
    }.items()
}

_MORNING = {hour: hour for hour in range(1, 12)}
_PM = {hour: hour + 12 for hour in range(1, 12)} | {12: 12}
_AFTERNOON = {hour: hour + 12 for hour in range(1, 8)} | {12: 12}
_EVENING = {hour: hour + 12 for hour in range(5, 12)}
PARTS_OF_DAY: dict[str, dict[int, int]] = {
    fold(name): hours
    for name, hours in {
        "am": _MORNING | {12: 0},
        "a.m.": _MORNING | {12: 0},
        "pm": _PM,
        "p.m.": _PM,
        "morning": _MORNING,
        "in the morning": _MORNING,
        "afternoon": _AFTERNOON,
        "in the afternoon": _AFTERNOON,
        "evening": _EVENING,
        "in the evening": _EVENING,
        "بامداد": {hour: hour for hour in range(7)} | {12: 0},
        "صبح": _MORNING,
        "قبل از ظهر": {hour: hour for hour in range(7, 12)},
        "ظهر": {11: 11, 12: 12, 1: 13, 2: 14, 3: 15},
        "بعدازظهر": _PM,
        "بعد از ظهر": _PM,
        "عصر": {hour: hour + 12 for hour in range(2, 9)},
        "غروب": {hour: hour + 12 for hour in range(4, 9)},
        "شب": {hour: hour + 12 for hour in range(6, 12)},
    }.items()
}
"""Part of the day -> the hour people say -> the hour of 24.

What is missing is refused: «۱۲ شب» and «۲ شب» lie between two days, and people mean either."""

MIDNIGHTS = tuple(map(fold, ("نیمه‌شب", "نیمه شب", "نصف‌شب", "نصف شب", "midnight")))

VOCABULARY = frozenset(
    word
    for words in (
        *(MONTH_NUMBERS, WEEKDAY_NUMBERS, DAYS_AHEAD, PARTS_OF_DAY),
        ("ساعت راس و نیم ربع دقیقه ماه سال روز هفته دیگر دیگه بعد بعدی آینده اینده این همین",),
        ("at on of in the next this later from now utc",),
    )
    for phrase in words
    for word in phrase.split()
)
"""Every word that has a place in some time, to name the one that has not."""
