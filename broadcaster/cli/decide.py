"""``resolve``, ``retry`` and ``release``: what waits for a person's word."""

from __future__ import annotations

import click

from broadcaster.app import stuck
from broadcaster.cli.changing import change_many, change_post
from broadcaster.cli.options import json_option, names, only_option, yes_option
from broadcaster.cli.run import Shell, actor, did, interactive, note
from broadcaster.errors import InputError
from broadcaster.model import State

_NUMBER = click.IntRange(min=1)


@click.command("resolve")
@click.argument("post", type=_NUMBER, required=False)
@click.argument("channel", required=False)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--message", type=_NUMBER, metavar="N", help="Which message of several, from 1.")
@click.option("--posted/--not-posted", default=None, help="Whether it stands in the channel.")
@click.option("--all", "every", is_flag=True, help="Every unknown, or every one of POST.")
@yes_option
@json_option
@click.pass_obj
def resolve_command(
    shell: Shell,
    post: int | None,
    channel: str | None,
    ids: tuple[str, ...],
    message: int | None,
    posted: bool | None,
    every: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Say whether an unknown message was posted, after looking into the channel.

    ID is the message's link, as the app copies it, or its number; without it the delivery counts as
    delivered, but has no link and cannot be edited. With --not-posted it is sent now. Said wrongly?
    Say it again, with the right ID or --not-posted.

    \b
    broadcaster resolve 12 news-bale https://ble.ir/ministry_news/4711 --posted
    broadcaster resolve 12 news-bale --not-posted
    broadcaster resolve --all --posted
    """
    if posted is None:
        raise InputError("look into the channel first, then say --posted or --not-posted")
    if ids and not posted:
        raise InputError("what is not posted has no ID; leave it out, or say --posted")
    if every and (channel or message):
        raise InputError("--all takes no CHANNEL; leave out one of them")
    if not every and (post is None or channel is None):
        raise InputError("say which: POST and CHANNEL, or --all (broadcaster list --state unknown)")
    step = None if message is None else message - 1
    done = "settled as posted" if posted else "will be sent again"
    if post is None:
        if not yes and not interactive():
            raise InputError("this settles every unknown there is; say --yes if that is meant")
        if not yes:
            click.confirm(f"{done}: every unknown there is?", abort=True, err=True)
        change_many(
            shell,
            lambda store: stuck.resolve_all(shell.office, store, posted=posted, actor=actor()),
            done,
            as_json=as_json,
        )
        return
    number = post
    change_post(
        shell,
        number,
        lambda store: stuck.resolve(
            shell.office,
            store,
            number,
            channel,
            ids,
            posted=posted,
            message=step,
            actor=actor(),
        ),
        f"post {number}, {done}",
        as_json=as_json,
    )


@click.command("retry")
@click.argument("post", type=_NUMBER, required=False)
@only_option
@click.option("--missed", is_flag=True, help="What was missed.")
@click.option("--failed", is_flag=True, help="What failed.")
@json_option
@click.pass_obj
def retry_command(
    shell: Shell, post: int | None, to: tuple[str, ...], missed: bool, failed: bool, as_json: bool
) -> None:
    """Send what failed or was missed: of one post, or of all.

    \b
    broadcaster retry 12
    broadcaster retry 12 --to news-bale
    broadcaster retry --missed
    """
    if post is None and not (missed or failed):
        raise InputError("say which: a POST, --missed or --failed")
    both = missed == failed
    states = tuple(
        state for state, meant in ((State.FAILED, failed), (State.MISSED, missed)) if meant or both
    )
    if post is None:
        change_many(
            shell,
            lambda store: stuck.retry_all(shell.office, store, states, to, actor=actor()),
            "will be sent",
            as_json=as_json,
        )
        return
    number = post
    change_post(
        shell,
        number,
        lambda store: stuck.retry(shell.office, store, number, states, to, actor=actor()),
        f"post {number} will be sent",
        as_json=as_json,
    )


@click.command("release")
@click.argument("name", required=False, shell_complete=names)
@click.option("--all", "every", is_flag=True, help="Everything that is held.")
@click.option("--older-than", metavar="D", help="Only what was due longer ago: 2d, ۶ ساعت.")
@click.option("--last", type=_NUMBER, metavar="N", help="Only the newest N of each channel.")
@click.option("--late", is_flag=True, help="Also what is too late by its deadline.")
@click.option("--drop", is_flag=True, help="Cancel it instead of sending it.")
@json_option
@click.pass_obj
def release_command(
    shell: Shell,
    name: str | None,
    every: bool,
    older_than: str | None,
    last: int | None,
    late: bool,
    drop: bool,
    as_json: bool,
) -> None:
    """Send what is held, of a channel, group, account or all of it; or drop it.

    A token or right to post that was refused is tried again. What is off stays so.

    \b
    broadcaster release telegram --last 1
    broadcaster release telegram --older-than 2d --drop
    broadcaster release --all --late
    """
    if (name is None) != every:
        raise InputError("say which: a NAME (channel, group or account), or --all")
    age = stuck.age(older_than) if older_than else None
    kept = stuck.Kept(name=name, older_than=age, last=last, late=late)
    if not drop:
        _trust_again(shell, name)
    change_many(
        shell,
        lambda store: stuck.release(shell.office, store, kept, drop=drop, actor=actor()),
        "dropped" if drop else "released",
        as_json=as_json,
    )


def _trust_again(shell: Shell, name: str | None) -> None:
    with shell.office.store() as store:
        trusted = stuck.trust_again(shell.office, store, name, actor=actor())
        if trusted.opened:
            did("what refused our right to post is open again", whole=False)
    for channel, account in trusted.closed_too:
        note(f"{channel}: its account is closed, too (broadcaster release {account})")
