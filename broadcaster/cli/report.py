"""``report``: what went out on a day, for the office's own records."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import click

from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell

if TYPE_CHECKING:
    from broadcaster.model import Micros
    from broadcaster.store.port import Store
    from broadcaster.store.reading import DeliveryView, PostView

ALL = 1_000_000
"""Posts of a month; nobody publishes more."""
_FORMULA = re.compile(
    r"[\s\x00-\x1f\ufeff\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]*"
    r"(?:[=+\-@\uff1d\uff0b\uff0d\uff20]|(?<=[\t\r]))"
)
"""A sign that begins a formula, after whatever a spreadsheet passes over; or a tab or a return."""
LOOK_BACK = timedelta(days=30)
"""How long after its hour a post, its edit or its recall is still looked for."""


class Line(NamedTuple):
    """One delivery of the day: when it was settled, or due where it is not."""

    at: Micros
    post: int
    channel: str
    platform: str
    kind: str
    state: str
    links: tuple[str, ...]
    reason: str
    text: str


@click.command("report")
@click.option("--day", metavar="D", help="1405/09/02, 2026-11-23, دیروز; default: today.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV for spreadsheets, in UTF-8.")
@json_option
@click.pass_obj
def report_command(shell: Shell, day: str | None, as_csv: bool, as_json: bool) -> None:
    """What went out on a day, with links.

    What was due that day and is not out stands there, too.

    \b
    broadcaster report
    broadcaster report --day دیروز
    broadcaster report --day 1405/09/02 --csv > report.csv
    """
    from broadcaster.cli.output import print_json
    from broadcaster.errors import InputError

    if as_csv and as_json:
        raise InputError("--csv and --json are two forms; choose one")
    times = shell.times
    now = times.now()
    chosen = times.day(day, now) if day else now.date()
    with shell.queue() as store:
        lines = sorted(_lines(shell, store, chosen))
    if as_json:
        rows = [{**each._asdict(), "at": times.iso(each.at)} for each in lines]
        print_json({"day": chosen.isoformat(), "deliveries": rows})
    elif as_csv:
        _print_csv(shell, lines)
    else:
        _print_table(shell, chosen, lines)


def _lines(shell: Shell, store: Store, day: date) -> Iterator[Line]:
    """Deliveries that were settled on ``day``, or were due then and are not settled."""
    from broadcaster.model import State
    from broadcaster.planning.plan import micros
    from broadcaster.store.reading import Query

    first, following = shell.times.bounds(day)
    begin, end = micros(first), micros(following)
    for row in store.posts(Query(since=micros(first - LOOK_BACK), until=end, limit=ALL)):
        view = store.post(row.post.id)
        for each in view.deliveries:
            at = view.post.due if each.settled_at is None else each.settled_at
            if begin <= at < end and each.delivery.state is not State.CANCELLED:
                yield _line(shell, view, each, at)


def _line(shell: Shell, view: PostView, each: DeliveryView, at: Micros) -> Line:
    delivery = each.delivery
    links = (
        shell.office.link(delivery.channel, id_, message.chat)
        for message in each.messages
        if message.receipt
        for id_ in message.receipt.ids
    )
    return Line(
        at=at,
        post=view.post.id,
        channel=delivery.channel,
        platform=each.account,
        kind=delivery.kind.value,
        state="draft" if _unapproved(view, each) else delivery.state.value,
        links=tuple(link for link in links if link),
        reason=delivery.reason,
        text=view.post.texts.get(delivery.channel, view.post.source),
    )


def _unapproved(view: PostView, each: DeliveryView) -> bool:
    """It waits for a person, not for its turn."""
    from broadcaster.model import Stage, State

    return view.post.stage is Stage.DRAFT and each.delivery.state is State.WAITING


def _print_table(shell: Shell, day: date, lines: Sequence[Line]) -> None:
    from broadcaster.cli.output import cut, print_table

    echo(shell.times.day_name(day))
    if not lines:
        echo("nothing went out, and nothing was due")
        return
    print_table(
        ("at", "post", "channel", "what", "state", "link or reason", "text"),
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


def _print_csv(shell: Shell, lines: Sequence[Line]) -> None:
    """With a byte order mark, without which spreadsheets take Persian for something else."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(Line._fields)
    for each in lines:
        row = {**each._asdict(), "at": shell.times.iso(each.at), "links": " ".join(each.links)}
        writer.writerow([disarmed(value) for value in row.values()])
    echo("\ufeff" + rows.getvalue(), nl=False)


def disarmed(cell: object) -> object:
    """``cell``, so that a spreadsheet takes it for a text: what begins like a formula would be run.

    :source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
