"""``edit``, ``recall`` and ``pin``: everywhere it can be done, and saying where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option, only_option, post_argument
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, did, note, person
from broadcaster.cli.texts import TextCommand
from broadcaster.model import State

if TYPE_CHECKING:
    from broadcaster.store.port import Store
    from broadcaster.store.reading import PostView

SOME = 3
"""Exit code: it could not be done in some channel."""


@click.command("edit", cls=TextCommand)
@post_argument
@click.argument("text", required=False)
@click.option("--file", metavar="F", help="Read the text from a UTF-8 file; - is standard input.")
@only_option
@click.option(
    "--correction", is_flag=True, help="Post the text anew where the platform cannot edit."
)
@json_option
@click.pass_obj
def edit_command(
    shell: Shell,
    post: int,
    text: str | None,
    file: str | None,
    to: tuple[str, ...],
    correction: bool,
    as_json: bool,
) -> int:
    """Correct a post: what is out is edited, what is not goes out with the new text.

    Ends with 3 where some channel cannot be edited, 1 where none can.

    \b
    broadcaster edit 12 "ساعت کار اداره از فردا **۸ تا ۱۳** است."
    broadcaster edit 12 --file خبر.md --correction
    broadcaster edit 12 --file کوتاه.md --to news-gap
    """
    from broadcaster.cli.changing import tell_refused
    from broadcaster.cli.output import print_json
    from broadcaster.cli.source import read_source
    from broadcaster.errors import InputError

    source = read_source(text, file, required=True)
    if not source.strip():
        raise InputError("the new text is empty; to remove the post: broadcaster recall")
    with shell.queue() as store:
        view = store.post(post)
        channels = shell.channels(to, view)
        texts = {**view.post.texts, **dict.fromkeys(channels, source)} if to else {}
        whole = view.post.source if to else source
        anew = _uneditable(shell, view, channels) if correction else ()
        rest = [name for name in channels if name not in anew]
        refused: Mapping[str, str] = {}
        corrected: Sequence[str] = ()
        done = []
        if rest or not anew:
            change = shell.office.decisions.edit(view, whole, texts, rest)
            changed = store.change(person(), change)
            corrected, refused = changed.channels, changed.refused
            done.append(f"post {post} is being corrected: {', '.join(changed.channels)}")
            did(done[-1], whole=not anew)
        if anew:
            number = _post_anew(shell, store, source, anew)
            done.append(f"the correction is post {number}: {', '.join(anew)}")
            did(done[-1])
        view = store.post(post)
    if as_json:
        print_json(shell.office.view_json(view))
    else:
        echo("\n".join(done))
    tell_refused(refused)
    _tell_stuck(view, corrected)
    return SOME if refused else 0


@click.command("recall")
@post_argument
@only_option
@json_option
@click.pass_obj
def recall_command(shell: Shell, post: int, to: tuple[str, ...], as_json: bool) -> int:
    """Remove a post: what is out is deleted, what is not is cancelled.

    Ends with 3 where some channel does not allow it, 1 where none does.

    \b
    broadcaster recall 12
    broadcaster recall 12 --to news-telegram
    """
    from broadcaster.cli.changing import change_post

    changed = change_post(
        shell,
        post,
        lambda view: shell.office.decisions.recall(view, shell.channels(to, view)),
        f"post {post} is being removed",
        as_json=as_json,
    )
    return SOME if changed.refused else 0


@click.command("pin")
@post_argument
@only_option
@json_option
@click.pass_obj
def pin_command(shell: Shell, post: int, to: tuple[str, ...], as_json: bool) -> int:
    """Pin a post that is out, in every channel whose platform can.

    Ends with 3 where some channel cannot, 1 where none can.

    \b
    broadcaster pin 12
    broadcaster pin 12 --to domestic
    """
    from broadcaster.cli.changing import change_post

    changed = change_post(
        shell,
        post,
        lambda view: shell.office.decisions.pin(view, shell.channels(to, view)),
        f"post {post} is being pinned",
        as_json=as_json,
    )
    return SOME if changed.refused else 0


def _tell_stuck(view: PostView, corrected: Sequence[str]) -> None:
    """Where the new text waits for a person's word, as the old one did."""
    words = {
        State.FAILED: f"broadcaster retry {view.post.id}",
        State.MISSED: f"broadcaster retry {view.post.id}",
        State.HELD: "broadcaster release",
    }
    for each in view.deliveries:
        name, state = each.delivery.channel, each.delivery.state
        if name in corrected and state in words:
            to = f"--to {name}" if state is not State.HELD else name
            note(f"{name}: it is still {state}; send the new text: {words[state]} {to}")


def _uneditable(shell: Shell, view: PostView, channels: Sequence[str]) -> tuple[str, ...]:
    """Where something stands that the platform cannot edit."""
    standing = {
        each.delivery.channel
        for each in view.deliveries
        if any(message.state == "delivered" for message in each.messages)
    }
    return tuple(
        name
        for name in channels
        if name in standing
        and (platform := shell.office.platform_of(name))
        and "edit" not in platform.verbs
    )


def _post_anew(shell: Shell, store: Store, source: str, channels: tuple[str, ...]) -> int:
    from broadcaster.planning.plan import Draft

    now = shell.times.now()
    draft = Draft(source=source, to=channels, author=person())
    planned = shell.office.plan(draft, now=now)
    return shell.office.submit(store, draft, planned, now=now).post
