"""What ``schedule`` says of one schedule, for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from broadcaster.app import schedule_views as views
from broadcaster.app.schedule_views import Recurring, ScheduleRow, in_words
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell


def show_next(shell: Shell, row: ScheduleRow, now: datetime) -> None:
    times, until = shell.times, now
    for at in islice(views.coming(row, now), views.SHOWN):
        holiday = times.holiday(at)
        until = at
        echo(f"next: {times.show(at)}{f' (official holiday: {holiday})' if holiday else ''}")
    for day, holiday in views.skipped(row, now, until=until):
        echo(f"skips {times.day_name(day)}: {holiday}")


def saved(shell: Shell, row: ScheduleRow) -> str:
    """That a schedule is saved, how often it posts, and when first."""
    said = views.readable(row)
    how_often = "" if said is None else f": {in_words(said.rule)}"
    first = f", next {shell.times.short(row.next_at)}" if row.next_at else ""
    return f"schedule {row.name} saved{how_often}{first}"


def facts(shell: Shell, row: ScheduleRow) -> dict[str, str]:
    """What ``schedule show`` says of it, by name; empty: nothing to say."""
    times = shell.times
    last = f"post {row.post}, {times.show(row.fired_at)}" if row.fired_at else "none yet"
    why = views.why_passed(row)
    problem = f"{times.show(row.problem_at)}: {row.problem}" if row.problem_at else views.flaw(row)
    came = {
        "last": last,
        "passed over": f"{times.show(row.passed_at)}: {why}" if row.passed_at else "",
        "problem": problem,
    }
    said = views.readable(row)
    if said is None:
        return came
    other = views.changed(shell.office, row)
    return {
        "how often": f"{said.trigger} ({said.zone})",
        "to": ", ".join(said.to) or "as its file says, else default_to",
        "file": said.file or said.taken_from,
        "media": ", ".join(said.media or said.taken_media),
        "taken in": times.show(said.taken_at) if said.taken_at else "",
        "changed since": ", ".join(other),
        "expires": said.expires,
        "removed after": said.remove_at,
        "answers": f"post {said.reply_to}" if said.reply_to else "",
        "missed": said.missed,
        "flags": ", ".join(word for word, set_ in _flags(said).items() if set_),
        "by": said.author,
        **came,
    }


def _flags(said: Recurring) -> Mapping[str, bool]:
    return {
        "silent": said.silent,
        "pin": bool(said.pin),
        "replace pin": said.pin == "replace",
        "urgent": said.urgent,
        "no preview": not said.preview,
        "allow long": said.allow_long,
        "allow files outside": said.allow_outside,
    }
