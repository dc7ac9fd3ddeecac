"""What one schedule says, what came of it, and what comes next: for commands and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from broadcaster.app.office import Office
from broadcaster.app.recurring import plan_recurring, read_recurring
from broadcaster.calendar.recurrence import ExceptHolidays, Wall
from broadcaster.calendar.triggers import in_words
from broadcaster.errors import InputError
from broadcaster.files import read_text
from broadcaster.language import joined, say
from broadcaster.model import Json
from broadcaster.planning.recurring import Recurring, save_again
from broadcaster.planning.recurring_posts import check
from broadcaster.store.live import Origin
from broadcaster.store.views import AWAY, ScheduleRow

__all__ = ["Recurring", "ScheduleRow", "in_words"]

SHOWN = 3
"""Occurrences to come, where nobody says how many."""


def recurring(row: ScheduleRow) -> Recurring:
    """:raises InputError: a newer program added it, or it is damaged."""
    said = Recurring.of(row.definition)
    _ = said.rule
    return said


def readable(row: ScheduleRow) -> Recurring | None:
    """None: what the store says of it cannot be read, see :func:`flaw`."""
    try:
        return recurring(row)
    except InputError:
        return None


def flaw(row: ScheduleRow) -> str:
    """Why it can never be posted as it is; empty: it can."""
    try:
        said = recurring(row)
    except InputError as error:
        return str(error)
    return save_again(row.name) if said.names_files and row.origin is Origin.COMMAND else ""


def taken_in(office: Office, row: ScheduleRow) -> Recurring:
    """What it posts, were it due now.  :raises InputError: a file of the config cannot be read."""
    if why := flaw(row):
        raise InputError(why)
    said = recurring(row)
    return read_recurring(office, said) if said.names_files else said


def changed(office: Office, row: ScheduleRow) -> list[str]:
    """The files that a command took in and that say something else now, as far as we can read them.

    Of a schedule of the config none: its files are read anew for each post.
    """
    said = readable(row)
    if said is None or row.origin is Origin.CONFIG:
        return []
    found = []
    with suppress(InputError):
        if said.taken_from:
            now = sha256(read_text(Path(said.taken_from))).hexdigest()
            found += [said.taken_from] if now != said.taken_digest else []
    for path, seen in zip(said.taken_media, said.attached, strict=False):
        with suppress(InputError):
            if office.inspect_media(Path(path)).digest != seen.digest:
                found.append(path)
    return found


def skipped(row: ScheduleRow, now: datetime, *, until: datetime) -> list[tuple[date, str]]:
    """The days that a rule leaves out as official holidays, with their names.

    Up to ``until``, and a month ahead at least.
    """
    said = readable(row)
    if said is None or row.paused:
        return []
    rule = said.rule
    if not isinstance(rule, Wall) or not isinstance(rule.days, ExceptHolidays):
        return []
    zone = said.timezone
    last = max(until, now + _AHEAD).astimezone(zone).date()
    return list(rule.days.skipped(now.astimezone(zone).date(), last))


_AHEAD = timedelta(days=30)


def how_often(row: ScheduleRow) -> str:
    said = readable(row)
    return said.trigger if said else "?"


def coming(row: ScheduleRow, now: datetime, *, strict: bool = True) -> Iterator[datetime]:
    """What is due first, and what comes after it, without end.

    ``strict`` False: nothing, where it cannot be read.
    """
    if not strict and readable(row) is None:
        return
    said = recurring(row)
    if row.next_at is None or row.paused:
        yield from said.rule.some(now, said.timezone)
        return
    first = datetime.fromtimestamp(row.next_at / 1e6, UTC)
    yield first
    yield from said.rule.some(max(first, now), said.timezone)


def flaws(office: Office, found: Mapping[str, ScheduleRow], now: datetime) -> Iterator[str]:
    """Why the next post of some schedules could not go out, were it due now, or is an old text."""
    for name, each in found.items():
        try:
            said = taken_in(office, each)
            at = next(coming(each, now))
            check(plan_recurring(office, said, at, now=now))
        except InputError as error:
            yield say("schedule {name}: {reason}", name=name, reason=error)
        except Exception as bug:  # the others are checked all the same
            yield say(
                "schedule {name}: a fault of the program ({name2})",
                name=name,
                name2=type(bug).__name__,
            )
        else:
            if other := changed(office, each):
                yield say(
                    "schedule {name}: {other}",
                    name=name,
                    other=say(_CHANGED, file=joined(", ", other), name=name),
                )


_CHANGED = say(
    "{file} has changed since it was taken in; to post it as it is now:"
    " broadcaster schedule edit {name}"
)


def state(row: ScheduleRow) -> str:
    if row.paused:
        return "paused"
    return "failed" if row.problem or flaw(row) else "on"


def why_passed(row: ScheduleRow) -> str:
    """Why an occurrence was passed over."""
    return row.passed_why or row.problem or AWAY


def as_object(office: Office, row: ScheduleRow, now: datetime) -> dict[str, Json]:
    """The object that ``schedule show --json`` prints."""
    times, said = office.times, readable(row)
    if said is None:
        return {
            "name": row.name,
            "origin": row.origin.value,
            "paused": row.paused,
            **_came(office, row),
        }
    upcoming = [] if row.paused else list(islice(coming(row, now), SHOWN))
    return {
        "name": row.name,
        "trigger": said.trigger,
        "timezone": said.zone,
        "to": [*said.to],
        "text": said.text or None,
        "file": said.file or said.taken_from or None,
        "media": [*(said.media or said.taken_media)],
        "taken": times.iso(said.taken_at),
        "changed": [*changed(office, row)],
        "missed": said.missed,
        "silent": said.silent,
        "pin": said.pin,
        "preview": said.preview,
        "allow_long": said.allow_long,
        "urgent": said.urgent,
        "remove_after": said.remove_at or None,
        "allow_files_outside": said.allow_outside,
        "author": said.author,
        "origin": row.origin.value,
        "paused": row.paused,
        "next": [times.iso(at) for at in upcoming],
        **_came(office, row),
    }


def _came(office: Office, row: ScheduleRow) -> dict[str, Json]:
    times = office.times
    return {
        "last": None
        if row.fired_at is None
        else {
            "occurrence": row.occurrence,
            "post": row.post,
            "at": times.iso(row.fired_at),
        },
        "passed": times.iso(row.passed_at),
        "passed_why": row.passed_why or None,
        "problem": row.problem or flaw(row) or None,
        "problem_at": times.iso(row.problem_at),
    }
