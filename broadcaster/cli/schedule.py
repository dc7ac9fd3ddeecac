"""``schedule``: posts that come again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from broadcaster.app import schedule_views as views
from broadcaster.app import schedules
from broadcaster.app.preview import plan_json
from broadcaster.app.schedule_views import ScheduleRow, in_words
from broadcaster.cli.options import json_option, names, outside_option
from broadcaster.cli.output import echo, print_facts, print_json, print_table
from broadcaster.cli.preview import show_plan
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.cli.scheduled import facts, saved, show_next
from broadcaster.cli.source import STDIN, read_source
from broadcaster.cli.texts import TextCommand
from broadcaster.errors import InputError
from broadcaster.language import joined, say

_name = click.argument("name")


@click.group("schedule", context_settings={"help_option_names": ["-h", "--help"]})
def schedule_command() -> None:
    """Posts that come again and again.

    The daemon posts each occurrence once, rendered for its own hour. Those of the config
    ([schedules.NAME]) are listed here, too.

    \b
    broadcaster schedule add ساعت-کار --every "شنبه ۸ صبح" --file posts/hours.md
    broadcaster schedule add digest --cron "0 18 * * sat-wed" --file posts/digest.md --to news
    broadcaster schedule next
    """


@schedule_command.command("add", cls=TextCommand)
@_name
@click.argument("text", required=False)
@click.option(
    "--every", metavar="RULE", help='How often: "saturday 08:00", «آخر هر ماه ساعت ۱۸», nowruz, 6h.'
)
@click.option("--cron", metavar="LINE", help='Or as a cron line, weekdays by name: "0 8 * * sat".')
@click.option("--file", metavar="F", help="A Markdown file, taken in as it is now.")
@click.option("--to", multiple=True, metavar="NAME", shell_complete=names, help="As for post.")
@click.option(
    "--media", multiple=True, type=click.Path(path_type=Path), metavar="F", help="Attach a file."
)
@click.option(
    "--missed",
    type=click.Choice(["skip", "last", "all"]),
    default="last",
    show_default=True,
    help="What was due while no daemon ran.",
)
@click.option("--silent", is_flag=True, help="Notify no reader, where the platform can.")
@click.option("--pin", is_flag=True, help="Pin each post, where the platform can.")
@click.option("--replace-pin", is_flag=True, help="Pin it, and unpin the one before.")
@click.option("--no-preview", is_flag=True, help="Show no preview of links, likewise.")
@click.option("--allow-long", is_flag=True, help="Allow more than ten messages per channel.")
@click.option("--urgent", is_flag=True, help="Goes out in quiet hours, too.")
@click.option("--remove-after", metavar="D", default="", help="Remove each post after: 7d, ۲ روز.")
@outside_option
@click.option("--replace", is_flag=True, help="Take the place of the schedule of this name.")
@click.option("--dry-run", is_flag=True, help="Show the next post; keep nothing.")
@json_option
@click.pass_obj
def add_command(
    shell: Shell,
    name: str,
    text: str | None,
    every: str | None,
    cron: str | None,
    file: str | None,
    to: tuple[str, ...],
    media: tuple[Path, ...],
    missed: str,
    silent: bool,
    pin: bool,
    replace_pin: bool,
    no_preview: bool,
    allow_long: bool,
    urgent: bool,
    remove_after: str,
    allow_outside: bool,
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Post again and again, a file or TEXT; {date} is the day of each post.

    A file and what is attached are taken in as they are now: after a change, say `schedule edit`.

    \b
    broadcaster schedule add working-hours --every "saturday 08:00" --file posts/hours.md
    broadcaster schedule add آخر-ماه --every "آخر هر ماه ساعت ۱۸" "گزارش {date} در setad.ir است."
    """
    schedules.check_name(name)
    office, now, by = shell.office, shell.times.now(), actor()
    new = schedules.NewSchedule(
        name=name,
        trigger=schedules.trigger(office, every, cron),
        text=_text(text, file),
        file=Path(file) if file else None,
        to=to,
        media=media,
        missed=missed,  # type: ignore[arg-type]  # one of the choices
        silent=silent,
        pin="replace" if replace_pin else pin,
        preview=not no_preview,
        allow_long=allow_long,
        urgent=urgent,
        remove_after=schedules.length(remove_after),
        allow_outside=allow_outside,
    )
    prepared = schedules.prepare(office, new, by, now)
    how = _Saving(replace=replace, dry_run=dry_run, as_json=as_json)
    code = _save(shell, prepared, how, now)
    if new.names_files and not dry_run and not as_json:
        note(
            say(
                "its files are taken in as they are now; after a change: {name}",
                name=_EDIT.format(name),
            )
        )
    return code


