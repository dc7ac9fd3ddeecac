"""``{date}`` and its like in a text, by the hour when a post is due."""

from __future__ import annotations

import re
from datetime import datetime

from broadcaster.calendar.show import jalali, persian_digits
from broadcaster.calendar.words import MONTHS, WEEKDAYS
from broadcaster.text.options import ChannelOptions

_NAME = r"[^\W\d][\w\u200c]*"
_VARIABLE = re.compile(rf"\{{\{{({_NAME})\}}\}}|\{{({_NAME})\}}")


def filled(source: str, options: ChannelOptions, due: datetime) -> str:
    """``source`` with every known ``{name}`` replaced.

    Unknown ones stay as written; ``{{name}}`` of a known one is a literal ``{name}``.
    """

    def value(found: re.Match[str], own: bool = True) -> str:
        name = found[1] or found[2]
        said = options.variables.get(name) if own else None
        if said is not None:
            said = _VARIABLE.sub(lambda inner: value(inner, own=False), said)
        else:
            said = _known(name, options, due)
        if said is None:
            return found[0]
        return f"{{{name}}}" if found[1] else said

    return _VARIABLE.sub(value, source) if "{" in source else source


def _known(name: str, options: ChannelOptions, due: datetime) -> str | None:
    match name:
        case "date":
            return _date(options, due)
        case "time":
            return _digits(options, f"{due.astimezone(options.zone):%H:%M}")
        case "weekday":
            return WEEKDAYS[options.language][due.astimezone(options.zone).weekday()]
        case "channel_link" if options.link:
            return options.link
    return None


def _date(options: ChannelOptions, due: datetime) -> str:
    """``۲ آذر ۱۴۰۵``."""
    day = due.astimezone(options.zone).date()
    parts = jalali(day) if options.calendar == "jalali" else (day.year, day.month, day.day)
    month = MONTHS[options.calendar, options.language][parts[1] - 1]
    return _digits(options, f"{parts[2]} {month} {parts[0]}")


def _digits(options: ChannelOptions, text: str) -> str:
    return persian_digits(text) if options.language == "fa" else text
