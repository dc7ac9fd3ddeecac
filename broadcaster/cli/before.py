"""``move`` and ``cancel``: what can be done before the hour of a post."""

from __future__ import annotations

import click

from broadcaster.app import corrections, stuck
from broadcaster.app.views import post_json
from broadcaster.cli.changing import change_many, change_post
from broadcaster.cli.options import json_option, only_option, post_argument
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.errors import InputError
from broadcaster.language import joined, say


@click.command("move")
@post_argument
@click.option("--at", metavar="WHEN", help="When: فردا ۸ صبح, 1405/09/02 14:30, …")
@click.option("--remove-at", metavar="WHEN", help="Removed from its channels then, or never.")
@json_option
@click.pass_obj
def move_command(
    shell: Shell, post: int, at: str | None, remove_at: str | None, as_json: bool
) -> None:
    """Give a post another time, before anything of it was sent.

    With --remove-at, at any time: another hour at which it is removed again, or none.

    \b
    broadcaster move 12 --at "فردا ۸ صبح"
    broadcaster move 12 --at "in 2h"
    broadcaster move 12 --remove-at "جمعه ۲۰"
    broadcaster move 12 --remove-at never
    """
    if at is None and remove_at is None:
        raise InputError(say("say when: --at WHEN, --remove-at WHEN, or both"))
    if remove_at is not None:
        _move_removal(shell, post, remove_at, as_json=as_json and at is None, quiet=as_json)
    if at is not None:
        _move(shell, post, at, as_json=as_json)


def _move(shell: Shell, post: int, at: str, *, as_json: bool) -> None:
    due = shell.times.future(at, shell.times.now())
    with shell.queue() as store:
        held = corrections.moved_to(shell.office, store, post, due)
    if held > due:
        note(say("quiet hours: it is held back until {when}", when=shell.times.show(held)))
    due = held
    note(say("at: {when}", when=shell.times.show(due)))
    change_post(
        shell,
        post,
        lambda store: corrections.move(shell.office, store, post, due, actor=actor()),
        say("post {post} is moved", post=post),
        as_json=as_json,
    )


def _move_removal(shell: Shell, post: int, said: str, *, as_json: bool, quiet: bool) -> None:
    now, times = shell.times.now(), shell.times
    with shell.queue() as store:
        changed, at = corrections.set_removal(
            shell.office, store, post, said, actor=actor(), now=now
        )
        done = (
            say("stays in its channels")
            if at is None
            else say("is removed {when}", when=times.show(at))
        )
        did(say("post {post} {done}", post=post, done=done))
        view = store.post(post)
    if as_json:
        print_json(post_json(shell.office, view))
    elif not quiet:
        echo(
            say(
                "post {post} {done}: {channels}",
                post=post,
                done=done,
                channels=joined(", ", changed.channels),
            )
        )


@click.command("cancel")
@click.argument("post", metavar="[POST]", type=click.IntRange(min=1), required=False)
@click.option("--missed", is_flag=True, help="Instead of a POST: everything that was missed.")
@only_option
@json_option
@click.pass_obj
def cancel_command(
    shell: Shell, post: int | None, missed: bool, to: tuple[str, ...], as_json: bool
) -> None:
    """Cancel a post before it is sent; `recall` removes what is out.

    With --missed: cancel everything that was missed, so that it is not sent late.

    \b
    broadcaster cancel 12
    broadcaster cancel 12 --to foreign
    broadcaster cancel --missed --to telegram
    """
    if (post is None) != missed:
        raise InputError(say("say which: a POST, or --missed"))
    if post is None:
        change_many(
            shell,
            lambda store: stuck.cancel_missed(shell.office, store, to, actor=actor()),
            "cancelled",
            as_json=as_json,
        )
        return
    number = post
    change_post(
        shell,
        number,
        lambda store: corrections.cancel(shell.office, store, number, to, actor=actor()),
        say("post {number} is cancelled", number=number),
        as_json=as_json,
    )
