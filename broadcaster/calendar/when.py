"""Reading a moment as people type it: the one grammar of WHEN.

::

    WHEN   now | LENGTH ahead | DAY TIME | TIME DAY
    DAY    1405/9/2 | 2026-11-23 | 2 آذر [1405] | 23 November [2026]   (also after its weekday)
           | امروز | فردا | پس‌فردا | 3 روز دیگر | [next] شنبه | شنبه هفته آینده
    TIME   14:30 | ساعت 14 | 8 صبح | 8am | شب ساعت 9 | ظهر | 9   (a bare hour after words only)

Numbers may be words («هشت و نیم», «دوم آذر»), and the time may carry an offset from UTC (ISO 8601).
What can be read in two ways, or in none, is refused: the message names the wrong part and shows
readings that are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from broadcaster.calendar import WhenError, durations
from broadcaster.calendar.clock import FIRST, LAST, Clock, clock_of
from broadcaster.calendar.days import Day, ahead, day_of
from broadcaster.calendar.digits import fold
from broadcaster.calendar.numerals import in_digits
from broadcaster.calendar.show import offset, short
from broadcaster.calendar.words import MIDNIGHTS, PARTS_OF_DAY, VOCABULARY, WEEKDAYS, spellings
from broadcaster.language import joined, say

_NOW = frozenset(
    spellings("now", "اکنون", "هم‌اکنون", "هم اکنون", "الآن", "همین الآن", "حالا", "همین حالا")
)
_TONIGHT = re.compile(r"\b(?:امشب|tonight)\b")
_JOINED = re.compile(r"\b(?P<day>(?:پس ?)?فردا)(?P<part>صبح|ظهر|عصر|شب)\b")
_EZAFE = re.compile(r"(?<=ه) ?ی\b")
"""«دوشنبه‌ی آینده», «هفته ی بعد»."""
_NOWRUZ = re.compile(r"\b(?:(?:روز|عید) )?(?:نوروز|nowruz)\b")
_DOTTED = re.compile(r"(?<![\d./-])(\d{1,2})\.(\d\d)(?![\d./-])")
_LONGEST = 100
_EXAMPLES = {
    "jalali": '"1405/09/02 14:30", "۲ آذر ساعت ۱۴", "فردا ۸ صبح", "شنبه ۹" or "۲ ساعت دیگر"',
    "gregorian": say('"2026-11-23 14:30", "23 November 14:30", "tomorrow 8am" or "in 2h"'),
}


def parse(text: str, *, now: datetime, zone: ZoneInfo, calendar: str) -> datetime:
    """The moment that ``text`` means, in ``zone``.

    Weekdays, days without a year and lengths of time mean the next such moment after ``now``;
    all others may be past.  ``calendar`` chooses the examples in a refusal.

    :raises WhenError: no moment, or more than one.
    """
    if not fold(text).strip():
        raise WhenError(
            say(
                "the time is empty; write one, like {examples}, or leave the option out",
                examples=_EXAMPLES[calendar],
            )
        )
    if len(text) > _LONGEST:
        raise WhenError(
            say(
                '"{text}…" is no moment: none takes {longest} letters to say',
                text=text[:20],
                longest=_LONGEST,
            )
        )
    said = read_words(text)
    here = now.astimezone(zone)
    try:
        if said in _NOW:
            return here
        length = ahead(said)
        if length is not None:
            return (now.astimezone(UTC) + length).astimezone(zone)
        return _moment(said, here, zone, calendar)
    except WhenError as error:
        raise WhenError(say('"{strip}": {reason}', strip=text.strip(), reason=error)) from None


def read_words(text: str) -> str:
    """``text`` folded, its numbers in digits, its words apart: as the forms of a day want it."""
    said = _NOWRUZ.sub("1 فروردین", _EZAFE.sub("", in_digits(fold(text))))
    return _JOINED.sub(r"\g<day> \g<part>", _TONIGHT.sub("امروز شب", said))


def _moment(said: str, here: datetime, zone: ZoneInfo, calendar: str) -> datetime:
    for form in (LAST, FIRST):
        match = form.fullmatch(said)
        if match is None:
            continue
        if match["day"] is None:
            hour = f"{clock_of(match).at:%H:%M}"
            raise WhenError(say('has no day; write "امروز {hour}" or "فردا {hour}"', hour=hour))
        day = day_of(match["day"], here.date())
        if day:
            clock = clock_of(match)
            if clock.bare and not (day.by_word and form is LAST):
                raise WhenError(
                    say(
                        '"{hour}" may be an hour or something else; write {at:%H:%M}',
                        hour=clock.at.hour,
                        at=clock.at,
                    )
                )
            return _join(day, clock, here, zone, calendar)
    raise WhenError(_wrong(said, here, calendar))


def _wrong(said: str, here: datetime, calendar: str) -> str:
    """Why ``said`` is no moment, by what it comes nearest to."""
    if day_of(said, here.date()):
        return say('has no hour; write it after the day, such as "{text} 09:00"', text=said)
    if durations.read(said):
        moment = say("in {text}", text=said) if said.isascii() else f"{said} دیگر"
        return say('is a length of time; write "{moment}" for the moment after it', moment=moment)
    if any(word in said for word in MIDNIGHTS):
        return say("midnight lies between two days; write 00:00 and the day that begins then")
    if dotted := _DOTTED.search(said):
        return say(
            '"{dotted}" is no hour; write {dotted2}:{dotted3}',
            dotted=dotted[0],
            dotted2=dotted[1],
            dotted3=dotted[2],
        )
    strange = [word for word in said.split() if word.isalpha() and word not in VOCABULARY]
    if strange:
        return say(
            '"{strange}" is not understood; write it like {examples}',
            strange=strange[0],
            examples=_EXAMPLES[calendar],
        )
    if parts := [word for word in said.split() if word in PARTS_OF_DAY]:
        return say(
            '"{parts}" alone is no hour; write one, such as "فردا ۸ صبح" or "tomorrow 8pm"',
            parts=parts[0],
        )
    return say("is no day and hour; write it like {examples}", examples=_EXAMPLES[calendar])


def _join(day: Day, clock: Clock, here: datetime, zone: ZoneInfo, calendar: str) -> datetime:
    if clock.offset is not None:
        if not day.numeric:
            raise WhenError(
                say("an offset from UTC needs the date in numbers: 1405/09/02 14:30+03:30")
            )
        at = datetime.combine(day.dates[0], clock.at, timezone(clock.offset)).astimezone(zone)
    else:
        naive = [datetime.combine(date, clock.at) for date in day.dates]  # in the zone's own words
        wall = here.replace(tzinfo=None)
        chosen = next((moment for moment in naive if moment > wall), naive[-1])
        at = _placed(chosen, zone, calendar)
    if day.today_too and at.date() == here.date():
        choices = (datetime.combine(date, clock.at, zone) for date in day.dates)
        raise WhenError(
            say("is today or in a week; write {either}", either=_either(choices, zone, calendar))
        )
    if day.weekday not in (None, at.weekday()):
        raise WhenError(_other_weekday(at, day.weekday, zone))
    return at


def _other_weekday(at: datetime, said: int | None, zone: ZoneInfo) -> str:
    assert said is not None
    near = at + timedelta(days=(said - at.weekday() + 3) % 7 - 3)
    wrong, right = (
        say(
            "{weekdays} ({weekdays2})",
            weekdays=WEEKDAYS["fa"][weekday],
            weekdays2=WEEKDAYS["en"][weekday],
        )
        for weekday in (said, at.weekday())
    )
    return say(
        "the weekday is wrong: {both} is {right}, not {wrong}; the nearest {wrong} is {both2}",
        both=_both(at, zone),
        right=right,
        wrong=wrong,
        both2=_both(near, zone),
    )


def _both(at: datetime, zone: ZoneInfo) -> str:
    """A day in both calendars."""
    days = (_numbers(at, zone, calendar).split()[0] for calendar in ("jalali", "gregorian"))
    return " = ".join(days)


def _placed(wall: datetime, zone: ZoneInfo, calendar: str) -> datetime:
    """A wall-clock time in ``zone``.

    :raises WhenError: the clock jumps over it, or shows it twice (daylight saving).
    """
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = early.utcoffset(), late.utcoffset()
    if before == after:
        return early
    assert before is not None
    assert after is not None
    if before > after:
        twice = joined(
            " or ", (f"{_numbers(at, zone, calendar)}{offset(at)}" for at in (early, late))
        )
        raise WhenError(say("comes twice, since clocks are set back; write {twice}", twice=twice))
    around = (at.astimezone(UTC) for at in (late, early))
    raise WhenError(
        say(
            "does not exist, since clocks are set forward; the nearest times are {either}",
            either=_either(around, zone, calendar),
        )
    )


def _either(moments: Iterable[datetime], zone: ZoneInfo, calendar: str) -> str:
    return joined(" or ", (f'"{_numbers(at, zone, calendar)}"' for at in moments))


def _numbers(at: datetime, zone: ZoneInfo, calendar: str) -> str:
    return short(at, calendar=calendar, language="en", zone=zone)
