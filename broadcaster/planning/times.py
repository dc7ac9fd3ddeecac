"""Times as the config wants them read and shown.

The calendar is imported where it is used: its grammar takes a while to build, and most posts name
no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Micros

if TYPE_CHECKING:
    from broadcaster.calendar.periods import Period

Ending: TypeAlias = datetime | timedelta
"""A moment, or a length of time that counts from a post's own hour."""
_YESTERDAY = ("yesterday", "دیروز")


@dataclass(frozen=True, slots=True)
class Times:
    """Reads and shows moments in the configured zone, calendar and language."""

    settings: Settings

    def now(self) -> datetime:
        return datetime.now(self.settings.timezone)

    def future(self, text: str, now: datetime) -> datetime:
        """What ``--at`` means.  :raises InputError: not understood, or past."""
        at = self.parse(text, now)
        self.refuse_past(text, at, now)
        return at

    def refuse_past(self, text: str, at: datetime, now: datetime) -> None:
        """:raises InputError: ``at``, which ``text`` means, is past."""
        if at < now:
            raise InputError(
                say(
                    '"{text}" is {when}, which is past; choose a later time, or leave it '
                    "out to post at once",
                    text=text,
                    when=self.show(at),
                )
            )

    def parse(self, text: str, now: datetime) -> datetime:
        """:raises InputError: not understood."""
        from broadcaster.calendar import when

        zone, calendar = self.settings.timezone, self.settings.calendar
        return when.parse(text, now=now, zone=zone, calendar=calendar)

    def ending(self, text: str, now: datetime) -> Ending:
        """A moment, such as "in 3h", which counts from ``now``; or a bare length, such as "7d".

        :raises InputError: not understood.
        """
        return self.length(text) or self.parse(text, now)

    def length(self, text: str) -> timedelta | None:
        """A bare length of time, such as "7d"; None: ``text`` says something else.

        :raises InputError: longer than ten years.
        """
        from broadcaster.calendar import durations
        from broadcaster.calendar.when import read_words

        return durations.read(read_words(text))

    def holiday(self, at: datetime | Micros) -> str:
        """The official holiday that the day of ``at`` is; empty: it is none."""
        from broadcaster.calendar import holidays

        return holidays.name(self._moment(at).date())

    def day(self, text: str, now: datetime) -> date:
        """The day that ``text`` names, in either calendar; of two, the last one that is not ahead.

        :raises InputError: there is none.
        """
        from broadcaster.calendar.days import day_of
        from broadcaster.calendar.when import read_words

        today = now.astimezone(self.settings.timezone).date()
        words = read_words(text)
        if words in _YESTERDAY:
            return today - timedelta(days=1)
        reading = day_of(words, today)
        if reading is None:
            raise InputError(
                say(
                    '"{text}" is no day; write it like 1405/09/02, 2026-11-23, امروز or دیروز',
                    text=text,
                )
            )
        past = [candidate for candidate in reading.dates if candidate <= today]
        return past[-1] if past else reading.dates[0]

    def period(self, text: str, now: datetime) -> Period:
        """The days that ``text`` names: a day, a week or a month, in either calendar.

        :raises InputError: it names none.
        """
        from broadcaster.calendar.periods import Period, period_of
        from broadcaster.calendar.when import read_words

        today = now.astimezone(self.settings.timezone).date()
        found = period_of(read_words(text), today, calendar=self.settings.calendar)
        if found is not None:
            return found
        try:
            day = self.day(text, now)
        except InputError as error:
            raise InputError(
                say("{reason}; or a week or month: «این هفته», ماه گذشته, آذر ۱۴۰۵", reason=error)
            ) from None
        return Period(day, day)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """First moment of ``day`` and of the next one."""
        zone = self.settings.timezone
        return (
            datetime.combine(day, time(), zone),
            datetime.combine(day + timedelta(days=1), time(), zone),
        )

    def show(self, at: datetime | Micros) -> str:
        """One line in both calendars."""
        from broadcaster.calendar import show

        settings = self.settings
        return show.show(
            self._moment(at),
            calendar=settings.calendar,
            language=settings.language,
            zone=settings.timezone,
        )

    def short(self, at: datetime | Micros) -> str:
        """For tables: numbers, to the minute."""
        return self._numbers(self._moment(at), self.settings.calendar)

    def persian(self, at: datetime | Micros) -> str:
        """For tables that an office hands on: Jalali, in Persian digits, to the minute."""
        from broadcaster.calendar import show

        zone = self.settings.timezone
        return show.short(self._moment(at), calendar="jalali", language="fa", zone=zone)

    def clock(self, at: Micros) -> str:
        """Hour and minute alone."""
        return self.short(at).rpartition(" ")[2]

    def day_name(self, day: date) -> str:
        """A day in both calendars."""
        noon = datetime.combine(day, time(12), self.settings.timezone)
        jalali, gregorian = (
            self._numbers(noon, calendar).rpartition(" ")[0] for calendar in ("jalali", "gregorian")
        )
        return say("{jalali} ({gregorian})", jalali=jalali, gregorian=gregorian)

    def iso(self, at: datetime | Micros | None) -> str | None:
        """For programs: ISO-8601 with offset."""
        return None if at is None else self._moment(at).isoformat()

    def _moment(self, at: datetime | Micros) -> datetime:
        moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at / 1e6, UTC)
        return moment.astimezone(self.settings.timezone)

    def _numbers(self, at: datetime, calendar: str) -> str:
        from broadcaster.calendar import show

        settings = self.settings
        return show.short(at, calendar=calendar, language=settings.language, zone=settings.timezone)
