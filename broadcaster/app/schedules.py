"""Schedules: what comes again and again, in the store and in the config.

A function that changes something ends with that change, so that its caller can say so at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import replace as with_changes
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from broadcaster.app.changes import apply
from broadcaster.app.corrections import NEVER
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.app.recurring import plan_recurring
from broadcaster.app.schedule_views import coming, recurring
from broadcaster.calendar import cron as crons
from broadcaster.calendar import triggers
from broadcaster.calendar.durations import duration
from broadcaster.config.names import flaw as flaw_of_name
from broadcaster.config.settings import Missed
from broadcaster.errors import InputError, Refused
from broadcaster.files import read_text
from broadcaster.language import joined, say
from broadcaster.model import Actor, Permission, Pinning
from broadcaster.planning.plan import Plan, micros
from broadcaster.planning.recurring import Recurring
from broadcaster.planning.recurring_config import expected, wanted
from broadcaster.planning.recurring_posts import check, content
from broadcaster.store.changes import Pause, Proceed, Schedule, Unschedule
from broadcaster.store.live import Origin
from broadcaster.store.store import Store
from broadcaster.store.views import ScheduleRow

__all__ = [
    "NewSchedule",
    "PreparedSchedule",
    "add",
    "check",
    "check_name",
    "goes_on_at",
    "length",
    "pause",
    "prepare",
    "prepare_edit",
    "remove",
    "resume",
    "row",
    "rows",
    "trigger",
    "upcoming",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What somebody wants posted again and again."""

    name: str
    trigger: str
    """As :func:`trigger` gives it."""
    text: str = ""
    """Markdown; empty where ``file`` says what is posted."""
    file: Path | None = None
    to: tuple[str, ...] = ()
    """Empty: as its file says, else ``default_to``."""
    media: tuple[Path, ...] = ()
    missed: Missed = "last"
    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = False
    urgent: bool = False
    remove_after: str = ""
    """As typed; empty: its posts stay."""
    allow_outside: bool = False
    """Files that the text names may lie outside of its folder."""

    @property
    def names_files(self) -> bool:
        return bool(self.file or self.media)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSchedule:
    """A schedule with the content of its files, and its next post; nothing is stored yet."""

    name: str
    content: Recurring
    first: datetime
    plan: Plan
    """Of the post at ``first``; some channel may refuse it."""


def check_name(name: str) -> None:
    """:raises InputError: nothing can be called so."""
    if reason := flaw_of_name(name):
        raise InputError(reason)


def trigger(office: Office, every: str | None, cron: str | None) -> str:
    """In its one spelling.  :raises InputError: none, two, or one that is not understood."""
    if (every is None) == (cron is None):
        raise InputError(
            say(
                'say how often: --every "saturday 08:00" (or «هر شنبه ۸ صبح»), or '
                '--cron "0 8 * * sat"'
            )
        )
    if cron is not None:
        return crons.read(cron).text
    settings = office.settings
    rule = triggers.read(
        every or "", calendar=settings.calendar, working_days=settings.working_days
    )
    return rule.text


def length(said: str) -> str:
    """``--remove-after`` as it is kept; ``never``: not at all.

    :raises InputError: no length of time.
    """
    if not said or said.strip() in NEVER:
        return ""
    if not duration(said):
        raise InputError(
            say("--remove-after must be longer than nothing; to let posts stay: never")
        )
    return said.strip()


def prepare(office: Office, new: NewSchedule, actor: Actor, now: datetime) -> PreparedSchedule:
    """Read its files as they are now, and plan its next post.

    :raises InputError: the name cannot be, there is nothing to post, or a file cannot be read.
    """
    check_name(new.name)
    said = Recurring(
        trigger=new.trigger,
        zone=office.settings.timezone.key,
        to=new.to,
        text=new.text,
        file=str(new.file.absolute()) if new.file else "",
        media=tuple(str(path.absolute()) for path in new.media),
        missed=new.missed,
        silent=new.silent,
        pin=new.pin,
        preview=new.preview,
        allow_long=new.allow_long,
        urgent=new.urgent,
        remove_at=new.remove_after,
        allow_outside=new.allow_outside,
        author=actor.name,
    )
    return _prepared(office, new.name, _taken_in(office, said, now), now)


def prepare_edit(
    office: Office, row: ScheduleRow, changes: Mapping[str, Any], now: datetime
) -> PreparedSchedule:
    """A schedule with ``changes``: fields of a :class:`Recurring` and their new values.

    Without any the files that it was made of are taken in as they are now.  What their front
    matter says counts, unless ``changes`` say something else.

    :raises InputError: there is nothing to change or to post, or a file cannot be read.
    :raises Refused: it stands in the config.
    """
    if row.origin is Origin.CONFIG:
        raise Refused(
            say("{row} stands in {path}: change it there", row=row.name, path=office.settings.path)
        )
    stored = recurring(row)
    if not changes:
        if not (stored.taken_from or stored.taken_media):
            raise InputError(say("say what to change: its text, --file, --every, --to …"))
        changes = {"file": stored.taken_from, "media": stored.taken_media}
        if not stored.taken_from:
            changes["text"] = stored.text
    if not changes.keys() & {"text", "file", "media"}:
        return _prepared(office, row.name, with_changes(stored, **changes), now)
    said = Recurring(trigger=stored.trigger, zone=stored.zone, author=stored.author)
    if not changes.get("file"):
        said = with_changes(said, text=stored.text)
    said = with_changes(said, **changes)
    fresh = _taken_in(office, said, now)
    kept = {
        each.name: getattr(stored, each.name)
        for each in fields(Recurring)
        if each.name not in _CONTENT
        and each.name not in changes
        and getattr(fresh, each.name) == getattr(said, each.name)
    }
    if not changes.keys() & {"file", "text"}:  # other files beside the same text
        kept["taken_from"], kept["taken_digest"] = stored.taken_from, stored.taken_digest
    if not changes.keys() & {"file", "media"}:  # another text beside the same files
        kept["attached"], kept["taken_media"] = stored.attached, stored.taken_media
    return _prepared(office, row.name, with_changes(fresh, **kept), now)


