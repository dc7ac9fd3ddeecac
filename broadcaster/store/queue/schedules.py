"""Recurring posts: the rows that say when, and the one transaction that makes a post of them."""

from __future__ import annotations

import json

from broadcaster.errors import InputError, Refused
from broadcaster.model import Micros
from broadcaster.store.changing import Changed
from broadcaster.store.queue.context import Context
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.enqueue import enqueue
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queueing import KeyConflict, NewPost, Queued
from broadcaster.store.scheduling import (
    Fail,
    Origin,
    Pause,
    Proceed,
    Schedule,
    ScheduleRow,
    Skip,
    Unschedule,
)


def rows(cx: Database) -> list[ScheduleRow]:
    return [_row(row) for row in cx.all("schedules.all")]


def fire(
    cx: Database,
    renderings: Renderings,
    schedule: ScheduleRow,
    occurrence: str,
    post: NewPost,
    next_at: Micros,
    now: Micros,
) -> Queued | None:
    """Make the post of the occurrence that is due; None: it is not due any more."""
    taken = cx.run(
        "schedules.fire",
        name=schedule.name,
        definition=schedule.definition,
        at=schedule.next_at,
        paused=False,
        occurrence=occurrence,
        next_at=next_at,
        now=now,
    )
    if not taken:
        return None
    try:
        queued = enqueue(cx, renderings, [post], now)[0]
    except KeyConflict as known:  # it was posted before, from a file that has changed since
        queued = Queued(post=known.post, existing=True)
    cx.run("schedules.fired", name=schedule.name, post=queued.post)
    return queued


def put(context: Context, change: Schedule) -> Changed:
    known = context.cx.one("schedules.one", name=change.name)
    if known is not None and known["origin"] != change.origin:
        raise Refused(_others(change.name, known))
    context.cx.run(
        "schedules.put",
        name=change.name,
        definition=change.definition,
        origin=change.origin.value,
        next_at=change.next_at,
        paused=False,
        files=pack(change.files),
    )
    return _done(change.name)


def drop(context: Context, change: Unschedule) -> Changed:
    known = _known(context, change.name)
    if known["origin"] != change.origin:
        raise Refused(_others(change.name, known))
    context.cx.run("schedules.drop", name=change.name)
    return _done(change.name)


def pause(context: Context, change: Pause) -> Changed:
    _known(context, change.name)
    if not context.cx.run("schedules.pause", name=change.name, paused=True):
        raise Refused(f"the schedule {change.name} is paused already")
    return _done(change.name)


def proceed(context: Context, change: Proceed) -> Changed:
    _known(context, change.name)
    if not context.cx.run(
        "schedules.proceed", name=change.name, next_at=change.next_at, paused=False
    ):
        raise Refused(f"the schedule {change.name} is not paused")
    return _done(change.name)


def skip(context: Context, change: Skip) -> Changed:
    """Nothing where another daemon was faster."""
    skipped = context.cx.run(
        "schedules.skip",
        name=change.name,
        at=change.at,
        next_at=change.next_at,
        paused=False,
        reason=change.reason,
        now=context.now,
    )
    return _done(change.name) if skipped else Changed()


def fail(context: Context, change: Fail) -> Changed:
    """Nothing where the same was noted before."""
    noted = context.cx.run(
        "schedules.fail",
        name=change.name,
        at=change.at,
        problem=change.reason,
        paused=False,
        now=context.now,
    )
    return _done(change.name) if noted else Changed()


def _done(name: str) -> Changed:
    return Changed(schedules=(name,))


def _known(context: Context, name: str) -> Row:
    """:raises InputError: no such schedule."""
    row = context.cx.one("schedules.one", name=name)
    if row is None:
        raise InputError(f"there is no schedule {name}; `schedule list` shows those there are")
    return row


def _others(name: str, known: Row) -> str:
    if known["origin"] == Origin.CONFIG:
        return f"the schedule {name} stands in the config: change it there, or pause it"
    return f"a schedule {name} was added by a command; remove that one, or choose another name"


def _row(row: Row) -> ScheduleRow:
    values = dict(row)
    known = row["origin"] in set(Origin)
    # One that nobody knows can be removed by a command; its definition is judged when it is due.
    values["origin"] = Origin(row["origin"]) if known else Origin.COMMAND
    values["paused"] = bool(row["paused"])
    try:
        values["files"] = tuple(map(str, json.loads(row["files"])))
    except (ValueError, TypeError):
        values["files"] = ()
    return ScheduleRow(**values)
