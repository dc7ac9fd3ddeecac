"""Dates and numbers as readers in Iran expect them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster.calendar.digits import persian_digits
from broadcaster.calendar.show import jalali, show
from broadcaster.calendar.words import MONTHS, WEEKDAYS

ZONE = ZoneInfo("Asia/Tehran")


def day(at: datetime) -> str:
    """«سه‌شنبه ۳ آذر ۱۴۰۵»."""
    local = at.astimezone(ZONE)
    year, month, number = jalali(local)
    name = MONTHS["jalali", "fa"][month - 1]
    return persian_digits(f"{WEEKDAYS['fa'][local.weekday()]} {number} {name} {year}")


def clock(at: datetime) -> str:
    """«۱۴:۳۰»."""
    return persian_digits(f"{at.astimezone(ZONE):%H:%M}")


def whole(at: datetime) -> str:
    """Both calendars, for those who point at a time."""
    return show(at.replace(microsecond=0), calendar="jalali", language="fa", zone=ZONE)


def size(count: int) -> str:
    """Bytes: «۱۲٫۳ کیلوبایت»."""
    for unit, name in ((2**20, "مگابایت"), (2**10, "کیلوبایت")):
        if count >= unit:
            return persian_digits(f"{count / unit:.1f}".replace(".", "٫")) + f" {name}"
    return persian_digits(f"{count} بایت")


def abbreviated(count: int) -> str:
    """As public pages write counts: 987, 1.2K, 3M."""
    for unit, letter in ((10**6, "M"), (10**3, "K")):
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + letter
    return str(count)
