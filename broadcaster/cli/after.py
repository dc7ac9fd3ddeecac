"""``edit``, ``recall`` and ``pin``: everywhere it can be done, and saying where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from broadcaster.app import corrections
from broadcaster.app.corrections import Edited, PostedAnew
from broadcaster.app.views import post_json
from broadcaster.cli.changing import change_post, tell_refused
from broadcaster.cli.options import json_option, only_option, post_argument
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.cli.source import read_source
from broadcaster.cli.texts import TextCommand
from broadcaster.model import State

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
    source = read_source(text, file, required=True)
    refused: Mapping[str, str] = {}
    corrected: Sequence[str] = ()
    done = []
    with shell.queue() as store:
        for step in corrections.edit(
            shell.office,
            store,
            post,
            source,
            to=to,
            anew=correction,
            actor=actor(),
            now=shell.times.now(),
        ):
            match step:
                case Edited(changed, last):
                    corrected, refused = changed.channels, changed.refused
                    done.append(f"post {post} is being corrected: {', '.join(corrected)}")
                    did(done[-1], whole=last)
                case PostedAnew(number, channels):
                    done.append(f"the correction is post {number}: {', '.join(channels)}")
                    did(done[-1])
        view = store.post(post)
    if as_json:
        print_json(post_json(shell.office, view))
    else:
        echo("\n".join(done))
    tell_refused(refused)
    _tell_stuck(post, corrections.still_stuck(view, corrected))
    return SOME if refused else 0


@click.command("recall")
@post_argument
@only_option
@click.option(
    "--done/--not-done",
    default=None,
    help="Only note that somebody has removed it there by hand, or has not after all.",
)
@json_option
@click.pass_obj
def recall_command(
    shell: Shell, post: int, to: tuple[str, ...], done: bool | None, as_json: bool
) -> int:
    """Remove a post: what is out is deleted, what is not is cancelled.

    Ends with 3 where some channel does not allow it, 1 where none does. Where the platform cannot
    delete, remove it by hand, then say --done.

    \b
    broadcaster recall 12
    broadcaster recall 12 --to news-telegram
    broadcaster recall 12 --to news-eitaa --done
    """
    if done is not None:
        gone = done
        change_post(
            shell,
            post,
            lambda store: corrections.by_hand(
                shell.office, store, post, to, gone=gone, actor=actor()
            ),
            f"post {post} was {'removed' if gone else 'not removed'} by hand",
            as_json=as_json,
        )
        return 0
    changed = change_post(
        shell,
        post,
        lambda store: corrections.recall(shell.office, store, post, to, actor=actor()),
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
    changed = change_post(
        shell,
        post,
        lambda store: corrections.pin(shell.office, store, post, to, actor=actor()),
        f"post {post} is being pinned",
        as_json=as_json,
    )
    return SOME if changed.refused else 0


def _tell_stuck(post: int, stuck: Mapping[str, State]) -> None:
    """Where the new text waits for a person's word, as the old one did."""
    for name, state in stuck.items():
        if state is State.HELD:
            command = f"broadcaster release {name}"
        else:
            command = f"broadcaster retry {post} --to {name}"
        note(f"{name}: it is still {state}; send the new text: {command}")
