"""``list`` and ``show``: what is in the queue, and what became of one post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option, post_argument
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, note

if TYPE_CHECKING:
    from broadcaster.model import State
    from broadcaster.store.reading import PostView

STATES = (
    "draft",
    "rejected",
    "cancelled",
    "recalled",
    "scheduled",
    "sending",
    "unknown",
    "held",
    "waiting",
    "partial",
    "failed",
    "missed",
    "delivered",
)
"""What a post or one of its deliveries can be in."""


@click.command("list")
@click.option(
    "--state", metavar="S", type=click.Choice(STATES), help=f"One of {', '.join(STATES)}."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, metavar="N"
)
@json_option
@click.pass_obj
def list_command(shell: Shell, state: str | None, limit: int, as_json: bool) -> None:
    """The posts, newest first.

    --state finds posts in that state, and those with a delivery in it.

    \b
    broadcaster list
    broadcaster list --state unknown
    """
    from broadcaster.cli.output import cut, print_json, print_table
    from broadcaster.store.reading import Query

    with shell.queue() as store:
        rows = store.posts(Query(state=state, limit=limit))
    times = shell.times
    if as_json:
        print_json(
            [
                {
                    "id": row.post.id,
                    "state": row.state,
                    "due": times.iso(row.post.due),
                    "created": times.iso(row.post.created),
                    "text": row.post.source,
                    "deliveries": {key.value: count for key, count in row.counts.items()},
                }
                for row in rows
            ]
        )
    elif not rows:
        echo("no posts" if state is None else f"no posts are {state}")
    else:
        print_table(
            ("post", "due", "state", "deliveries", "text"),
            (
                (
                    str(row.post.id),
                    times.short(row.post.due),
                    row.state,
                    _counts(row.counts),
                    cut(row.post.source, 60) or "(no text)",
                )
                for row in rows
            ),
        )


@click.command("show")
@post_argument
@json_option
@click.pass_obj
def show_command(shell: Shell, post: int, as_json: bool) -> None:
    """One post with every delivery, attempt, receipt and link.

    \b
    broadcaster show 12
    broadcaster show 12 --json
    """
    from broadcaster.cli.output import print_json

    with shell.queue() as store:
        view = store.post(post)
    if as_json:
        print_json(shell.office.view_json(view))
    else:
        show_post(shell, view)


def show_post(shell: Shell, view: PostView) -> None:
    """All that is known about a post, for people."""
    from broadcaster.cli.output import print_table, size, state
    from broadcaster.cli.progress import show_deliveries
    from broadcaster.model import Stage

    post, times = view.post, shell.times
    facts = {
        f"post {post.id}": state(view.state),
        "due": times.show(post.due),
        "expires": times.show(post.expires) if post.expires else "",
        "queued": f"{times.show(post.created)} by {post.author or 'nobody known'}",
        "key": view.key or "",
        "approval": _approval(shell, view) if view.approval else "",
        "reply to": f"post {post.reply_to}" if post.reply_to else "",
        "media": ", ".join(f"{each.kind} {each.name} ({size(each.size)})" for each in post.media),
    }
    width = max(map(len, facts))
    for name, value in facts.items():
        if value:
            echo(f"{name:<{width}}  ", value)
    unsent = post.stage in {Stage.DRAFT, Stage.APPROVED, Stage.PLANNED}
    if unsent and (changed := shell.office.decisions.renders_otherwise(view)):
        note(f"the config has changed since it was written: {', '.join(changed)}")
    for title, text in (("", post.source), *post.texts.items()):
        echo(f"\n{title}:" if title else "")
        for line in text.splitlines():
            echo(f"  {line}".rstrip())
    echo()
    show_deliveries(shell, view)
    lost = {f"{each.delivery.channel}: {text}" for each in view.deliveries for text in each.lost}
    for text in sorted(lost):
        echo(f"lost in {text}")
    attempts = [(each.delivery.channel, row) for each in view.deliveries for row in each.attempts]
    if attempts:
        echo()
        print_table(
            ("attempt", "at", "channel", "message", "outcome"),
            (
                (
                    str(row.attempt),
                    times.short(row.at),
                    channel,
                    str(row.step + 1),
                    " ".join(filter(None, (row.outcome, row.code, row.detail))),
                )
                for channel, row in attempts
            ),
        )


def _approval(shell: Shell, view: PostView) -> str:
    """What a draft waits for, or what was decided."""
    times, state = shell.times, view.approval
    assert state is not None
    if state.verdict is not None and state.by:
        at = f" {times.show(state.at)}" if state.at else ""
        return f"{state.verdict} by {state.by}{at}{f': {state.reason}' if state.reason else ''}"
    until = f" until {times.show(state.lapses_at)}" if state.lapses_at is not None else ""
    if view.state == "missed":
        return f"nobody approved it{until}; another hour: broadcaster move {view.post.id} --at WHEN"
    if view.state != "draft":
        return ""
    writers = ", ".join(state.writers) or "nobody known"
    return f"waits for somebody else than {writers}{until}: broadcaster approve {view.post.id}"


def _counts(counts: Mapping[State, int]) -> str:
    return ", ".join(f"{count} {key}" for key, count in counts.items() if count)
