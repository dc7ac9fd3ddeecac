"""Schedules as commands see them: those of the store, and what the config makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, did, person
from broadcaster.engine.recurring import Recurring
from broadcaster.engine.recurring_config import expected, wanted
from broadcaster.errors import InputError
from broadcaster.model import Json
from broadcaster.store.changing import Change
from broadcaster.store.port import Store
from broadcaster.store.scheduling import ScheduleRow

SHOWN = 3
"""Occurrences to come, where nobody says how many."""


def rows(shell: Shell, store: Store) -> dict[str, ScheduleRow]:
    """By name; those of the config as they are once a daemon has taken it up."""
    return expected(shell.office.settings, store.schedules(), shell.times.now())


def row(shell: Shell, store: Store, name: str) -> ScheduleRow:
    """:raises InputError: there is none."""
    found = rows(shell, store)
    if name not in found:
        known = f"; there are {', '.join(found)}" if found else ""
        raise InputError(f"there is no schedule {name}{known}")
    return found[name]


def change(
    shell: Shell, name: str, make: Callable[[ScheduleRow], Change], done: str, *, as_json: bool
) -> None:
    """Apply to one schedule what ``make`` makes of it; ``done`` says it to people."""
    from broadcaster.cli.output import print_json

    with shell.queue() as store:
        made = make(row(shell, store, name))
        for missing in wanted(shell.office.settings, store.schedules(), shell.times.now()):
            if missing.name == name:  # no daemon has taken up the config since it was written
                store.change(person(), missing)
        store.change(person(), made)
        did(done)
        after = row(shell, store, name)
    if as_json:
        print_json(as_object(shell, after))
    else:
        echo(done)


def recurring(row: ScheduleRow) -> Recurring:
    """:raises InputError: a newer program added it."""
    return Recurring.of(row.definition)


def coming(shell: Shell, row: ScheduleRow) -> Iterator[datetime]:
    """What is due first, and what comes after it, without end."""
    said = recurring(row)
    now = shell.times.now()
    if row.next_at is None or row.paused:
        yield from said.rule.some(now, said.timezone)
        return
    first = datetime.fromtimestamp(row.next_at / 1e6, UTC)
    yield first
    yield from said.rule.some(max(first, now), said.timezone)


def flaws(shell: Shell, found: Mapping[str, ScheduleRow]) -> Iterator[str]:
    """Why the next post of some schedules could not go out, were it due now."""
    from broadcaster.engine.recurring_posts import check

    now = shell.times.now()
    for name, each in found.items():
        try:
            at = next(coming(shell, each))
            check(shell.office.plan_recurring(recurring(each), at, now=now))
        except InputError as error:
            yield f"schedule {name}: {error}"


def show_next(shell: Shell, row: ScheduleRow) -> None:
    for at in islice(coming(shell, row), SHOWN):
        echo(f"next: {shell.times.show(at)}")


def state(row: ScheduleRow) -> str:
    if row.paused:
        return "paused"
    return "failed" if row.problem else "on"


def flags(said: Recurring) -> Mapping[str, bool]:
    return {
        "silent": said.silent,
        "pin": said.pin,
        "no preview": not said.preview,
        "allow long": said.allow_long,
        "allow files outside": said.allow_outside,
    }


def as_object(shell: Shell, row: ScheduleRow) -> dict[str, Json]:
    """The object that ``schedule show --json`` prints."""
    said, times = recurring(row), shell.times
    upcoming = [] if row.paused else list(islice(coming(shell, row), SHOWN))
    return {
        "name": row.name,
        "trigger": said.trigger,
        "timezone": said.zone,
        "to": [*said.to],
        "text": said.text or None,
        "file": said.file or None,
        "media": [*said.media],
        "missed": said.missed,
        "silent": said.silent,
        "pin": said.pin,
        "preview": said.preview,
        "allow_long": said.allow_long,
        "allow_files_outside": said.allow_outside,
        "author": said.author,
        "origin": row.origin.value,
        "paused": row.paused,
        "next": [times.iso(at) for at in upcoming],
        "last": None
        if row.fired_at is None
        else {
            "occurrence": row.occurrence,
            "post": row.post,
            "at": times.iso(row.fired_at),
        },
        "passed": times.iso(row.passed_at),
        "problem": row.problem or None,
        "problem_at": times.iso(row.problem_at),
    }
