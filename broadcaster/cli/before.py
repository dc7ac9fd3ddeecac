"""``move`` and ``cancel``: what can be done before the hour of a post."""

from __future__ import annotations

import click

from broadcaster.app import corrections, stuck
from broadcaster.cli.changing import change_many, change_post
from broadcaster.cli.options import json_option, only_option, post_argument
from broadcaster.cli.run import Shell, actor, note
from broadcaster.errors import InputError


@click.command("move")
@post_argument
@click.option("--at", required=True, metavar="WHEN", help="When: فردا ۸ صبح, 1405/09/02 14:30, …")
@json_option
@click.pass_obj
def move_command(shell: Shell, post: int, at: str, as_json: bool) -> None:
    """Give a post another time, before anything of it was sent.

    \b
    broadcaster move 12 --at "فردا ۸ صبح"
    broadcaster move 12 --at "in 2h"
    """
    due = shell.times.future(at, shell.times.now())
    note(f"at: {shell.times.show(due)}")
    change_post(
        shell,
        post,
        lambda store: corrections.move(shell.office, store, post, due, actor=actor()),
        f"post {post} is moved",
        as_json=as_json,
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
        raise InputError("say which: a POST, or --missed")
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
        f"post {number} is cancelled",
        as_json=as_json,
    )
