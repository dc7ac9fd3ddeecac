"""When something comes again: pure rules, from a moment to the next one.

A rule by the wall clock (:class:`Wall`) counts local hours: an hour that clocks repeat comes once,
one that they skip comes as late as they skip.  A rule by the length of time (:class:`Hourly`,
:class:`Interval`) counts moments: in a repeated hour it comes again.  ``key`` names an occurrence
so that it can be had only once: local time for the one, UTC for the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.calendar import holidays
from broadcaster.calendar.show import jalali

HORIZON = timedelta(days=366 * 9)
"""What comes at all comes within so long: around 2100 a 29 February is eight years away."""
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class Never(ValueError):
    """No such day ever comes, such as 30 February."""


class Days(ABC):
    """Some of all days."""

    @abstractmethod
    def has(self, day: date) -> bool: ...

    @property
    def first(self) -> date:
        """None of them is earlier."""
        return date.min


@dataclass(frozen=True, slots=True)
class Weekdays(Days):
    numbers: frozenset[int]
    """By ``date.weekday()``."""

    def has(self, day: date) -> bool:
        return day.weekday() in self.numbers


@dataclass(frozen=True, slots=True)
class EachSoMany(Days):
    """Each ``count`` days from ``start`` on, or counted from the day before year 1."""

    count: int
    start: date | None = None

    @property
    def first(self) -> date:
        return self.start or date.min

    def has(self, day: date) -> bool:
        start = self.start.toordinal() if self.start else 0
        return day >= self.first and (day.toordinal() - start) % self.count == 0


@dataclass(frozen=True, slots=True)
class EachSoManyWeeks(Days):
    """On weekdays of each ``count``-th week, from the week of ``start`` on, or from year 1 on.

    Weeks begin with Saturday; nothing comes before ``start``.
    """

    count: int
    numbers: frozenset[int]
    start: date | None = None

    @property
    def first(self) -> date:
        return self.start or date.min

    def has(self, day: date) -> bool:
        weeks = _week(day) - (_week(self.start) if self.start else 0)
        return day >= self.first and day.weekday() in self.numbers and weeks % self.count == 0


@dataclass(frozen=True, slots=True)
class ExceptHolidays(Days):
    """Those of ``days`` that are no official holiday of Iran."""

    days: Days

    @property
    def first(self) -> date:
        return self.days.first

    def has(self, day: date) -> bool:
        return self.days.has(day) and not holidays.name(day)

    def skipped(self, after: date, until: date) -> Iterator[tuple[date, str]]:
        """The days between the two that are left out, with the names of their holidays."""
        for day in _from(after + _DAY):
            if day >= until:
                return
            if self.days.has(day) and (name := holidays.name(day)):
                yield day, name


@dataclass(frozen=True, slots=True)
class Monthly(Days):
    calendar: str
    numbers: frozenset[int]
    last: bool = False

    def has(self, day: date) -> bool:
        if self.last and _parts(self.calendar, day + _DAY)[2] == 1:
            return True
        return _parts(self.calendar, day)[2] in self.numbers


@dataclass(frozen=True, slots=True)
class Yearly(Days):
    calendar: str
    month: int
    number: int

    def has(self, day: date) -> bool:
        return _parts(self.calendar, day)[1:] == (self.month, self.number)


@dataclass(frozen=True, slots=True)
class CronDays(Days):
    """Gregorian months, and days of the month or of the week."""

    months: frozenset[int]
    numbers: frozenset[int]
    weekdays: frozenset[int]

    def has(self, day: date) -> bool:
        return (
            day.month in self.months and day.day in self.numbers and day.weekday() in self.weekdays
        )


class Rule(ABC):
    """One trigger; ``text`` in its one spelling, which reads as an equal rule."""

    text: str

    @abstractmethod
    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first occurrence later than ``moment``, in UTC.

        :raises Never: there is none.
        """

    @abstractmethod
    def key(self, at: datetime, zone: ZoneInfo) -> str:
        """The name of the occurrence at ``at``."""

    def some(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The occurrences after ``moment``, without end."""
        while True:
            moment = self.after(moment, zone)
            yield moment


@dataclass(frozen=True, slots=True)
class Wall(Rule):
    """On ``days`` at local ``times``."""

    text: str
    days: Days
    times: tuple[time, ...]

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        today = moment.astimezone(zone).date()
        # The day before: an hour that clocks skipped at its end comes after midnight.
        for day in _from(max(today - _DAY, self.days.first)):
            if self.days.has(day):
                # An hour that comes twice is its first one, one that was skipped comes later.
                moments = (datetime.combine(day, at, zone).astimezone(UTC) for at in self.times)
                later = [at for at in moments if at > moment]
                if later:
                    return min(later)
        raise Never(self.text)

    def key(self, at: datetime, zone: ZoneInfo) -> str:
        return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Hourly(Rule):
    """On ``days`` at ``minutes`` of every hour."""

    text: str
    days: Days
    minutes: frozenset[int]

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        at = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        for day in _from(at.astimezone(zone).date()):
            if self.days.has(day):
                at = max(at, datetime.combine(day, time(), zone).astimezone(UTC))
                while (local := at.astimezone(zone)).date() == day:
                    if local.minute in self.minutes:
                        return at
                    at += _MINUTE
        raise Never(self.text)

    def key(self, at: datetime, zone: ZoneInfo) -> str:
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, slots=True)
class Interval(Rule):
    """Each so long, counted from midnight of the zone's first day of 1970: no start is kept."""

    text: str
    length: timedelta

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        start = datetime(1970, 1, 1, tzinfo=zone).astimezone(UTC)
        return start + ((moment - start) // self.length + 1) * self.length

    def key(self, at: datetime, zone: ZoneInfo) -> str:
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _from(day: date) -> Iterator[date]:
    return (day + timedelta(days) for days in range(HORIZON.days))


def _week(day: date) -> int:
    """Number of the week, which begins with Saturday: the first is that of 6 January of year 1."""
    return (day.toordinal() - 6) // 7


def _parts(calendar: str, day: date) -> tuple[int, int, int]:
    return jalali(day) if calendar == "jalali" else (day.year, day.month, day.day)
