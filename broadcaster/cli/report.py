"""``report``: what went out in a day, week or month, for the office's own records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from broadcaster.app.reports import Period, ReportLine, report, report_csv, report_json, totals
from broadcaster.cli.options import json_option
from broadcaster.cli.output import cut, echo, print_json, print_table
from broadcaster.cli.run import Shell, note
from broadcaster.errors import InputError
from broadcaster.language import joined, say


@click.command("report")
@click.option(
    "--day", metavar="D", help="1405/09/02, دیروز, «این هفته», «ماه گذشته», آذر; default: today."
)
@click.option("--week", is_flag=True, help="This week, from Saturday.")
@click.option("--month", is_flag=True, help="This month.")
@click.option("--since", metavar="D", help="From this day on.")
@click.option("--until", metavar="D", help="To this day, the day itself included.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV for Excel, in Persian.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="Write a Persian page to print.",
)
@json_option
@click.pass_obj
def report_command(
    shell: Shell,
    day: str | None,
    week: bool,
    month: bool,
    since: str | None,
    until: str | None,
    as_csv: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """What went out in a day, week or month, with totals and links.

    What was due then and is not out stands there, too. The text is the one that each channel shows.

    \b
    broadcaster report
    broadcaster report --day دیروز
    broadcaster report --week --html week.html
    broadcaster report --since 1405/09/01 --until 1405/09/15 --csv > report.csv
    """
    if sum((as_csv, as_json, html is not None)) > 1:
        raise InputError(say("--csv, --html and --json are three forms; choose one"))
    if sum(map(bool, (day, week, month, since or until))) > 1:
        raise InputError(say("--day, --week, --month and --since name a time each; choose one"))
    words = say("this week") if week else say("this month") if month else day
    now = shell.times.now()
    period = _between(shell, since, until, now) if since or until else _named(shell, words, now)
    with shell.queue() as store:
        lines = report(shell.office, store, period)
    if as_json:
        print_json(report_json(shell.office, period, lines))
    elif as_csv:
        echo(report_csv(shell.office, lines), nl=False)
    elif html is not None:
        _write_page(shell, period, lines, html)
    else:
        _print_table(shell, period, lines)


def _named(shell: Shell, words: str | None, now: datetime) -> Period:
    return shell.times.period(words, now) if words else Period(now.date(), now.date())


def _between(shell: Shell, since: str | None, until: str | None, now: datetime) -> Period:
    last = shell.times.period(until, now).last if until else now.date()
    first = shell.times.period(since, now).first if since else last
    if first > last:
        raise InputError(
            say(
                "--since {since} is after --until {until}; change one of them",
                since=since,
                until=until or "today",
            )
        )
    return Period(first, last)


def _write_page(shell: Shell, period: Period, lines: Sequence[ReportLine], path: Path) -> None:
    from broadcaster.app.report_page import page  # here: only `--html` needs it

    try:
        path.write_text(page(shell.office, period, lines), "utf-8")
    except OSError as error:
        raise InputError(
            say(
                "cannot write {path}: {reason}; choose another --html",
                path=path,
                reason=say(str(error.strerror)),
            )
        ) from None
    note(say("see it in a browser: {path}", path=path))


def _print_table(shell: Shell, period: Period, lines: Sequence[ReportLine]) -> None:
    one = period.first == period.last
    echo(_days(shell, period.first, period.last))
    if not lines:
        echo(say("nothing went out, and nothing was due"))
        return
    print_table(
        ("at", "post", "channel", "what", "state", "now", say("link or reason"), "text"),
        (
            (
                shell.times.clock(each.at) if one else shell.times.short(each.at),
                str(each.post),
                each.channel,
                "" if each.kind == "post" else each.kind,
                each.state,
                "" if each.stands in {"stands", "not out"} else each.stands,
                each.links[0] if each.links else cut(each.reason, 40),
                cut(each.text, 40),
            )
            for each in lines
        ),
    )
    echo()
    print_table(
        ("channel", "totals"),
        (
            (
                channel,
                joined(
                    ", ",
                    (
                        say("{count:,} {what}", count=count, what=what)
                        for what, count in counts.items()
                    ),
                ),
            )
            for channel, counts in totals(lines).items()
        ),
    )


def _days(shell: Shell, first: date, last: date) -> str:
    names = dict.fromkeys(map(shell.times.day_name, (first, last)))
    return " – ".join(names)
