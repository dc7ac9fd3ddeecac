"""``resolve``, ``retry`` and ``release``: what waits for a person's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, Unpack

import click

from broadcaster.app import stuck
from broadcaster.app.office import Store
from broadcaster.cli.asking import confirm
from broadcaster.cli.changing import (
    change_many,
    change_post,
    many_json,
    many_words,
    tell_refused,
)
from broadcaster.cli.options import (
    dry_run_option,
    json_option,
    names,
    only_option,
    sure_option,
    yes_option,
)
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import State

_NUMBER = click.IntRange(min=1)


class _ResolveOptions(TypedDict):
    """What ``resolve`` is given, by the names of its options."""

    post: int | None
    channel: str | None
    ids: tuple[str, ...]
    message: int | None
    posted: bool | None
    every: bool
    yes: bool
    as_json: bool


@click.command("resolve")
@click.argument("post", type=_NUMBER, required=False)
@click.argument("channel", required=False)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--message", type=_NUMBER, metavar="N", help="Which message of several, from 1.")
@click.option("--posted/--not-posted", default=None, help="Whether you see it in the channel.")
@click.option("--all", "every", is_flag=True, help="All unknown messages, or all of POST.")
@yes_option
@json_option
@click.pass_obj
def resolve_command(shell: Shell, **given: Unpack[_ResolveOptions]) -> None:
    """Say whether an unknown message was posted, after looking into the channel.

    ID is the message's link, as the app copies it, or its number; without it the delivery counts as
    delivered, but has no link and cannot be edited. With --not-posted it is sent now. Said wrongly?
    Say it again, with the right ID or --not-posted.

    \b
    broadcaster resolve 12 news-bale https://ble.ir/ministry_news/4711 --posted
    broadcaster resolve 12 news-bale --not-posted
    broadcaster resolve --all --posted
    """
    seen = _seen(given)
    done = say("settled as posted") if seen.posted else say("will be sent again")
    post, as_json = given["post"], given["as_json"]
    if post is not None:
        change_post(
            shell,
            post,
            lambda store: stuck.resolve(shell.office, store, post, seen, actor=actor()),
            say("post {post}, {done}", post=post, done=done),
            as_json=as_json,
        )
        return
    if not given["yes"]:
        warned = [say("this concerns every unknown delivery there is")]
        confirm(lambda: warned, f"{done}?", dry_run=False)
    change_many(
        shell,
        lambda store: stuck.resolve_all(shell.office, store, posted=seen.posted, actor=actor()),
        done,
        as_json=as_json,
    )


def _seen(given: _ResolveOptions) -> stuck.Resolution:
    """What somebody has seen in the channel.

    :raises InputError: options that do not go together.
    """
    posted, channel, message = given["posted"], given["channel"], given["message"]
    if posted is None:
        raise InputError(say("look into the channel first, then say --posted or --not-posted"))
    if given["ids"] and not posted:
        raise InputError(say("what is not posted has no ID; leave it out, or say --posted"))
    if given["every"] and (channel or message):
        raise InputError(say("--all takes no CHANNEL; leave out one of them"))
    if not given["every"] and (given["post"] is None or channel is None):
        raise InputError(
            say("say which: POST and CHANNEL, or --all (broadcaster list --state unknown)")
        )
    return stuck.Resolution(
        posted=posted,
        channel=channel,
        ids=given["ids"],
        message=None if message is None else message - 1,
    )


@click.command("retry")
@click.argument("post", type=_NUMBER, required=False)
@only_option
@click.option("--missed", is_flag=True, help="Only what was missed.")
@click.option("--failed", is_flag=True, help="Only what failed.")
@json_option
@click.pass_obj
def retry_command(
    shell: Shell, post: int | None, to: tuple[str, ...], missed: bool, failed: bool, as_json: bool
) -> None:
    """Send what failed or was missed, of one post or of all.

    \b
    broadcaster retry 12
    broadcaster retry 12 --to news-bale
    broadcaster retry --missed
    """
    if post is None and not (missed or failed):
        raise InputError(say("say which: a POST, --missed or --failed"))
    both = missed == failed
    states = tuple(
        state for state, meant in ((State.FAILED, failed), (State.MISSED, missed)) if meant or both
    )
    if post is None:
        change_many(
            shell,
            lambda store: stuck.retry_all(shell.office, store, states, to, actor=actor()),
            say("will be sent"),
            as_json=as_json,
        )
        return
    number = post
    change_post(
        shell,
        number,
        lambda store: stuck.retry(shell.office, store, number, states, to, actor=actor()),
        say("post {number} will be sent", number=number),
        as_json=as_json,
    )


class _ReleaseOptions(TypedDict):
    """What ``release`` is given, by the names of its options."""

    name: str | None
    every: bool
    older_than: str | None
    last: int | None
    late: bool
    post: int | None
    drop: bool
    scheduled: bool
    yes: bool
    dry_run: bool
    as_json: bool


@click.command("release")
@click.argument("name", required=False, shell_complete=names)
@click.option("--all", "every", is_flag=True, help="Everything that is held.")
@click.option("--older-than", metavar="D", help="Only what was due longer ago: 2d, ۶ ساعت.")
@click.option("--last", type=_NUMBER, metavar="N", help="Only the newest N of each channel.")
@click.option("--late", is_flag=True, help="Also what is past its deadline.")
@click.option("--post", type=_NUMBER, metavar="N", help="Only what belongs to this post.")
@click.option("--drop", is_flag=True, help="Cancel it instead of sending it.")
@click.option(
    "--scheduled", is_flag=True, help="With --drop: also what is scheduled for closed channels."
)
@sure_option
@dry_run_option
@json_option
@click.pass_obj
def release_command(shell: Shell, **given: Unpack[_ReleaseOptions]) -> None:
    """Send what is held in a channel, group or account, or everywhere; or drop it.

    A token or right to post that was refused is tried again. What is off stays off. With --drop it
    shows what would be dropped and asks; without a terminal it needs --yes.

    \b
    broadcaster release telegram --last 1
    broadcaster release telegram --older-than 2d --drop --dry-run
    broadcaster release --all --late
    """
    kept = _kept(given)
    with shell.queue() as store:
        if given["dry_run"]:
            _try_release(shell, store, kept, as_json=given["as_json"])
            return
        if kept.drop and not given["yes"]:
            confirm(
                lambda: _drop_lines(shell, store, kept), say("drop it? it cannot be brought back")
            )
        if not kept.drop:
            _trust_again(shell, store, kept.name)
        left = stuck.scheduled_behind(shell.office, store, kept) if _leaves_scheduled(kept) else {}
        released = stuck.release(shell.office, store, kept, actor=actor())
        _tell_released(released, kept, as_json=given["as_json"])
        if left:
            note(
                say(
                    "{posts} scheduled for {kept} would be held at their hour; to drop "
                    "them, too: broadcaster release {kept} --drop --scheduled",
                    posts=plural(len(left), "post"),
                    kept=kept.name,
                )
            )


def _kept(given: _ReleaseOptions) -> stuck.Kept:
    """:raises InputError: options that do not go together."""
    if given["post"] is None and (given["name"] is None) != given["every"]:
        raise InputError(say("say which: a NAME (channel, group or account), or --all"))
    if given["scheduled"] and not given["drop"]:
        raise InputError(say("--scheduled belongs to --drop; add it, or leave both out"))
    return stuck.Kept(
        name=given["name"],
        post=given["post"],
        older_than=stuck.age(given["older_than"]) if given["older_than"] else None,
        last=given["last"],
        late=given["late"],
        drop=given["drop"],
        scheduled=given["scheduled"],
    )


def _try_release(shell: Shell, store: Store, kept: stuck.Kept, *, as_json: bool) -> None:
    """Say what a release would do."""
    tried = stuck.release(shell.office, store, kept, actor=actor(), dry_run=True)
    if as_json:
        print_json(many_json(tried.changed))
        return
    echo(say("{words}; nothing was changed", words=_words(tried, kept, would=True)))
    tell_refused(tried.changed.refused)


def _drop_lines(shell: Shell, store: Store, kept: stuck.Kept) -> Iterator[str]:
    yield _words(
        stuck.release(shell.office, store, kept, actor=actor(), dry_run=True), kept, would=True
    )


def _tell_released(released: stuck.Released, kept: stuck.Kept, *, as_json: bool) -> None:
    done = _words(released, kept)
    did(done)
    if as_json:
        print_json(many_json(released.changed))
    else:
        echo(done)
    tell_refused(released.changed.refused)


def _words(released: stuck.Released, kept: stuck.Kept, *, would: bool = False) -> str:
    """Such as "3 deliveries would be dropped: news-bale; 2 scheduled posts among them"."""
    words = many_words(
        released.changed, say("dropped") if kept.drop else say("released"), would=would
    )
    if not released.scheduled:
        return words
    return say(
        "{words} (and {posts})",
        words=words,
        posts=plural(len(released.scheduled), say("scheduled post")),
    )


def _leaves_scheduled(kept: stuck.Kept) -> bool:
    """Whether scheduled posts of what is named stay, which is worth a remark."""
    return kept.drop and not kept.scheduled and kept.name is not None


def _trust_again(shell: Shell, store: Store, name: str | None) -> None:
    trusted = stuck.trust_again(shell.office, store, name, actor=actor())
    if trusted.opened:
        did(say("what refused our right to post is open again"), whole=False)
    for channel, account in trusted.closed_too:
        note(
            say(
                "{channel}: its account is closed, too (broadcaster release {account})",
                channel=channel,
                account=account,
            )
        )
