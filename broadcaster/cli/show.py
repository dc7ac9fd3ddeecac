"""``list`` and ``show``: what is in the queue, and what became of one post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from broadcaster.app import views
from broadcaster.app.views import PostRow, PostView
from broadcaster.cli.options import html_option, json_option, post_argument
from broadcaster.cli.output import cut, echo, print_json, print_table, size, state
from broadcaster.cli.preview import write_post_page
from broadcaster.cli.progress import show_deliveries
from broadcaster.cli.run import Shell, note
from broadcaster.language import joined, say
from broadcaster.model import Kind, State


@click.command("list")
@click.option(
    "--state",
    metavar="S",
    type=click.Choice(views.STATES),
    help=f"One of {', '.join(views.STATES)}.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, metavar="N"
)
@json_option
@click.pass_obj
def list_command(shell: Shell, state: str | None, limit: int, as_json: bool) -> None:
    """List posts, newest first.

    --state finds posts in that state, and those with a delivery in it.

    \b
    broadcaster list
    broadcaster list --state unknown
    """
    with shell.queue() as store:
        rows = views.posts(store, state=state, limit=limit)
    if as_json:
        print_json([views.row_json(shell.office, row) for row in rows])
    elif not rows:
        echo(say("no posts") if state is None else say("no posts are {state}", state=state))
    else:
        print_table(
            ("post", "due", "state", "deliveries", "text"),
            (
                (
                    str(row.post.id),
                    shell.times.short(row.post.due),
                    _state(shell, row),
                    _counts(row.counts),
                    cut(row.post.source, 60) or say("(no text)"),
                )
                for row in rows
            ),
        )


@click.command("show")
@post_argument
@html_option
@json_option
@click.pass_obj
def show_command(shell: Shell, post: int, html: Path | None, as_json: bool) -> None:
    """Show one post with every delivery, attempt, receipt and link.

    \b
    broadcaster show 12
    broadcaster show 12 --json
    broadcaster show 12 --html post-12.html
    """
    with shell.queue() as store:
        view = store.post(post)
        if html:
            write_post_page(shell.office, store, shell.times, view, html)
    if as_json:
        print_json(views.post_json(shell.office, view))
    else:
        show_post(shell, view)


def show_post(shell: Shell, view: PostView) -> None:
    """All that is known about a post, for people."""
    post, times = view.post, shell.times
    facts = {
        f"post {post.id}": state(view.state),
        "due": times.show(post.due),
        "expires": times.show(post.expires) if post.expires else "",
        "removed at": times.show(post.remove_at) if post.remove_at else "",
        "urgent": say("goes out in quiet hours, too") if post.options.urgent else "",
        "pinned in": joined(", ", _pinned(view)),
        "queued": say(
            "{when} by {author}",
            when=times.show(post.created),
            author=post.author or say("nobody known"),
        ),
        "key": view.key or "",
        "approval": views.approval_words(shell.office, view),
        "reply to": say("post {reply_to}", reply_to=post.reply_to) if post.reply_to else "",
        "media": joined(
            ", ",
            (
                say("{kind} {name} ({size})", kind=each.kind, name=each.name, size=size(each.size))
                for each in post.media
            ),
        ),
    }
    width = max(map(len, facts))
    for name, value in facts.items():
        if value:
            echo(f"{name:<{width}}  ", value)
    if changed := views.config_changes(shell.office, view):
        note(
            say(
                "the config has changed since it was written: {changed}",
                changed=joined(", ", changed),
            )
        )
    for title, text in (("", post.source), *post.texts.items()):
        echo(f"\n{title}:" if title else "")
        for line in text.splitlines():
            echo(say("  {line}", line=line).rstrip())
    echo()
    show_deliveries(shell, view)
    lost = {
        say("{channel}: {text}", channel=each.delivery.channel, text=text)
        for each in view.deliveries
        for text in each.lost
    }
    for text in sorted(lost):
        echo(say("lost in {text}", text=text))
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
                    str(row.position + 1),
                    " ".join(filter(None, (row.outcome, row.code, row.detail))),
                )
                for channel, row in attempts
            ),
        )


def _pinned(view: PostView) -> Iterator[str]:
    """The channels in which it is pinned."""
    for each in view.deliveries:
        if any(message.pinned for message in each.messages) and each.delivery.kind is Kind.POST:
            yield each.delivery.channel


def _state(shell: Shell, row: PostRow) -> str:
    """With the hour at which the post is removed again, if it is."""
    if row.post.remove_at is None:
        return row.state
    return say("{state} until {when}", state=row.state, when=shell.times.short(row.post.remove_at))


def _counts(counts: Mapping[State, int]) -> str:
    return joined(
        ", ", (say("{count} {key}", count=count, key=key) for key, count in counts.items() if count)
    )
