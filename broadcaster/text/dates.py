"""Formats the due time of a post for its variables."""

from __future__ import annotations

from datetime import datetime

from broadcaster.calendar.show import jalali, persian_digits
from broadcaster.calendar.words import MONTHS, WEEKDAYS


def in_words(name: str, at: datetime, *, calendar: str, language: str) -> str:
    """``date``: ۲ آذر ۱۴۰۵; ``time``: ۱۴:۳۰; ``weekday``: دوشنبه, all by the clock of ``at``."""
    match name:
        case "weekday":
            return WEEKDAYS[language][at.weekday()]
        case "time":
            words = f"{at:%H:%M}"
        case _:
            parts = jalali(at.date()) if calendar == "jalali" else (at.year, at.month, at.day)
            words = f"{parts[2]} {MONTHS[calendar, language][parts[1] - 1]} {parts[0]}"
    return persian_digits(words) if language == "fa" else words
