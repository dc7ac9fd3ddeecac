"""What ``schedule`` says of one schedule, for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from broadcaster.app import schedule_views as views
from broadcaster.app.schedule_views import Recurring, ScheduleRow, in_words
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell
from broadcaster.language import joined, say


def show_next(shell: Shell, row: ScheduleRow, now: datetime) -> None:
    times, until = shell.times, now
    for at in islice(views.coming(row, now), views.SHOWN):
        holiday = times.holiday(at)
        until = at
        echo(
            say(
                "next: {when}{more}",
                when=times.show(at),
                more=say(" (official holiday: {holiday})", holiday=holiday) if holiday else "",
            )
        )
    for day, holiday in views.skipped(row, now, until=until):
        echo(say("skips {day_name}: {holiday}", day_name=times.day_name(day), holiday=holiday))


def saved(shell: Shell, row: ScheduleRow) -> str:
    """That a schedule is saved, how often it posts, and when first."""
    said = views.readable(row)
    how_often = "" if said is None else say(": {in_words}", in_words=in_words(said.rule))
    first = say(", next {when}", when=shell.times.short(row.next_at)) if row.next_at else ""
    return say(
        "schedule {row} saved{how_often}{first}", row=row.name, how_often=how_often, first=first
    )


def facts(shell: Shell, row: ScheduleRow) -> dict[str, str]:
    """What ``schedule show`` says of it, by name; empty: nothing to say."""
    times = shell.times
    last = (
        say("post {post}, {when}", post=row.post, when=times.show(row.fired_at))
        if row.fired_at
        else say("none yet")
    )
    why = views.why_passed(row)
    problem = (
        say("{when}: {problem}", when=times.show(row.problem_at), problem=row.problem)
        if row.problem_at
        else views.flaw(row)
    )
    came = {
        say("last"): last,
        say("passed over"): say("{when}: {why}", when=times.show(row.passed_at), why=why)
        if row.passed_at
        else "",
        say("problem"): problem,
    }
    said = views.readable(row)
    if said is None:
        return came
    other = views.changed(shell.office, row)
    return {
        say("how often"): say("{trigger} ({zone})", trigger=said.trigger, zone=said.zone),
        say("to"): joined(", ", said.to) or say("as its file says, else default_to"),
        say("file"): said.file or said.taken_from,
        say("media"): joined(", ", said.media or said.taken_media),
        say("taken in"): times.show(said.taken_at) if said.taken_at else "",
        say("changed since"): joined(", ", other),
        say("expires"): said.expires,
        say("removed after"): said.remove_at,
        say("answers"): say("post {reply_to}", reply_to=said.reply_to) if said.reply_to else "",
        say("missed"): said.missed,
        say("flags"): joined(", ", (word for word, set_ in _flags(said).items() if set_)),
        say("by"): said.author,
        **came,
    }


def _flags(said: Recurring) -> Mapping[str, bool]:
    return {
        say("silent"): said.silent,
        say("pin"): bool(said.pin),
        say("replace pin"): said.pin == "replace",
        say("urgent"): said.urgent,
        say("no preview"): not said.preview,
        say("allow long"): said.allow_long,
        say("allow files outside"): said.allow_outside,
    }
