"""Reading how often something comes, as people type it.

::

    RULE   DAYS [TIME …] | TIME DAYS | [every] LENGTH | cron LINE      (without a TIME: 08:00)
    DAYS   WHICH [except holidays] [from 1405/09/14]
    WHICH  every day | every saturday [and tuesday] | every saturday to wednesday | every 2 days
           | every working day | every 2 weeks saturday | every second saturday
           | [jalali | gregorian] monthly 1 [15] | monthly last | yearly 22 bahman | nowruz
           | هر روز | هر شنبه [و سه‌شنبه] | هر شنبه تا چهارشنبه | هر ۲ روز
           | هر روز کاری | هر دو هفته یک‌بار شنبه | شنبه‌ها یک هفته در میان
           | اول هر ماه | ۱۵ هر ماه میلادی | آخر هر ماه | ۲۲ بهمن هر سال | نوروز
           («به جز تعطیلات», «از ۱۴۰۵/۹/۱۴»)

The word "every" may be left out: all that is said here comes again.  A month is one of the house's
calendar unless its calendar is said.  Days that only some months have are refused: a post that
people count on would be left out there.  "from" belongs to every second day or week, and says which
of them are meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TypeGuard

from broadcaster.calendar import WhenError, cron, durations
from broadcaster.calendar.clock import FIRST, LAST, clock_of
from broadcaster.calendar.days import day_of
from broadcaster.calendar.digits import persian_digits
from broadcaster.calendar.recurrence import (
    CronDays,
    Days,
    EachSoMany,
    EachSoManyWeeks,
    ExceptHolidays,
    Interval,
    Monthly,
    Rule,
    Wall,
    Weekdays,
    Yearly,
)
from broadcaster.calendar.show import jalali
from broadcaster.calendar.when import read_words
from broadcaster.calendar.words import MONTH_NUMBERS, MONTHS, WEEKDAY_NUMBERS, WEEKDAYS
from broadcaster.language import joined, say

MORNING = time(8)
"""For a rule without an hour: when an office opens.  It is shown before anything is kept."""
SHORTEST = timedelta(minutes=1)
WORKING_DAYS = frozenset({5, 6, 0, 1, 2})
"""Saturday to Wednesday, where the office says nothing else; by ``date.weekday()``."""
EXAMPLES = say(
    '"every saturday 08:00", "every working day 08:00", "every 2 weeks '
    'saturday 08:00", "monthly 1 08:00", "monthly last 18:00", "every '
    '6h", "nowruz 10:00", «هر شنبه ۸ صبح», «هر روز کاری ساعت ۸», «اول هر '
    "ماه ساعت ۹», «آخر هر ماه ساعت ۱۸»"
)
_EACH_MONTH_HAS = {"jalali": 29, "gregorian": 28}

_ROLES = {
    word: roles.split()
    for roles, words in {
        "day": "day days daily everyday روز روزهای روزانه هرروز",
        "week": "week weeks weekly هفته هفتگی",
        "month": "month monthly ماه ماهانه ماهیانه",
        "year": "year yearly annually سال سالانه سالیانه",
        "last": "last آخر اخر آخرین اخرین پایان",
        "to": "to through تا",
        "jalali": "jalali persian شمسی",
        "gregorian": "gregorian میلادی",
        "": "every each هر همه on of the and at و در از from ها",
    }.items()
    for word in words.split()
}
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|م|ام)?")
_LENGTH = re.compile(r"(?:(?:every|each|هر) )?(?P<length>.+)")
_DAYS = re.compile(r"\d+ ?(?:d|days?|روز)(?!\w)")
_NOWRUZ = re.compile(r"(?i)(?:روز |عید )?(?:نوروز|\bnowruz\b)")

_NO_HOLIDAYS = re.compile(
    r"(?<!\S)(?:(?:except|without|but not|not)(?: on| for)?(?: official| public)? holidays"
    r"|(?:به ?جز|به غیر از|غیر از|بدون|جز)(?: در)?(?: روزهای تعطیل| ایام تعطیل| تعطیلات)"
    r"(?: رسمی)?)(?!\S)"
)
_WORKING = re.compile(
    r"(?<!\S)(?:(?:working|work|business)[ -]?days?|(?:روز|روزهای|روز های) (?:کاری|اداری))(?!\S)"
)
_FROM = re.compile(
    r"(?<!\S)(?:from|starting|از)(?: تاریخ)? (?P<day>\d{4}[-/.]\d\d?[-/.]\d\d?)(?!\S)"
)
_SKIPPING = (
    # «یک هفته در میان», "every other week", "every second saturday": each is every two of them.
    (re.compile(r"(?<!\S)(?:1 |یک)?(?P<unit>هفته|روز) در ?میان(?!\S)"), r"2 \g<unit>"),
    (re.compile(r"(?<!\S)(?:other|second) (?P<unit>weeks?|days?)(?!\S)"), r"2 \g<unit>"),
    (re.compile(r"(?<!\S)every (?:other|second) (?=\w+day\b)"), "every 2 weeks "),
    (re.compile(r"(?<!\S)(?:1 ?|یک)بار(?!\S)"), " "),
)
_WEEKS = re.compile(r"(?<!\S)(?P<count>\d\d?) ?(?:weeks?|هفته)(?!\S)")


def read(text: str, *, calendar: str, working_days: frozenset[int] = WORKING_DAYS) -> Rule:
    """The rule that ``text`` says; ``calendar`` is the one of a month that names none.

    The rule's own ``text`` reads as an equal rule wherever the days of work are others.

    :raises WhenError: none, or more than one; the message shows right ones.
    """
    if text.strip().lower().startswith("cron "):
        return cron.read(text.strip()[len("cron ") :])
    said = read_words(_NOWRUZ.sub(" yearly 1 farvardin ", text))
    try:
        return _interval(said) or _wall(said, _House(calendar, working_days))
    except WhenError as error:
        raise WhenError(say('"{strip}": {reason}', strip=text.strip(), reason=error)) from None


@dataclass(frozen=True, slots=True)
class _House:
    """What a rule means here where it does not say it itself."""

    calendar: str
    working_days: frozenset[int]


def _interval(said: str) -> Rule | None:
    match = _LENGTH.fullmatch(said)
    if match is None or _DAYS.match(match["length"]):
        return None
    single = match["length"] in {"hour", "minute", "ساعت", "دقیقه"}
    length = durations.read(say("1 {match}", match=match["length"]) if single else match["length"])
    if length is None:
        return None
    if length < SHORTEST:
        raise WhenError(say("is too often; the shortest is every minute"))
    if not length % timedelta(weeks=1):
        weeks = length.days // 7
        every = "every" if weeks == 1 else say("every {weeks} weeks", weeks=weeks)
        raise WhenError(
            say(
                'say on which day: "{every} saturday 08:00", or "every {days} days"',
                every=every,
                days=length.days,
            )
        )
    seconds = int(length.total_seconds())
    unit = next(unit for unit in _UNITS if seconds % unit == 0)
    return Interval(
        say("every {seconds}{units}", seconds=seconds // unit, units=_UNITS[unit]), length
    )


_UNITS = {3600: "h", 60: "min", 1: "s"}


def _wall(said: str, house: _House) -> Rule:
    rest, frame = _frame(re.sub(r"(?<=\d)d\b", " days", said))
    rest, times = _times(rest)
    if not times and (bare := LAST.fullmatch(rest)) and bare["day"]:
        days = _try(bare["day"], house, frame)  # «هر شنبه ۹»: the number can only be an hour
        if _of_weeks_or_days(days):
            return _rule(days, (clock_of(bare).at,))
    days = _framed(rest, house, frame)
    if not times and isinstance(days, Monthly) and len(days.numbers) + days.last > 1:
        last = rest.split()[-1]
        raise WhenError(
            say(
                '"{last}" may be a day or an hour; write the hour as well, such as 08:00', last=last
            )
        )
    return _rule(days, times or (MORNING,))


def _rule(days: Days, times: tuple[time, ...]) -> Rule:
    ordered = tuple(sorted(set(times)))
    clock = joined(", ", (f"{at:%H:%M}" for at in ordered))
    return Wall(
        say(
            "{spell} {clock}{spell_start}",
            spell=_spell(days),
            clock=clock,
            spell_start=_spell_start(days),
        ),
        days,
        ordered,
    )


def _of_weeks_or_days(days: Days | None) -> TypeGuard[Days]:
    plain = days.days if isinstance(days, ExceptHolidays) else days
    return isinstance(plain, Weekdays | EachSoMany | EachSoManyWeeks)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the words for the days."""

    weeks: int = 1
    """Of so many weeks one."""
    start: date | None = None
    no_holidays: bool = False