_EDIT = "broadcaster schedule edit {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saving:
    replace: bool
    dry_run: bool
    as_json: bool


def _save(shell: Shell, prepared: schedules.PreparedSchedule, how: _Saving, now: datetime) -> int:
    """Keep a schedule and say so, or only show its next post; returns the exit code."""
    office, planned, name = shell.office, prepared.plan, prepared.name
    note(
        say(
            "{in_words}; first: {when}",
            in_words=in_words(prepared.content.rule),
            when=shell.times.show(prepared.first),
        )
    )
    if how.dry_run:
        if how.as_json:
            print_json(plan_json(shell.times, planned, now))
        else:
            show_plan(office, shell.times, planned)
        return 0 if planned.ok else 2
    schedules.check(planned)
    for text in planned.hours:
        note(text)
    with shell.queue() as store:
        schedules.add(office, store, prepared, actor(), now, replace=how.replace)
        did(say("schedule {name} is saved", name=name))
        row, daemons = schedules.row(office, store, name, now), store.daemons()
    if how.as_json:
        print_json(views.as_object(office, row, now))
        return 0
    echo(saved(shell, row))
    show_next(shell, row, now)
    if planned.needs_approval:
        note(say("each post of it waits for approval"))
    if not any(each.alive for each in daemons):
        note(say("no daemon is running: it will not run until one is started (broadcaster daemon)"))
    return 0


@schedule_command.command("edit", cls=TextCommand)
@_name
@click.argument("text", required=False)
@click.option("--every", metavar="RULE", help="How often, as for add.")
@click.option("--cron", metavar="LINE", help="Or as a cron line.")
@click.option("--file", metavar="F", help="Another text: a Markdown file, taken in as it is now.")
@click.option("--to", multiple=True, metavar="NAME", shell_complete=names, help="Other channels.")
@click.option(
    "--media", multiple=True, type=click.Path(path_type=Path), metavar="F", help="Other files."
)
@click.option("--missed", type=click.Choice(["skip", "last", "all"]), help="As for add.")
@click.option("--silent/--no-silent", default=None, help="Notify no reader.")
@click.option("--pin/--no-pin", default=None, help="Pin each post.")
@click.option("--replace-pin", is_flag=True, help="Pin it, and unpin the one before.")
@click.option("--preview/--no-preview", default=None, help="Show previews of links.")
@click.option("--urgent/--no-urgent", default=None, help="Goes out in quiet hours, too.")
@click.option("--remove-after", metavar="D", help="Remove each post after: 7d; never: let it stay.")
@click.option("--allow-long/--no-allow-long", default=None, help="More than ten messages.")
@click.option("--dry-run", is_flag=True, help="Show the next post; change nothing.")
@json_option
@click.pass_obj
def edit_command(
    shell: Shell,
    /,
    name: str,
    text: str | None,
    every: str | None,
    cron: str | None,
    file: str | None,
    to: tuple[str, ...],
    media: tuple[Path, ...],
    replace_pin: bool,
    remove_after: str | None,
    dry_run: bool,
    as_json: bool,
    **options: bool | str | None,
) -> int:
    """Change a schedule: how often, what, where to, and how.

    What is not said stays. Without any change its files are taken in as they are now.

    \b
    broadcaster schedule edit ساعت-کار --every "هر روز کاری ۸ صبح"
    broadcaster schedule edit ساعت-کار --file posts/hours.md
    broadcaster schedule edit ساعت-کار
    """
    office, now = shell.office, shell.times.now()
    changes: dict[str, object] = {
        option: value for option, value in options.items() if value is not None
    }
    if every is not None or cron is not None:
        changes["trigger"] = schedules.trigger(office, every, cron)
    if text is not None or file is not None:
        said = _text(text, file)
        changes |= {"file": str(Path(file).absolute())} if file else {"text": said}
    if to:
        changes["to"] = to
    if media:
        changes["media"] = tuple(str(path.absolute()) for path in media)
    if replace_pin:
        changes["pin"] = "replace"
    if remove_after is not None:
        changes["remove_at"] = schedules.length(remove_after)
    with shell.queue() as store:
        row = schedules.row(office, store, name, now)
    before = views.recurring(row)
    prepared = schedules.prepare_edit(office, row, changes, now)
    if gone := [each for each in before.taken_media if each not in prepared.content.taken_media]:
        note(say("no longer attached: {gone}", gone=joined(", ", gone)))
    return _save(shell, prepared, _Saving(replace=True, dry_run=dry_run, as_json=as_json), now)


