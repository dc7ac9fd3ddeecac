"""The TIME of the grammar: ``14:30``, «ساعت ۱۴», «۸ صبح», ``8am``, «شب ساعت ۹»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta

from broadcaster.calendar import WhenError
from broadcaster.calendar.words import PARTS_OF_DAY
from broadcaster.language import say

_PART = "|".join(map(re.escape, sorted(PARTS_OF_DAY, key=len, reverse=True)))
_TIME = rf"""
    (?:(?P<before>{_PART})[ ])? (?P<word>(?:(?:راس[ ])?ساعت|at|@)[ ]?)?
    (?: (?P<hour>\d{{1,2}})
        (?: :(?P<minute>\d\d?) (?: :(?P<second>\d\d) (?:\.\d{{1,9}})? )?
          | [ ]و[ ](?P<share>نیم|ربع) | [ ]و[ ](?P<more>\d{{1,2}})[ ]?دقیقه )?
        (?:[ ]?(?P<after>{_PART})(?!\w))?
      | (?P<noon>ظهر|noon) )
"""
_OFFSET = r"[ ]?(?:(?P<utc>z|utc)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)"
LAST = re.compile(rf"(?:(?P<day>.+?)(?:[ ]|(?<=\d)t))?? {_TIME} (?:{_OFFSET})?", re.VERBOSE)
"""A text that ends with its TIME; group ``day`` is what stands before it."""
FIRST = re.compile(rf"{_TIME} (?:{_OFFSET})? [ ](?P<day>.+)", re.VERBOSE)
"""A text that begins with its TIME; group ``day`` is what stands behind it."""

_SHARES = {None: 0, "نیم": 30, "ربع": 15}
_FARTHEST = timedelta(hours=14)
"""East of Greenwich; nobody's clock is farther from UTC."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour of the day."""

    at: time
    bare: bool
    """A number alone, which could be something else."""
    offset: timedelta | None = None
    """From UTC, where it was said."""


def clock_of(match: re.Match[str]) -> Clock:
    """The hour that a match of ``LAST`` or ``FIRST`` says.

    :raises WhenError: there is no such hour, or it could be two.
    """
    offset = _offset(match)
    if match["noon"]:
        return Clock(time(12), bare=False, offset=offset)
    if match["minute"] and len(match["minute"]) == 1:
        hour, digit = match["hour"], match["minute"]
        raise WhenError(
            say(
                '"{hour}:{digit}" may be {hour}:0{digit} or {hour}:{digit}0; write which',
                hour=hour,
                digit=digit,
            )
        )
    before, after = match["before"], match["after"]
    if before and after:
        raise WhenError(
            say(
                '"{before}" and "{after}" are two parts of the day; keep one',
                before=before,
                after=after,
            )
        )
    part = before or after
    minute = int(match["minute"] or match["more"] or _SHARES[match["share"]])
    second = int(match["second"] or 0)
    hour = _hour(int(match["hour"]), minute, part)
    if minute > 59 or second > 59:
        near = f"{hour:02}:59" if minute > 59 else f"{hour:02}:{minute:02}:59"
        after = hour * 60 + min(minute, 59) + 1
        said = ":".join(filter(None, (match["hour"], f"{minute:02}", match["second"])))
        raise WhenError(
            say(
                '"{text}" is no time: minutes and seconds are 00 to 59; the nearest '
                "times are {near} and {after:02}:{after2:02}",
                text=said,
                near=near,
                after=after // 60 % 24,
                after2=after % 60,
            )
        )
    bare = not (match["word"] or part or match["minute"] or match["share"] or match["more"])
    return Clock(time(hour, minute, second), bare=bare, offset=offset)


def _hour(said: int, minute: int, part: str | None) -> int:
    if part is None:
        if said == 24 and minute == 0:
            raise WhenError(say('"24:00" is 00:00 of the next day; write that day and 00:00'))
        if said > 23:
            raise WhenError(
                say(
                    '"{text}:{minute:02}" is no time of day: hours are 0 to 23; the '
                    "nearest times are 23:59, and 00:00 of the next day",
                    text=said,
                    minute=minute,
                )
            )
        return said
    hours = PARTS_OF_DAY[part]
    if said in hours:
        return hours[said]
    if said > 12 and said in hours.values():
        return said  # 14:30 عصر: said twice, and both agree
    if part == "شب" and said in (0, 1, 2, 3, 4, 5, 12):
        raise WhenError(
            say(
                '"{text} {part}" lies between two days: write {text2:02}:{minute:02} '
                "and the day that has begun by then",
                text=said,
                part=part,
                text2=said % 12,
                minute=minute,
            )
        )
    raise WhenError(
        say(
            '"{text} {part}" is no hour; write it on the 24-hour clock, such as 14:30',
            text=said,
            part=part,
        )
    )


def _offset(match: re.Match[str]) -> timedelta | None:
    if match["utc"]:
        return timedelta()
    if not match["sign"]:
        return None
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    if offset > _FARTHEST:
        raise WhenError(
            say('"{match}" hours from UTC is no offset; such as +03:30', match=match["hours"])
        )
    return offset if match["sign"] == "+" else -offset
