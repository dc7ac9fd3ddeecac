"""``report``: what went out on a day, for the office's own records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from broadcaster.app.reports import ReportLine, report, report_csv, report_json
from broadcaster.cli.options import json_option
from broadcaster.cli.output import cut, echo, print_json, print_table
from broadcaster.cli.run import Shell
from broadcaster.errors import InputError
from broadcaster.language import say


@click.command("report")
@click.option("--day", metavar="D", help="1405/09/02, 2026-11-23, دیروز; default: today.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV for spreadsheets, in UTF-8.")
@json_option
@click.pass_obj
def report_command(shell: Shell, day: str | None, as_csv: bool, as_json: bool) -> None:
    """List what was published on a day, with links.

    Also lists what was due that day and is not out.

    \b
    broadcaster report
    broadcaster report --day دیروز
    broadcaster report --day 1405/09/02 --csv > report.csv
    """
    if as_csv and as_json:
        raise InputError(say("--csv and --json are two forms; choose one"))
    times = shell.times
    now = times.now()
    chosen = times.day(day, now) if day else now.date()
    with shell.queue() as store:
        lines = report(shell.office, store, chosen)
    if as_json:
        print_json(report_json(shell.office, chosen, lines))
    elif as_csv:
        echo(report_csv(shell.office, lines), nl=False)
    else:
        _print_table(shell, chosen, lines)


def _print_table(shell: Shell, day: date, lines: Sequence[ReportLine]) -> None:
    echo(shell.times.day_name(day))
    if not lines:
        echo(say("nothing went out, and nothing was due"))
        return
    print_table(
        ("at", "post", "channel", "what", "state", say("link or reason"), "text"),
        (
            (
                shell.times.clock(each.at),
                str(each.post),
                each.channel,
                "" if each.kind == "post" else each.kind,
                each.state,
                each.links[0] if each.links else cut(each.reason, 40),
                cut(each.text, 40),
            )
            for each in lines
        ),
    )
