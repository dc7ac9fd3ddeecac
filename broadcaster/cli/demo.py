"""``demo``: the whole job on this machine, from an announcement to every channel's page."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

import click

from broadcaster.app.demo import DemoOffice, await_daemon, post_announcement
from broadcaster.app.follow import outcome
from broadcaster.app.views import PostView, post_json
from broadcaster.cli.options import json_option
from broadcaster.cli.output import cut, print_json, print_table
from broadcaster.cli.progress import follow
from broadcaster.cli.run import Shell, actor, note
from broadcaster.language import say

TIMEOUT_S = 120.0
"""More than a slow machine needs for one post to eight channels."""


@click.command("demo")
@click.option("--serve", is_flag=True, help="Keep it running, to look at the channels' pages.")
@click.option("--keep", is_flag=True, help="Keep the folder with config, queue and logs.")
@json_option
@click.pass_context
def demo_command(ctx: click.Context, serve: bool, keep: bool, as_json: bool) -> int:
    """See everything work on this machine: every messenger is faked, nothing leaves it.

    Starts the sandbox and a daemon in a temporary folder, posts a Persian announcement with a
    picture to every channel, and shows the result. The exit codes are those of `post --wait`.

    \b
    broadcaster demo
    broadcaster demo --serve
    """
    signal.signal(signal.SIGTERM, _terminated)
    with ExitStack() as stack:
        demo = DemoOffice.open(stack, keep=keep)
        shell = Shell(demo.config)
        office, by = shell.office, actor()
        note(say("the sandbox is at {url}, the daemon sends", url=demo.url))
        with shell.queue() as store:
            await_daemon(demo, store)
            queued = post_announcement(demo, office, store, actor=by, now=shell.times.now())
            post = queued.post
            note(say("post {post} is queued for every channel", post=post))
            view, code = follow(shell, store, post, timeout=TIMEOUT_S, quiet=True)
        if as_json:
            print_json({"sandbox": demo.url, "post": post_json(office, view)})
        else:
            _show(shell, view)
            _hint(demo, post, serve=serve, keep=keep)
        if serve:
            _serve()
    return code


def _terminated(signum: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM ends as Ctrl-C does: what was started is stopped first."""
    raise KeyboardInterrupt


def _show(shell: Shell, view: PostView) -> None:
    print_table(
        ("channel", "state", say("link or reason"), say("first words")),
        (
            (
                each.delivery.channel,
                each.delivery.state.value,
                outcome(shell.office, each),
                cut(each.messages[0].message.text, 40) if each.messages else "",
            )
            for each in view.deliveries
        ),
    )


def _hint(demo: DemoOffice, post: int, *, serve: bool, keep: bool) -> None:
    ours = f"broadcaster --config {demo.config}"
    if serve:
        note(
            say(
                "\n"
                "see the channels as their readers do: {url}\n"
                'post more:       {ours} post "سلام" --to all --wait\n'
                'correct it:      {ours} edit {post} "متن تازه"\n'
                "Ctrl-C ends it",
                url=demo.url,
                ours=ours,
                post=post,
            )
        )
        return
    if keep:
        note(say("\nkept: {folder} ({ours} show {post})", folder=demo.folder, ours=ours, post=post))
    note(
        say(
            "\n"
            "try next:\n"
            "  broadcaster demo --serve      look at the channels' pages\n"
            "  broadcaster init              a config of your own\n"
            "  broadcaster post --help       times, pictures, dry run"
        )
    )


def _serve() -> None:
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        note("")
