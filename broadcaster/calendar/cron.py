"""Cron lines: five fields, with weekdays by name since programs disagree about their numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

from broadcaster.calendar import WhenError
from broadcaster.calendar.digits import latin_digits
from broadcaster.calendar.recurrence import CronDays, Hourly, Never, Rule, Wall
from broadcaster.calendar.words import MONTHS, WEEKDAYS
from broadcaster.language import joined, say

_ITEM = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")
_EXAMPLE = say('"0 8 * * sat" (each Saturday at 8:00)')
_WEEKDAYS = {name.lower(): number for number, name in enumerate(WEEKDAYS["en"])}
_WEEKDAYS |= {name[:3]: number for name, number in _WEEKDAYS.items()}
_MONTHS = {name.lower(): number for number, name in enumerate(MONTHS["gregorian", "en"], start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()}


def read(text: str) -> Rule:
    """The rule of a cron line: minute, hour, day of the month, month, weekday.

    Where every hour is meant it comes in each real hour, else by the wall clock.

    :raises WhenError: what is wrong in which field, with a right example.
    """
    fields = latin_digits(text).lower().split()
    if len(fields) != 5:
        raise WhenError(
            say(
                '"{text}" is no cron line: it has {count} fields, not five (minute, '
                "hour, day of the month, month, weekday); such as {example}",
                text=text,
                count=len(fields),
                example=_EXAMPLE,
            )
        )
    try:
        rule = _rule(" ".join(fields), *fields)
        rule.after(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    except WhenError as error:
        raise WhenError(say('"{text}": {reason}', text=text, reason=error)) from None
    except Never:
        raise WhenError(say('"{text}" never comes: no month has such a day', text=text)) from None
    return rule


def _rule(line: str, minute: str, hour: str, day: str, month: str, weekday: str) -> Rule:
    if day != "*" and weekday != "*":
        raise WhenError(
            say(
                "it has a day of the month and a weekday, which some programs read as "
                "both and others as either; write * for one of them"
            )
        )
    days = CronDays(
        months=_numbers("month", month, 1, 12, _MONTHS),
        numbers=_numbers(say("day of the month"), day, 1, 31, {}),
        weekdays=_weekdays(weekday, line),
    )
    minutes = _numbers("minute", minute, 0, 59, {})
    text = say("cron {line}", line=line)
    if hour in {"*", "*/1"}:
        return Hourly(text, days, minutes)
    hours = _numbers("hour", hour, 0, 23, {})
    times = (time(h, m) for h, m in product(sorted(hours), sorted(minutes)))
    return Wall(text, days, tuple(times))


def _numbers(field: str, text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise WhenError(
                say(
                    'the {field} "{item}" is not understood; such as {example}',
                    field=field,
                    item=item,
                    example=_EXAMPLE,
                )
            )
        first, last = low, high
        if not match["all"]:
            first = _number(field, match["first"], low, high, names)
            last = _number(field, match["last"] or match["first"], low, high, names)
            if match["step"] and not match["last"]:
                whole = f"{match['first']}-{high}/{match['step']}"
                raise WhenError(
                    say(
                        'the {field} "{item}" has no end; write {whole}',
                        field=field,
                        item=item,
                        whole=whole,
                    )
                )
        if first > last:
            raise WhenError(
                say(
                    'the {field} "{item}" runs backwards; write {match}-{high},{low}-{match2}',
                    field=field,
                    item=item,
                    match=match["first"],
                    high=high,
                    low=low,
                    match2=match["last"],
                )
            )
        step = int(match["step"] or 1)
        if not step:
            raise WhenError(
                say(
                    'the {field} "{item}" has a step of nothing; write 1 or more',
                    field=field,
                    item=item,
                )
            )
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(field: str, word: str, low: int, high: int, names: dict[str, int]) -> int:
    if word in names:
        return names[word]
    if word.isdecimal() and low <= int(word) <= high:
        return int(word)
    if word == "l":
        raise WhenError(say('cron has no last day; write instead: "monthly last 18:00"'))
    named = say(", or {names}", names=joined(", ", list(names)[-12:])) if names else ""
    raise WhenError(
        say(
            'the {field} "{word}" is not among {low} to {high}{named}',
            field=field,
            word=word,
            low=low,
            high=high,
            named=named,
        )
    )


def _weekdays(text: str, line: str) -> frozenset[int]:
    """Names only; a range may run over the end of a week: ``sat-wed``."""
    if text == "*":
        return frozenset(range(7))
    found: set[int] = set()
    for item in text.split(","):
        first, dash, last = item.partition("-")
        for word in (first, *([last] if dash else [])):
            if any(letter.isdecimal() for letter in word):
                raise WhenError(
                    say(
                        'the weekday "{item}" is a number, and programs disagree which day it '
                        "is (1 is Monday for some and Tuesday for others); write its name, "
                        'such as "{split} sat"',
                        item=item,
                        split=joined(" ", line.split()[:4]),
                    )
                )
            if word not in _WEEKDAYS:
                raise WhenError(
                    say(
                        'the weekday "{word}" is none of sat, sun, mon, tue, wed, thu, fri',
                        word=word,
                    )
                )
        start, end = _WEEKDAYS[first], _WEEKDAYS[last or first]
        found.update((start + ahead) % 7 for ahead in range((end - start) % 7 + 1))
    return frozenset(found)