@schedule_command.command("list")
@json_option
@click.pass_obj
def list_command(shell: Shell, as_json: bool) -> None:
    """Every schedule, with its next time."""
    now = shell.times.now()
    with shell.queue() as store:
        rows = schedules.rows(shell.office, store, now)
    if as_json:
        print_json([views.as_object(shell.office, row, now) for row in rows.values()])
    elif not rows:
        echo(say('no schedules; add one: broadcaster schedule add NAME --every "…" --file F'))
    else:
        print_table(
            ("schedule", "next", "state", "last", say("how often")),
            (
                (
                    row.name,
                    shell.times.short(row.next_at) if row.next_at and not row.paused else "",
                    views.state(row),
                    say("post {post}", post=row.post) if row.post else "",
                    views.how_often(row),
                )
                for row in rows.values()
            ),
        )


@schedule_command.command("show")
@_name
@json_option
@click.pass_obj
def show_command(shell: Shell, name: str, as_json: bool) -> None:
    """One schedule: what it posts where, what came of it, what comes next."""
    now = shell.times.now()
    with shell.queue() as store:
        row = schedules.row(shell.office, store, name, now)
    if as_json:
        print_json(views.as_object(shell.office, row, now))
        return
    shown = {say("schedule {name}", name=name): views.state(row), **facts(shell, row)}
    recurring = views.readable(row)
    print_facts(shown)
    if recurring is None:
        return
    if recurring.text:
        echo()
        for line in recurring.text.splitlines():
            echo(say("  {line}", line=line).rstrip())
    if not row.paused:
        echo()
        show_next(shell, row, now)


@schedule_command.command("next")
@click.argument("name", required=False)
@click.option("-n", "--count", type=click.IntRange(1, 1000), default=5, show_default=True)
@json_option
@click.pass_obj
def next_command(shell: Shell, name: str | None, count: int, as_json: bool) -> None:
    """The next times of one schedule, or of all."""
    now = shell.times.now()
    with shell.queue() as store:
        coming = schedules.upcoming(shell.office, store, name, now, count=count)
    if as_json:
        print_json([{"schedule": each, "at": shell.times.iso(at)} for at, each in coming])
    elif not coming:
        echo(say("nothing comes"))
    elif name:
        for at, _ in coming:
            echo(shell.times.show(at))
    else:
        print_table(("at", "schedule"), ((shell.times.short(at), each) for at, each in coming))


@schedule_command.command("pause")
@_name
@json_option
@click.pass_obj
def pause_command(shell: Shell, name: str, as_json: bool) -> None:
    """Let nothing come of a schedule until it is resumed."""
    now = shell.times.now()
    with shell.queue() as store:
        schedules.pause(shell.office, store, name, actor(), now)
        did(say("schedule {name} is paused", name=name))
        row = schedules.row(shell.office, store, name, now)
    _tell(shell, row, say("schedule {name} is paused", name=name), as_json=as_json)


@schedule_command.command("resume")
@_name
@json_option
@click.pass_obj
def resume_command(shell: Shell, name: str, as_json: bool) -> None:
    """Go on after a pause, with what comes next: what was due meanwhile is left out."""
    now = shell.times.now()
    with shell.queue() as store:
        row = schedules.row(shell.office, store, name, now)
        note(say("next: {when}", when=shell.times.show(schedules.goes_on_at(row, now))))
        schedules.resume(shell.office, store, name, actor(), now)
        did(say("schedule {name} goes on", name=name))
        row = schedules.row(shell.office, store, name, now)
    _tell(shell, row, say("schedule {name} goes on", name=name), as_json=as_json)


@schedule_command.command("remove")
@_name
@click.pass_obj
def remove_command(shell: Shell, name: str) -> None:
    """Forget a schedule; what it posted stays."""
    with shell.queue() as store:
        schedules.remove(shell.office, store, name, actor(), shell.times.now())
        did(say("schedule {name} is removed", name=name))
    echo(say("schedule {name} is removed", name=name))


def _tell(shell: Shell, row: ScheduleRow, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(views.as_object(shell.office, row, shell.times.now()))
    else:
        echo(done)


def _text(text: str | None, file: str | None) -> str:
    """What is posted, unless a file is.  :raises InputError: both, or neither."""
    if STDIN in (text, file):
        raise InputError(say("a schedule says which file it took in: save it, and name it"))
    if file is not None and text is None:
        return ""
    said = read_source(text, file, required=True)
    if not said.strip():
        raise InputError(
            say('there is nothing to post: write it in quotes ("سلام"), or give --file F')
        )
    return said
