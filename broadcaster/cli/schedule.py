"""``schedule``: posts that come again and again."""

from __future__ import annotations

import dataclasses
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option, names, outside_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, actor, did, note, person
from broadcaster.cli.texts import TextCommand

if TYPE_CHECKING:
    from broadcaster.store.scheduling import ScheduleRow

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
@click.option("--no-preview", is_flag=True, help="Show no preview of links, likewise.")
@click.option("--allow-long", is_flag=True, help="Allow more than ten messages per channel.")
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
    no_preview: bool,
    allow_long: bool,
    allow_outside: bool,
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Post again and again, a file or TEXT; {date} is the day of each post.

    A file and what is attached are taken in as they are now: after a change, say --replace.

    \b
    broadcaster schedule add working-hours --every "saturday 08:00" --file posts/hours.md
    broadcaster schedule add آخر-ماه --every "آخر هر ماه ساعت ۱۸" "گزارش {date} در setad.ir است."
    """
    from broadcaster.cli import scheduled
    from broadcaster.cli.output import print_json
    from broadcaster.cli.preview import plan_json, show_plan
    from broadcaster.config.names import flaw
    from broadcaster.errors import InputError
    from broadcaster.files import read_text
    from broadcaster.planning.plan import micros
    from broadcaster.planning.recurring import Recurring
    from broadcaster.planning.recurring_posts import check, content
    from broadcaster.store.scheduling import Origin, Schedule

    if reason := flaw(name):
        raise InputError(reason)
    settings, now = shell.office.settings, shell.times.now()
    said = Recurring(
        trigger=_trigger(every, cron, settings.calendar),
        zone=settings.timezone.key,
        to=to,
        text=_text(text, file),
        file=str(Path(file).absolute()) if file else "",
        media=tuple(str(path.absolute()) for path in media),
        missed=missed,  # type: ignore[arg-type]  # one of the choices
        silent=silent,
        pin=pin,
        preview=not no_preview,
        allow_long=allow_long,
        allow_outside=allow_outside,
        author=person(),
    )
    recurring = content(said, read_text, shell.office.inspect_media)
    if said.names_files:
        recurring = dataclasses.replace(recurring, taken_at=micros(now))
    first = recurring.rule.after(now, recurring.timezone)
    planned = shell.office.plan_recurring(recurring, first, now=now)
    note(f"{recurring.trigger}; first: {shell.times.show(first)}")
    if dry_run:
        if as_json:
            print_json(plan_json(shell.times, planned, now))
        else:
            show_plan(shell.office, shell.times, planned)
        return 0 if planned.ok else 2
    check(planned)
    change = Schedule(
        name=name,
        definition=recurring.definition(),
        origin=Origin.COMMAND,
        next_at=micros(first),
        files=tuple(each.digest for each in recurring.attached),
    )
    with shell.queue() as store:
        if name in scheduled.rows(shell, store) and not replace:
            raise InputError(
                f"there is a schedule {name} already: choose another name, or say --replace"
            )
        scheduled.keep(shell, store, recurring)
        store.change(actor(), change)
        did(f"schedule {name} is saved")
        row, daemons = scheduled.row(shell, store, name), store.daemons()
    if as_json:
        print_json(scheduled.as_object(shell, row))
        return 0
    echo(f"schedule {name} is kept; it comes {recurring.trigger}")
    if said.names_files:
        note("its files are taken in as they are now; after a change, add it again with --replace")
    scheduled.show_next(shell, row)
    if planned.needs_approval:
        note("each post of it waits for approval")
    if not any(each.alive for each in daemons):
        note("no daemon is running: nothing comes of it until one does (broadcaster daemon)")
    return 0


@schedule_command.command("list")
@json_option
@click.pass_obj
def list_command(shell: Shell, as_json: bool) -> None:
    """Every schedule, with its next time."""
    from broadcaster.cli import scheduled
    from broadcaster.cli.output import print_json, print_table

    with shell.queue() as store:
        rows = scheduled.rows(shell, store)
    if as_json:
        print_json([scheduled.as_object(shell, row) for row in rows.values()])
    elif not rows:
        echo('no schedules; add one: broadcaster schedule add NAME --every "…" --file F')
    else:
        print_table(
            ("schedule", "next", "state", "last", "how often"),
            (
                (
                    row.name,
                    shell.times.short(row.next_at) if row.next_at and not row.paused else "",
                    scheduled.state(row),
                    f"post {row.post}" if row.post else "",
                    scheduled.how_often(row),
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
    from broadcaster.cli import scheduled
    from broadcaster.cli.output import print_json

    with shell.queue() as store:
        row = scheduled.row(shell, store, name)
    if as_json:
        print_json(scheduled.as_object(shell, row))
        return
    facts = {f"schedule {name}": scheduled.state(row), **scheduled.facts(shell, row)}
    recurring = scheduled.readable(row)
    width = max(map(len, facts))
    for fact, value in facts.items():
        if value:
            echo(f"{fact:<{width}}  {value}")
    if recurring is None:
        return
    if recurring.text:
        echo()
        for line in recurring.text.splitlines():
            echo(f"  {line}".rstrip())
    if not row.paused:
        echo()
        scheduled.show_next(shell, row)


@schedule_command.command("next")
@click.argument("name", required=False)
@click.option("-n", "--count", type=click.IntRange(1, 1000), default=5, show_default=True)
@json_option
@click.pass_obj
def next_command(shell: Shell, name: str | None, count: int, as_json: bool) -> None:
    """The next times of one schedule, or of all."""
    from broadcaster.cli import scheduled
    from broadcaster.cli.output import print_json, print_table

    with shell.queue() as store:
        rows = (
            [scheduled.row(shell, store, name)]
            if name
            else list(scheduled.rows(shell, store).values())
        )
    coming = sorted(
        (at, row.name)
        for row in rows
        if name or not row.paused
        for at in islice(scheduled.coming(shell, row, strict=bool(name)), count)
    )[:count]
    if as_json:
        print_json([{"schedule": each, "at": shell.times.iso(at)} for at, each in coming])
    elif not coming:
        echo("nothing comes")
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
    from broadcaster.cli import scheduled
    from broadcaster.store.scheduling import Pause

    scheduled.change(
        shell, name, lambda _: Pause(name=name), f"schedule {name} is paused", as_json=as_json
    )


@schedule_command.command("resume")
@_name
@json_option
@click.pass_obj
def resume_command(shell: Shell, name: str, as_json: bool) -> None:
    """Go on after a pause, with what comes next: what was due meanwhile is left out."""
    from broadcaster.cli import scheduled
    from broadcaster.planning.plan import micros
    from broadcaster.store.scheduling import Proceed

    def change(row: ScheduleRow) -> Proceed:
        recurring = scheduled.recurring(row)
        at = recurring.rule.after(shell.times.now(), recurring.timezone)
        note(f"next: {shell.times.show(at)}")
        return Proceed(name=name, next_at=micros(at))

    scheduled.change(shell, name, change, f"schedule {name} goes on", as_json=as_json)


@schedule_command.command("remove")
@_name
@click.pass_obj
def remove_command(shell: Shell, name: str) -> None:
    """Forget a schedule; what it posted stays."""
    from broadcaster.cli import scheduled
    from broadcaster.errors import Refused
    from broadcaster.store.scheduling import Origin, Unschedule

    with shell.queue() as store:
        if scheduled.row(shell, store, name).origin is Origin.CONFIG:
            raise Refused(f"{name} stands in {shell.office.settings.path}: remove it there")
        store.change(actor(), Unschedule(name=name, origin=Origin.COMMAND))
        did(f"schedule {name} is removed")
    echo(f"schedule {name} is removed")


def _trigger(every: str | None, cron: str | None, calendar: str) -> str:
    """In its one spelling.  :raises InputError: none, two, or one that is not understood."""
    from broadcaster.calendar import cron as crons
    from broadcaster.calendar import triggers
    from broadcaster.errors import InputError

    if (every is None) == (cron is None):
        raise InputError(
            'say how often: --every "saturday 08:00" (or «هر شنبه ۸ صبح»), or --cron "0 8 * * sat"'
        )
    if cron is not None:
        return crons.read(cron).text
    return triggers.read(every or "", calendar=calendar).text


def _text(text: str | None, file: str | None) -> str:
    """What is posted, unless a file is.  :raises InputError: both, or neither."""
    from broadcaster.cli.source import STDIN, read_source
    from broadcaster.errors import InputError

    if STDIN in (text, file):
        raise InputError("a schedule says which file it took in: save it, and name it")
    if file is not None and text is None:
        return ""
    said = read_source(text, file, required=True)
    if not said.strip():
        raise InputError('there is nothing to post: write it in quotes ("سلام"), or give --file F')
    return said
