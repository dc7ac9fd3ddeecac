"""``post --batch``: many posts from a file or standard input, and what became of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from broadcaster.app import table_batch
from broadcaster.app.batch import SHOWN, CheckedBatch, QueuedLines, check, numbered, queue
from broadcaster.app.closed import closed, why
from broadcaster.app.posting import Wish, unattended
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.cli.source import STDIN
from broadcaster.errors import InputError
from broadcaster.language import joined, say


def post_batch(
    shell: Shell,
    file: str | None,
    defaults: Wish,
    *,
    dry_run: bool,
    sure: bool,
    as_json: bool,
) -> int:
    """Queue what ``file`` or standard input says; ``defaults``: what a line leaves out.
    ``sure``: what looks like a mistake is meant.

    :raises InputError: lines that cannot be queued, each with its number; then none was.
    """
    office, now, by = shell.office, shell.times.now(), actor()
    if dry_run:
        batch = check(office, None, lines_of(file), defaults, actor=by, now=now, sure=sure)
        _show(batch, as_json=as_json)
        return 0
    with shell.queue() as store:
        batch = check(office, store, lines_of(file), defaults, actor=by, now=now, sure=sure)
        done: list[QueuedLines] = []
        lines = 0
        for chunk in queue(office, store, batch, actor=by):
            done.append(chunk)
            lines += len(chunk.lines)
            did(say("{span} are in the queue", span=chunk.span), whole=lines == len(batch.lines))
        _tell(batch, done, as_json=as_json)
        for each in closed(office, store.gates(), batch.channels):
            note(
                say(
                    "nothing is sent to {channels}: {why}",
                    channels=joined(", ", each.channels),
                    why=why(office, each),
                )
            )
        if unattended(store):
            note(say("no daemon is running: they wait until one does (broadcaster daemon)"))
    return 0


def lines_of(file: str | None) -> list[tuple[int, str]]:
    """Number and text of each line that is not empty.  :raises InputError: there is none."""
    if file is not None and file != STDIN:
        if found := table_batch.lines_of(Path(file)):
            return found
        raise InputError(say("there are no posts in {file}; nothing was queued", file=file))
    if sys.stdin.isatty():
        raise InputError(
            say(
                "--batch reads a table (broadcaster post --batch FILE.csv) or a JSON "
                'object a line, such as {"text": "سلام", "to": ["news"], "key": '
                '"1405-09-02"}'
            )
        )
    if lines := numbered(sys.stdin.buffer.read()):
        return lines
    raise InputError(say("there are no lines on standard input; nothing was queued"))


def _show(batch: CheckedBatch, *, as_json: bool) -> None:
    """What would be queued."""
    _remark(batch)
    if as_json:
        print_json(
            [{"line": line.number, "channels": len(line.post.targets)} for line in batch.lines]
        )
        return
    what = say(
        "{posts} to {channels}",
        posts=plural(len(batch.lines), "post"),
        channels=plural(len(batch.channels), "channel"),
    )
    echo(say("every line is good: {what}; nothing was queued", what=what))


def _tell(batch: CheckedBatch, done: Sequence[QueuedLines], *, as_json: bool) -> None:
    """What was queued."""
    _remark(batch)
    made = [
        (line.number, queued)
        for chunk in done
        for line, queued in zip(chunk.lines, chunk.queued, strict=True)
    ]
    if as_json:
        print_json(
            [
                {"line": number, "id": queued.post, "existing": queued.existing}
                for number, queued in made
            ]
        )
        return
    new = [queued.post for _, queued in made if not queued.existing]
    known = len(made) - len(new)
    if new:
        span = (
            say(" ({new} to {new2})", new=new[0], new2=new[-1])
            if len(new) > 1
            else say(" ({new})", new=new[0])
        )
        echo(say("{posts} queued{span}", posts=plural(len(new), "post"), span=span))
    if known:
        echo(say("{lines} had been queued before: nothing new", lines=plural(known, "line")))


def _remark(batch: CheckedBatch) -> None:
    for remark, posts in islice(batch.remarks.items(), SHOWN):
        note(say("{remark} ({posts:,} times)", remark=remark, posts=posts))
