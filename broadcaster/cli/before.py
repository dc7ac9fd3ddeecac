"""``move`` and ``cancel``: what can be done before the hour of a post."""

from __future__ import annotations

import click

from broadcaster.app import corrections
from broadcaster.cli.changing import change_post
from broadcaster.cli.options import json_option, only_option, post_argument
from broadcaster.cli.run import Shell, actor, note


@click.command("move")
@post_argument
@click.option("--at", required=True, metavar="WHEN", help="When: فردا ۸ صبح, 1405/09/02 14:30, …")
@json_option
@click.pass_obj
def move_command(shell: Shell, post: int, at: str, as_json: bool) -> None:
    """Give a post another hour, before anything of it has begun.

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
@post_argument
@only_option
@json_option
@click.pass_obj
def cancel_command(shell: Shell, post: int, to: tuple[str, ...], as_json: bool) -> None:
    """Take a post back where it has not begun; `recall` removes what is out.

    \b
    broadcaster cancel 12
    broadcaster cancel 12 --to foreign
    """
    change_post(
        shell,
        post,
        lambda store: corrections.cancel(shell.office, store, post, to, actor=actor()),
        f"post {post} is cancelled",
        as_json=as_json,
    )
