"""Schedules: what is posted again and again."""

from __future__ import annotations

from broadcaster.app import schedule_views, schedules
from broadcaster.app.schedule_views import ScheduleRow
from broadcaster.app.schedules import NewSchedule as Wanted
from broadcaster.errors import InputError, NotFound
from broadcaster.model import Json, Permission
from broadcaster.web.api.bodies import ScheduleBody, SchedulePatch
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import files, said


async def show_all(call: ApiRequest) -> Reply:
    return Reply({"schedules": await call.ask(_all, call)})


async def show(call: ApiRequest) -> Reply:
    return await call.ask(_show, call, call.name)


async def add(call: ApiRequest) -> Reply:
    return await call.ask(_add, call, said(call.body, ScheduleBody))


async def change(call: ApiRequest) -> Reply:
    return await call.ask(_change, call, said(call.body, SchedulePatch), call.name)


async def remove(call: ApiRequest) -> Reply:
    return await call.ask(_remove, call, call.name)


def _all(call: ApiRequest) -> list[Json]:
    office, now = call.office, call.office.times.now()
    found = schedules.rows(office, call.store, now).values()
    return [schedule_views.as_object(office, row, now) for row in found if sees(call, row)]


def _show(call: ApiRequest, name: str) -> Reply:
    office, now = call.office, call.office.times.now()
    return Reply(schedule_views.as_object(office, _row(call, name), now))


def _add(call: ApiRequest, body: ScheduleBody) -> Reply:
    office, store, actor = call.office, call.store, call.actor
    now = office.times.now()
    with files(call, body.media) as paths:
        wanted = Wanted(
            name=body.name,
            trigger=schedules.trigger(office, body.every, body.cron),
            text=body.text,
            to=tuple(body.to),
            media=paths,
            missed=body.missed,
            silent=body.silent,
            pin=body.pin,
            preview=body.preview,
            allow_long=body.allow_long,
            urgent=body.urgent,
            remove_after=schedules.length(body.remove_after),
        )
        prepared = schedules.prepare(office, wanted, actor, now)
        schedules.add(office, store, prepared, actor, now, replace=body.replace)
    shown = _show(call, body.name)
    return Reply(shown.value, 201)


def _change(call: ApiRequest, body: SchedulePatch, name: str) -> Reply:
    _row(call, name)
    change = schedules.pause if body.paused else schedules.resume
    change(call.office, call.store, name, call.actor, call.office.times.now())
    return _show(call, name)


def _remove(call: ApiRequest, name: str) -> Reply:
    _row(call, name)
    schedules.remove(call.office, call.store, name, call.actor, call.office.times.now())
    return Reply({"name": name, "removed": True})


def _row(call: ApiRequest, name: str) -> ScheduleRow:
    """:raises NotFound: there is none, or the caller does not see its channels."""
    found = schedules.rows(call.office, call.store, call.office.times.now()).get(name)
    if found is None or not sees(call, found):
        raise NotFound(f"there is no schedule {name}")
    return found


def sees(call: ApiRequest, row: ScheduleRow) -> bool:
    """Whether the caller sees all its channels; one that cannot be read: only who sees all."""
    if call.actor.may(Permission.SEE):
        return True
    found = schedule_views.readable(row)
    settings = call.office.settings
    try:
        names = settings.resolve(found.to or settings.default_to) if found else ()
    except InputError:
        return False
    return bool(names) and call.actor.may(Permission.SEE, [each.channel.name for each in names])
