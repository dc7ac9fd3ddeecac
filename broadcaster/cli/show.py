"""``list`` and ``show``: what is in the queue, and what became of one post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from broadcaster.app import record, views
from broadcaster.app.views import Filter, PostRow, PostView
from broadcaster.cli.options import html_option, json_option, only_option, post_argument
from broadcaster.cli.output import cut, echo, print_facts, print_json, print_table, size, state
from broadcaster.cli.preview import write_post_page
from broadcaster.cli.progress import show_deliveries
from broadcaster.cli.record import show_record, show_version, show_wire
from broadcaster.cli.run import Shell, note
from broadcaster.errors import InputError
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
@click.option("--search", metavar="WORDS", help="With all these words in their texts, old or new.")
@click.option("--day", metavar="D", help="Due on this day, or in this week or month: «این هفته».")
@click.option("--since", metavar="D", help="Due from this day on.")
@click.option("--until", metavar="D", help="Due to this day, the day itself included.")
@click.option("--author", metavar="WHO", help="Written by this person.")
@only_option
@json_option
@click.pass_obj
def list_command(
    shell: Shell, /, limit: int, day: str | None, as_json: bool, **chosen: Any
) -> None:
    """The posts, those first that something happened to last.

    --state finds posts in that state, and those with a delivery in it. --search looks through the
    whole texts, of every version, whichever ی, ک, digits and half-spaces were typed.

    \b
    broadcaster list
    broadcaster list --state unknown
    broadcaster list --search "ساعت کار" --since 1405/07/01
    broadcaster list --to news-eitaa --author sara --day "این هفته"
    """
    if day and (chosen["since"] or chosen["until"]):
        raise InputError(say("--day and --since or --until name a time each; choose one"))
    days = {"since": day, "until": day} if day else {}
    wanted = Filter(**{**chosen, **days})
    with shell.queue() as store:
        rows = views.posts(shell.office, store, wanted, limit=limit)
    if as_json:
        print_json([views.row_json(shell.office, row) for row in rows])
    elif not rows:
        echo(_none(wanted))
    else:
        print_table(
            ("post", "due", "state", "deliveries", "text"),
            (
                (
                    str(row.post.id),
                    shell.times.short(row.post.due),
                    _state(shell, row),
                    joined("; ", filter(None, (_counts(row.counts), record.remains(row)))),
                    cut(row.post.source, 60) or say("(no text)"),
                )
                for row in rows
            ),
        )


@click.command("show")
@post_argument
@click.option("--version", type=int, metavar="N", help="Only this text of the post, whole.")
@click.option("--wire", is_flag=True, help="What each channel was sent, message by message.")
@html_option
@json_option
@click.pass_obj
def show_command(
    shell: Shell, post: int, version: int | None, wire: bool, html: Path | None, as_json: bool
) -> None:
    """One post with every delivery, attempt, receipt and link, and what stands in each channel.

    \b
    broadcaster show 12
    broadcaster show 12 --version 1
    broadcaster show 12 --wire
    broadcaster show 12 --json
    broadcaster show 12 --html post-12.html
    """
    with shell.queue() as store:
        view = store.post(post)
        if html:
            write_post_page(shell.office, store, shell.times, view, html)
    if as_json:
        print_json(views.post_json(shell.office, view, wire=wire))
    elif version is not None:
        show_version(shell, view, version)
    elif wire:
        show_wire(view)
    else:
        show_post(shell, view)


def show_post(shell: Shell, view: PostView) -> None:
    """All that is known about a post, for people."""
    post, times = view.post, shell.times
    facts = {
        say("post {post}", post=post.id): state(view.state),
        say("due"): times.show(post.due),
        say("expires"): times.show(post.expires) if post.expires else "",
        say("removed at"): times.show(post.remove_at) if post.remove_at else "",
        say("urgent"): say("goes out in quiet hours, too") if post.options.urgent else "",
        say("pinned in"): joined(", ", _pinned(view)),
        say("queued"): say(
            "{when} by {author}",
            when=times.show(post.created),
            author=post.author or say("nobody known"),
        ),
        say("key"): view.key or "",
        say("approval"): views.approval_words(shell.office, view),
        say("reply to"): say("post {reply_to}", reply_to=post.reply_to) if post.reply_to else "",
        say("corrects"): say("post {corrects}", corrects=view.corrects) if view.corrects else "",
        say("corrected by"): joined(
            ", ", (say("post {number}", number=number) for number in view.corrections)
        ),
        say("version"): _version(shell, view),
        say("media"): joined(
            ", ",
            (
                say("{kind} {name} ({size})", kind=each.kind, name=each.name, size=size(each.size))
                for each in post.media
            ),
        ),
    }
    print_facts(facts)
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
    show_record(shell, view)
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


def _none(wanted: Filter) -> str:
    if wanted != Filter(state=wanted.state):
        return say("no such posts")
    return (
        say("no posts") if wanted.state is None else say("no posts are {state}", state=wanted.state)
    )


def _version(shell: Shell, view: PostView) -> str:
    """Which text is shown, where there was another one before it."""
    now = view.versions[-1]
    if now.number == 1:
        return ""
    by = say(" by {by}", by=now.by) if now.by else ""
    before = say(
        "before: broadcaster show {post} --version {now}", post=view.post.id, now=now.number - 1
    )
    return say(
        "{now}, {when}{by} ({before})",
        now=now.number,
        when=shell.times.show(now.at),
        by=by,
        before=before,
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
