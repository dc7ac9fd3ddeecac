"""Schedules: their rows, and the transaction that makes a post of an occurrence."""

from __future__ import annotations

import json

from broadcaster.errors import InputError, Refused
from broadcaster.language import say
from broadcaster.model import Micros
from broadcaster.store.changes import Changed, Fail, Pause, Proceed, Schedule, Skip, Unschedule
from broadcaster.store.live import Origin
from broadcaster.store.queue.enqueue import enqueue
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.submit import KeyConflict, NewPost, Queued
from broadcaster.store.views import ScheduleRow


def rows(work: Work) -> list[ScheduleRow]:
    return [_row(row) for row in work.cx.all("schedules.all")]


def fire(
    work: Work, schedule: ScheduleRow, occurrence: str, post: NewPost, next_at: Micros
) -> Queued | None:
    """Queue the post of the due occurrence; None: it is not due any more."""
    taken = work.cx.run(
        "schedules.fire",
        name=schedule.name,
        definition=schedule.definition,
        at=schedule.next_at,
        paused=False,
        occurrence=occurrence,
        next_at=next_at,
        now=work.now,
    )
    if not taken:
        return None
    try:
        queued = enqueue(work, [post])[0]
    except KeyConflict as conflict:  # posted before, from a file that has changed since
        queued = Queued(post=conflict.post, existing=True)
    work.cx.run("schedules.fired", name=schedule.name, post=queued.post)
    return queued


def put(work: Work, change: Schedule) -> Changed:
    known = work.cx.one("schedules.one", name=change.name)
    if known is not None and known["origin"] != change.origin:
        raise Refused(_others(change.name, known))
    work.cx.run(
        "schedules.put",
        name=change.name,
        definition=change.definition,
        origin=change.origin.value,
        next_at=change.next_at,
        paused=False,
        files=pack(change.files),
    )
    return _done(change.name)


def drop(work: Work, change: Unschedule) -> Changed:
    known = _known(work, change.name)
    if known["origin"] != change.origin:
        raise Refused(_others(change.name, known))
    work.cx.run("schedules.drop", name=change.name)
    return _done(change.name)


def pause(work: Work, change: Pause) -> Changed:
    _known(work, change.name)
    if not work.cx.run("schedules.pause", name=change.name, paused=True):
        raise Refused(say("the schedule {change} is paused already", change=change.name))
    return _done(change.name)


def proceed(work: Work, change: Proceed) -> Changed:
    _known(work, change.name)
    if not work.cx.run("schedules.proceed", name=change.name, next_at=change.next_at, paused=False):
        raise Refused(say("the schedule {change} is not paused", change=change.name))
    return _done(change.name)


def skip(work: Work, change: Skip) -> Changed:
    """Skip an occurrence; does nothing if another daemon was faster."""
    skipped = work.cx.run(
        "schedules.skip",
        name=change.name,
        at=change.at,
        next_at=change.next_at,
        paused=False,
        reason=change.reason,
        now=work.now,
    )
    return _done(change.name) if skipped else Changed()


def fail(work: Work, change: Fail) -> Changed:
    """Note why an occurrence cannot be posted; does nothing if the same was noted before."""
    noted = work.cx.run(
        "schedules.fail",
        name=change.name,
        at=change.at,
        problem=change.reason,
        paused=False,
        now=work.now,
    )
    return _done(change.name) if noted else Changed()


def _done(name: str) -> Changed:
    return Changed(schedules=(name,))


def _known(work: Work, name: str) -> Row:
    """The row of a schedule.

    :raises InputError: no such schedule.
    """
    row = work.cx.one("schedules.one", name=name)
    if row is None:
        raise InputError(
            say("there is no schedule {name}; `schedule list` shows those there are", name=name)
        )
    return row


def _others(name: str, known: Row) -> str:
    if known["origin"] == Origin.CONFIG:
        return say(
            "the schedule {name} stands in the config: change it there, or pause it", name=name
        )
    return say(
        "a schedule {name} was added by a command; remove that one, or choose another name",
        name=name,
    )


def _row(row: Row) -> ScheduleRow:
    values = dict(row)
    known = row["origin"] in set(Origin)
    # A schedule of an unknown origin can be removed by a command.
    values["origin"] = Origin(row["origin"]) if known else Origin.COMMAND
    values["paused"] = bool(row["paused"])
    try:
        values["files"] = tuple(map(str, json.loads(row["files"])))
    except (ValueError, TypeError):
        values["files"] = ()
    return ScheduleRow(**values)