_CONTENT = {
    *("text", "attached", "file", "media"),
    *("taken_from", "taken_digest", "taken_media", "taken_at"),
}


def _taken_in(office: Office, said: Recurring, now: datetime) -> Recurring:
    """``said`` with what its files say now.  :raises InputError: one cannot be read."""
    found = content(said, read_text, office.inspect_media)
    return with_changes(found, taken_at=micros(now)) if said.names_files else found


def _prepared(office: Office, name: str, recurring: Recurring, now: datetime) -> PreparedSchedule:
    first = recurring.rule.after(now, recurring.timezone)
    return PreparedSchedule(
        name=name,
        content=recurring,
        first=first,
        plan=plan_recurring(office, recurring, first, now=now),
    )


def add(
    office: Office,
    store: Store,
    prepared: PreparedSchedule,
    actor: Actor,
    now: datetime,
    *,
    replace: bool = False,
) -> None:
    """Keep it; ``replace``: in the place of one of the same name.

    :raises InputError: some channel cannot take its next post, the name is taken, or a file has
        changed since it was prepared.
    """
    require(actor, Permission.SCHEDULE, _channels(prepared.plan))
    check(prepared.plan)
    recurring, name = prepared.content, prepared.name
    if name in rows(office, store, now) and not replace:
        raise InputError(
            say(
                "there is a schedule {name} already: choose another name, or say --replace",
                name=name,
            )
        )
    _keep(office, store, recurring)
    apply(
        store,
        actor,
        Permission.SCHEDULE,
        Schedule(
            name=name,
            definition=recurring.definition(),
            origin=Origin.COMMAND,
            next_at=micros(prepared.first),
            files=tuple(each.digest for each in recurring.attached),
        ),
        _channels(prepared.plan),
    )


def _channels(planned: Plan) -> list[str]:
    return [each.settings.channel.name for each in planned.channels]


def rows(office: Office, store: Store, now: datetime) -> dict[str, ScheduleRow]:
    """By name; those of the config as they are once a daemon has taken it up."""
    return expected(office.settings, store.schedules(), now)


def row(office: Office, store: Store, name: str, now: datetime) -> ScheduleRow:
    """:raises InputError: there is none."""
    found = rows(office, store, now)
    if name not in found:
        known = say("; there are {found}", found=joined(", ", found)) if found else ""
        raise InputError(say("there is no schedule {name}{known}", name=name, known=known))
    return found[name]


def _keep(office: Office, store: Store, taken: Recurring) -> None:
    """Copy the files that were looked at.  :raises InputError: one has changed meanwhile."""
    for path, seen in zip(taken.taken_media, taken.attached, strict=True):
        if office.take_media(Path(path)) != seen:
            raise InputError(
                say("{path} has changed just now; add it again once it is complete", path=path)
            )
    store.keep(each.digest for each in taken.attached)


def upcoming(
    office: Office, store: Store, name: str | None, now: datetime, *, count: int
) -> list[tuple[datetime, str]]:
    """The next ``count`` occurrences, with the name of each: of one schedule, or of all at work.

    :raises InputError: there is none of this name, or it cannot be read.
    """
    if name:
        found = [row(office, store, name, now)]
    else:
        found = [each for each in rows(office, store, now).values() if not each.paused]
    return sorted(
        (at, each.name)
        for each in found
        for at in islice(coming(each, now, strict=bool(name)), count)
    )[:count]


def pause(office: Office, store: Store, name: str, actor: Actor, now: datetime) -> None:
    """Let nothing come of it until it is resumed.

    :raises InputError: there is none.
    :raises Refused: it is paused already.
    """
    row(office, store, name, now)
    _change(office, store, Pause(name=name), actor, now)


def goes_on_at(row: ScheduleRow, now: datetime) -> datetime:
    """What comes next of it after a pause.  :raises InputError: it cannot be read."""
    said = recurring(row)
    return said.rule.after(now, said.timezone)


def resume(office: Office, store: Store, name: str, actor: Actor, now: datetime) -> None:
    """Go on after a pause with what comes next: what was due meanwhile is left out.

    :raises InputError: there is none, or it cannot be read.
    :raises Refused: it is not paused.
    """
    at = goes_on_at(row(office, store, name, now), now)
    _change(office, store, Proceed(name=name, next_at=micros(at)), actor, now)


def remove(office: Office, store: Store, name: str, actor: Actor, now: datetime) -> None:
    """Forget it; what it posted stays.

    :raises InputError: there is none.
    :raises Refused: it stands in the config.
    """
    if row(office, store, name, now).origin is Origin.CONFIG:
        raise Refused(
            say("{name} stands in {path}: remove it there", name=name, path=office.settings.path)
        )
    change = Unschedule(name=name, origin=Origin.COMMAND)
    apply(store, actor, Permission.SCHEDULE, change)


def _change(
    office: Office, store: Store, change: Pause | Proceed, actor: Actor, now: datetime
) -> None:
    for missing in wanted(office.settings, store.schedules(), now):
        if missing.name == change.name:  # no daemon has taken up the config since it was written
            apply(store, actor, Permission.SCHEDULE, missing)
    apply(store, actor, Permission.SCHEDULE, change)