def _frame(said: str) -> tuple[str, _Frame]:
    """``said`` without what is said around its days and hours, and that.

    :raises WhenError: there is no such first day, or no such number of weeks.
    """
    for pattern, plain in _SKIPPING:
        said = pattern.sub(plain, said)
    said, none = _NO_HOLIDAYS.subn(" ", said)
    start = _FROM.search(said)
    if start:
        said = _FROM.sub(" ", said, count=1)
    weeks = _WEEKS.search(said)
    if weeks:
        said = _WEEKS.sub(" week ", said, count=1)
        if not int(weeks["count"]):
            raise WhenError(say("every 0 weeks is no repetition"))
    day = day_of(start["day"], date.min) if start else None
    frame = _Frame(
        weeks=int(weeks["count"]) if weeks else 1,
        start=day.dates[0] if day else None,
        no_holidays=bool(none),
    )
    return " ".join(said.split()), frame


def _framed(said: str, house: _House, frame: _Frame) -> Days:
    working = bool(_WORKING.search(said))
    words = _read(_WORKING.sub(" ", said))
    if working:
        if words.weekdays or words.numbers or words.months or words.roles & {"month", "last"}:
            raise WhenError(say('working days stand alone: "every working day 08:00"'))
        if frame.start or frame.weeks > 1:
            raise WhenError(say('working days come every week: "every working day 08:00"'))
        return ExceptHolidays(Weekdays(house.working_days))
    days = _days(words, house.calendar, frame)
    if frame.start and days.first != frame.start:
        raise WhenError(
            say(
                'only every second day or week has a first one: "every 2 weeks '
                'saturday 08:00 from 1405/09/14"'
            )
        )
    if frame.no_holidays and isinstance(days, Yearly):
        raise WhenError(
            say('a day of the year may always be a holiday; leave out "except holidays"')
        )
    return ExceptHolidays(days) if frame.no_holidays else days


