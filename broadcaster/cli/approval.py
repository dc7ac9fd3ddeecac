"""``approve``, ``return``, ``reject``: a draft goes out once others have agreed to exactly this."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.app import approvals, views
from broadcaster.cli.asking import confirm
from broadcaster.cli.changing import change_post
from broadcaster.cli.options import html_option, json_option, post_argument, yes_option
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.preview import write_post_page
from broadcaster.cli.run import Shell, actor, did, interactive, note
from broadcaster.cli.show import show_post
from broadcaster.language import joined, say
from broadcaster.model import Stage


@click.command("approve")
@post_argument
@click.option(
    "--digest", metavar="D", help="Approve only what has this digest (show --json prints it)."
)
@html_option
@yes_option
@json_option
@click.pass_obj
def approve_command(
    shell: Shell, post: int, digest: str | None, html: Path | None, yes: bool, as_json: bool
) -> None:
    """Approve a draft: it is sent at its time, or now, exactly as it is.

    Nobody approves their own draft, and some channels demand two people. After a change it needs
    a new approval. The page of --html is
    written before the question is asked.

    \b
    broadcaster show 12
    broadcaster approve 12 --html post-12.html
    """
    with shell.queue() as store:
        view = store.post(post)
        if html:
            write_post_page(shell.office, store, shell.times, view, html)
        changed = views.config_changes(shell.office, view)
        if changed:
            note(
                say(
                    "the config has changed since it was written; it goes out as it was "
                    "written, in: {changed}",
                    changed=joined(", ", changed),
                )
            )
        if view.post.stage is Stage.DRAFT and interactive() and not yes:
            show_post(shell, view)
            confirm(tuple, say("approve it like this?"))
        done = approvals.approve(shell.office, store, view, digest, actor=actor())
        did(say("post {post} is approved", post=post))
        view = store.post(post)
    if as_json:
        print_json(views.post_json(shell.office, view))
        return
    echo(
        say(
            "{outcome}: {channels}",
            outcome=_outcome(shell, view),
            channels=joined(", ", done.channels),
        )
    )


def _outcome(shell: Shell, view: views.PostView) -> str:
    """Such as "post 12 is approved and goes out now", or that others have to agree."""
    post, approval = view.post.id, view.approval
    if view.post.stage is Stage.DRAFT and approval is not None:
        count = say("{count} of {needed}", count=len(approval.approvers), needed=approval.needed)
        return say(
            "post {post} has {count} approvals and still waits for somebody else",
            post=post,
            count=count,
        )
    when = shell.times.show(view.post.due) if view.state == "scheduled" else "now"
    return say("post {post} is approved and goes out {when}", post=post, when=when)


@click.command("reject")
@post_argument
@click.option("--reason", required=True, metavar="TEXT", help="Why; its author reads it in `show`.")
@json_option
@click.pass_obj
def reject_command(shell: Shell, post: int, reason: str, as_json: bool) -> None:
    """Reject a draft, or an approved post that has not begun.

    `return` gives it back to its author instead. A change of a rejected one asks for approval
    again, too.

    \b
    broadcaster reject 12 --reason "شمارهٔ تلفن غلط است"
    """
    change_post(
        shell,
        post,
        lambda store: approvals.reject(shell.office, store, post, reason, actor=actor()),
        say("post {post} is rejected", post=post),
        as_json=as_json,
    )


@click.command("return")
@post_argument
@click.option(
    "--reason", required=True, metavar="TEXT", help="What is to be changed; its author reads it."
)
@json_option
@click.pass_obj
def return_command(shell: Shell, post: int, reason: str, as_json: bool) -> None:
    """Return a draft, or an approved post that has not begun, to its author.

    Once it is changed (`edit`, `move`) it waits for approval again.

    \b
    broadcaster return 12 --reason "شمارهٔ تلفن غلط است"
    """
    change_post(
        shell,
        post,
        lambda store: approvals.give_back(shell.office, store, post, reason, actor=actor()),
        say("post {post} is returned to its author", post=post),
        as_json=as_json,
    )
