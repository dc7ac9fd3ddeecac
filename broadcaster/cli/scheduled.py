"""Schedules as commands see them: those of the store, and what the config makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, actor, did
from broadcaster.errors import InputError
from broadcaster.files import read_text
from broadcaster.model import Json
from broadcaster.planning.recurring import Recurring, save_again
from broadcaster.planning.recurring_config import expected, wanted
from broadcaster.store.changing import Change
from broadcaster.store.port import Store
from broadcaster.store.scheduling import AWAY, Origin, ScheduleRow

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
                store.change(actor(), missing)
        store.change(actor(), made)
        did(done)
        after = row(shell, store, name)
    if as_json:
        print_json(as_object(shell, after))
    else:
        echo(done)


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


def content(shell: Shell, row: ScheduleRow) -> Recurring:
    """What it posts, were it due now.  :raises InputError: a file of the config cannot be read."""
    if why := flaw(row):
        raise InputError(why)
    said = recurring(row)
    return shell.office.read_recurring(said) if said.names_files else said


def keep(shell: Shell, store: Store, taken: Recurring) -> None:
    """Copy the files that were looked at.  :raises InputError: one has changed meanwhile."""
    for path, seen in zip(taken.taken_media, taken.attached, strict=True):
        if shell.office.take_media(Path(path)) != seen:
            raise InputError(f"{path} has changed just now; add it again once it is complete")
    store.keep(each.digest for each in taken.attached)


def changed(shell: Shell, said: Recurring) -> list[str]:
    """The files it was taken from that say something else now, as far as we can read them."""
    found = []
    with suppress(InputError):
        if said.taken_from:
            now = sha256(read_text(Path(said.taken_from))).hexdigest()
            found += [said.taken_from] if now != said.taken_digest else []
    for path, seen in zip(said.taken_media, said.attached, strict=False):
        with suppress(InputError):
            if shell.office.inspect_media(Path(path)).digest != seen.digest:
                found.append(path)
    return found


def how_often(row: ScheduleRow) -> str:
    said = readable(row)
    return said.trigger if said else "?"


def coming(shell: Shell, row: ScheduleRow, *, strict: bool = True) -> Iterator[datetime]:
    """What is due first, and what comes after it, without end.

    ``strict`` False: nothing, where it cannot be read.
    """
    if not strict and readable(row) is None:
        return
    said = recurring(row)
    now = shell.times.now()
    if row.next_at is None or row.paused:
        yield from said.rule.some(now, said.timezone)
        return
    first = datetime.fromtimestamp(row.next_at / 1e6, UTC)
    yield first
    yield from said.rule.some(max(first, now), said.timezone)


def flaws(shell: Shell, found: Mapping[str, ScheduleRow]) -> Iterator[str]:
    """Why the next post of some schedules could not go out, were it due now, or is an old text."""
    from broadcaster.planning.recurring_posts import check

    now = shell.times.now()
    for name, each in found.items():
        try:
            said = content(shell, each)
            at = next(coming(shell, each))
            check(shell.office.plan_recurring(said, at, now=now))
        except InputError as error:
            yield f"schedule {name}: {error}"
        except Exception as bug:  # the others are checked all the same
            yield f"schedule {name}: a fault of the program ({type(bug).__name__})"
        else:
            if other := changed(shell, said) if each.origin is Origin.COMMAND else []:
                yield f"schedule {name}: {_CHANGED.format(', '.join(other), name)}"


_CHANGED = (
    "{} has changed since it was taken in; to post it as it is now: broadcaster schedule add {}"
    " --replace …"
)


def show_next(shell: Shell, row: ScheduleRow) -> None:
    for at in islice(coming(shell, row), SHOWN):
        echo(f"next: {shell.times.show(at)}")


def state(row: ScheduleRow) -> str:
    if row.paused:
        return "paused"
    return "failed" if row.problem or flaw(row) else "on"


def facts(shell: Shell, row: ScheduleRow) -> dict[str, str]:
    """What ``schedule show`` says of it, by name; empty: nothing to say."""
    times = shell.times
    last = f"post {row.post}, {times.show(row.fired_at)}" if row.fired_at else "none yet"
    why = row.passed_why or row.problem or AWAY
    problem = f"{times.show(row.problem_at)}: {row.problem}" if row.problem_at else flaw(row)
    came = {
        "last": last,
        "passed over": f"{times.show(row.passed_at)}: {why}" if row.passed_at else "",
        "problem": problem,
    }
    said = readable(row)
    if said is None:
        return came
    other = changed(shell, said) if row.origin is Origin.COMMAND else []
    return {
        "how often": f"{said.trigger} ({said.zone})",
        "to": ", ".join(said.to) or "as its file says, else default_to",
        "file": said.file or said.taken_from,
        "media": ", ".join(said.media or said.taken_media),
        "taken in": times.show(said.taken_at) if said.taken_at else "",
        "changed since": ", ".join(other),
        "expires": said.expires,
        "answers": f"post {said.reply_to}" if said.reply_to else "",
        "missed": said.missed,
        "flags": ", ".join(word for word, set_ in flags(said).items() if set_),
        "by": said.author,
        **came,
    }


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
    times, said = shell.times, readable(row)
    if said is None:
        return {"name": row.name, "origin": row.origin.value, "paused": row.paused} | _came(
            shell, row
        )
    upcoming = [] if row.paused else list(islice(coming(shell, row), SHOWN))
    return {
        "name": row.name,
        "trigger": said.trigger,
        "timezone": said.zone,
        "to": [*said.to],
        "text": said.text or None,
        "file": said.file or said.taken_from or None,
        "media": [*(said.media or said.taken_media)],
        "taken": times.iso(said.taken_at),
        "changed": [*changed(shell, said)] if row.origin is Origin.COMMAND else [],
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
        **_came(shell, row),
    }


def _came(shell: Shell, row: ScheduleRow) -> dict[str, Json]:
    times = shell.times
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