def _times(said: str) -> tuple[str, tuple[time, ...]]:
    """``said`` without its hours, and those; a number alone stays where it is."""
    times: list[time] = []
    while True:
        match = LAST.fullmatch(said)
        if match and match["day"] is None and not _bare(match):
            raise WhenError(
                say("does not say which days; write it like {examples}", examples=EXAMPLES)
            )
        if match is None or match["day"] is None or _bare(match):
            match = None if times else FIRST.fullmatch(said)
        if match is None or _bare(match):
            return said, tuple(times)
        clock = clock_of(match)
        if clock.offset is not None:
            raise WhenError(
                say("its hours are those of the config's timezone; leave out the offset")
            )
        if clock.at.second:
            raise WhenError(
                say("its hours are hours and minutes, such as 08:30; leave out the seconds")
            )
        times.append(clock.at)
        said = re.sub(r" (?:و|and)$", "", match["day"])


def _bare(match: re.Match[str]) -> bool:
    said = ("before", "word", "minute", "share", "more", "after", "noon")
    return not any(match[group] for group in said)


@dataclass(slots=True)
class _Said:
    """What the words for the days hold."""

    roles: set[str] = field(default_factory=set)
    weekdays: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    months: list[tuple[str, int]] = field(default_factory=list)


def _any(words: dict[str, int] | dict[str, tuple[str, int]]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_TOKEN = re.compile(
    rf"(?P<weekday>{_any(WEEKDAY_NUMBERS)})(?:s|ها|های)?(?!\w)"
    rf"|(?P<month>{_any(MONTH_NUMBERS)})(?: ?ماه)?(?!\w)|(?P<word>\S+)"
)


def _try(said: str, house: _House, frame: _Frame) -> Days | None:
    try:
        return _framed(said, house, frame)
    except WhenError:
        return None


def _days(words: _Said, calendar: str, frame: _Frame) -> Days:
    if words.weekdays:
        if words.numbers or words.months or words.roles & {"month", "year", "last"}:
            raise WhenError(say("a weekday stands alone: every one of it, such as «هر شنبه ۸ صبح»"))
        numbers = frozenset(words.weekdays)
        if frame.weeks > 1:
            return EachSoManyWeeks(frame.weeks, numbers, frame.start)
        return Weekdays(numbers)
    if frame.weeks > 1 and frame.start and not (words.numbers or words.months):
        return EachSoManyWeeks(frame.weeks, frozenset({frame.start.weekday()}), frame.start)
    if frame.weeks > 1:
        persian = persian_digits(str(frame.weeks))
        raise WhenError(
            say(
                'say on which day: "every {weeks} weeks saturday 08:00", «هر '
                "{persian} هفته یک\u200cبار شنبه ۸ صبح»",
                weeks=frame.weeks,
                persian=persian,
            )
        )
    if words.months:
        return _yearly(words)
    if "month" in words.roles:
        return _monthly(words, calendar)
    if "day" in words.roles and len(words.numbers) < 2 and "week" not in words.roles:
        count = words.numbers[0] if words.numbers else 1
        if not count:
            raise WhenError(say("every 0 days is no repetition"))
        if count == 1:
            return Weekdays(frozenset(range(7)))
        return EachSoMany(count, frame.start)
    if "week" in words.roles:
        raise WhenError(say('say on which day: "every saturday 08:00", «هر شنبه ۸ صبح»'))
    raise WhenError(say("does not say which days; write it like {examples}", examples=EXAMPLES))


def _read(said: str) -> _Said:
    words, run_on = _Said(), False
    for match in _TOKEN.finditer(said):
        if match["weekday"]:
            number = WEEKDAY_NUMBERS[match["weekday"]]
            if run_on and words.weekdays:
                first = words.weekdays[-1]
                words.weekdays += [(first + n) % 7 for n in range(1, (number - first) % 7)]
            words.weekdays.append(number)
            run_on = False
        elif match["month"]:
            words.months.append(MONTH_NUMBERS[match["month"]])
        elif match["word"] == "first":
            words.numbers.append(1)
        elif number_match := _NUMBER.fullmatch(match["word"]):
            words.numbers.append(int(number_match[1]))
        elif match["word"] in _ROLES:
            words.roles.update(_ROLES[match["word"]])
            run_on = "to" in _ROLES[match["word"]]
        else:
            raise WhenError(
                say(
                    '"{match}" is not understood; write it like {examples}',
                    match=match["word"],
                    examples=EXAMPLES,
                )
            )
    if run_on or ("to" in words.roles and not words.weekdays):
        raise WhenError(say('only weekdays run from one to another: "every saturday to wednesday"'))
    return words


def _monthly(words: _Said, calendar: str) -> Days:
    if not words.numbers and "last" not in words.roles:
        raise WhenError(
            say('say on which day of the month: "monthly 1 08:00", «آخر هر ماه ساعت ۱۸»')
        )
    calendar = next((name for name in _EACH_MONTH_HAS if name in words.roles), calendar)
    for number in words.numbers:
        if not 1 <= number <= _EACH_MONTH_HAS[calendar]:
            raise WhenError(
                say(
                    "not every month has a day {number}; write a day from 1 to "
                    '{each_month_has}, or "monthly last"',
                    number=number,
                    each_month_has=_EACH_MONTH_HAS[calendar],
                )
            )
    return Monthly(calendar, frozenset(words.numbers), last="last" in words.roles)


def _yearly(words: _Said) -> Days:
    if len(words.months) > 1 or len(words.numbers) != 1 or "last" in words.roles:
        raise WhenError(say('say one day of one month: "yearly 22 bahman 10:00"'))
    (calendar, month), (number,) = words.months[0], words.numbers
    if calendar == "jalali":
        length = 31 if month <= 6 else 30 if month < 12 else 29
    else:
        length = 28 if month == 2 else 30 if month in {4, 6, 9, 11} else 31
    name = MONTHS[calendar, "en"][month - 1].lower()
    if not 1 <= number <= length:
        after = MONTHS[calendar, "en"][month % 12].lower()
        raise WhenError(
            say(
                'not every year has {number} {name}; the nearest days are "yearly '
                '{length} {name}" and "yearly 1 {after}"',
                number=number,
                name=name,
                length=length,
                after=after,
            )
        )
    return Yearly(calendar, month, number)


def _spell(days: Days) -> str:
    match days:
        case ExceptHolidays(Weekdays(numbers)) if numbers == WORKING_DAYS:
            return say("every working day")
        case ExceptHolidays(others):
            return say("{spell} except holidays", spell=_spell(others))
        case Weekdays(numbers) if len(numbers) == 7:
            return say("every day")
        case Weekdays(numbers):
            return say("every {names}", names=_names(numbers))
        case EachSoManyWeeks(count, numbers):
            return say("every {count} weeks {names}", count=count, names=_names(numbers))
        case EachSoMany(count):
            return say("every {count} days", count=count)
        case Monthly(calendar, numbers, last):
            said = [*map(str, sorted(numbers)), *(["last"] if last else [])]
            return say("{calendar} monthly {text}", calendar=calendar, text=joined(", ", said))
        case Yearly(calendar, month, number):
            return say(
                "yearly {number} {lower}",
                number=number,
                lower=MONTHS[calendar, "en"][month - 1].lower(),
            )
        case _:
            raise AssertionError(days)


def _names(numbers: frozenset[int]) -> str:
    return joined(", ", _week(numbers)).lower()


def _week(numbers: frozenset[int]) -> list[str]:
    """Weekdays from Saturday on."""
    week = sorted(numbers, key=lambda number: (number - 5) % 7)
    return [WEEKDAYS["en"][number] for number in week]


def _spell_start(days: Days) -> str:
    if days.first == date.min:
        return ""
    year, month, day = jalali(days.first)
    return say(" from {year:04}/{month:02}/{day:02}", year=year, month=month, day=day)


def in_words(rule: Rule) -> str:
    """A rule as an English sentence says it: "every Saturday and Tuesday at 08:00"."""
    if not isinstance(rule, Wall) or isinstance(rule.days, CronDays):
        return rule.text
    times = _listed([f"{at:%H:%M}" for at in rule.times])
    return say(
        "{days_in_words} at {times}{spell_start}",
        days_in_words=_days_in_words(rule.days),
        times=times,
        spell_start=_spell_start(rule.days),
    )


def _days_in_words(days: Days) -> str:
    match days:
        case ExceptHolidays(Weekdays(numbers)) if numbers == WORKING_DAYS:
            return say("every working day")
        case ExceptHolidays(others):
            return say("{days_in_words} except holidays", days_in_words=_days_in_words(others))
        case EachSoManyWeeks(count, numbers):
            return say(
                "every {count} weeks on {listed}", count=count, listed=_listed(_week(numbers))
            )
        case Weekdays(numbers) if len(numbers) < 7:
            return say("every {listed}", listed=_listed(_week(numbers)))
        case Monthly(calendar, numbers, last):
            which = [say("day {number}", number=number) for number in sorted(numbers)]
            said = _listed([*which, *([say("the last day")] if last else [])])
            return say("on {text} of every {title} month", text=said, title=calendar.title())
        case Yearly(calendar, month, number):
            return say(
                "every {number} {months}", number=number, months=MONTHS[calendar, "en"][month - 1]
            )
        case _:
            return _spell(days)


def _listed(words: Sequence[str]) -> str:
    return joined(" and ", filter(None, (joined(", ", words[:-1]), words[-1])))
