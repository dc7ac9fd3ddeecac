"""``edit``, ``recall`` and ``pin``: everywhere it can be done, and saying where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from broadcaster.app import corrections
from broadcaster.app.corrections import Correction, Edited, PostedAnew
from broadcaster.app.preview import attached, plan_json
from broadcaster.app.views import post_json
from broadcaster.cli.changing import change_post, tell_refused
from broadcaster.cli.options import html_option, json_option, only_option, post_argument
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.preview import show_channels, write_page
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.cli.source import read_source
from broadcaster.cli.texts import TextCommand
from broadcaster.errors import InputError
from broadcaster.model import State

SOME = 3
"""Exit code: it could not be done in some channel."""


@click.command("edit", cls=TextCommand)
@post_argument
@click.argument("text", required=False)
@click.option("--file", metavar="F", help="Read the text from a UTF-8 file; - is standard input.")
@click.option(
    "--replace",
    nargs=2,
    multiple=True,
    metavar="OLD NEW",
    help="Put NEW in the place of OLD in its text; OLD has to occur once.",
)
@click.option("--all", "every", is_flag=True, help="With --replace: wherever OLD occurs.")
@click.option(
    "--media",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="F",
    help="Put another file in the place of its own; what is out is replaced where it can be.",
)
@only_option
@click.option("--correction", is_flag=True, help="Post it anew where the platform cannot edit so.")
@click.option("--dry-run", is_flag=True, help="Show what would stand where; change nothing.")
@html_option
@json_option
@click.pass_obj
def edit_command(
    shell: Shell,
    post: int,
    text: str | None,
    file: str | None,
    replace: tuple[tuple[str, str], ...],
    every: bool,
    media: tuple[Path, ...],
    to: tuple[str, ...],
    correction: bool,
    dry_run: bool,
    html: Path | None,
    as_json: bool,
) -> int:
    """Correct a post: what is out is edited, what is not goes out with the new text and files.

    Ends with 3 where some channel cannot be edited, 1 where none can.

    \b
    broadcaster edit 12 "ساعت کار اداره از فردا **۸ تا ۱۳** است."
    broadcaster edit 12 --file خبر.md --correction
    broadcaster edit 12 --file کوتاه.md --to news-gap
    broadcaster edit 12 --replace "یکشنبه ۱۶ آذر" "دوشنبه ۱۶ آذر" --dry-run
    broadcaster edit 12 --media پوستر-درست.jpg --correction
    """
    if every and not replace:
        raise InputError("--all belongs to --replace; add it, or leave it out")
    if html and not dry_run:
        raise InputError("--html shows a dry run; add --dry-run, or leave it out")
    said = text is not None or file is not None
    wanted = Correction(
        post=post,
        source=read_source(text, file, required=True) if said or not (replace or media) else None,
        to=to,
        anew=correction,
        replace=replace,
        every=every,
        media=media,
    )
    if dry_run:
        return _preview(shell, wanted, html, as_json=as_json)
    refused: Mapping[str, str] = {}
    corrected: Sequence[str] = ()
    done = []
    with shell.queue() as store:
        now = shell.times.now()
        for step in corrections.edit(shell.office, store, wanted, actor=actor(), now=now):
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


def _preview(shell: Shell, wanted: Correction, html: Path | None, *, as_json: bool) -> int:
    """Show what would stand where; returns the exit code."""
    office, times = shell.office, shell.times
    with shell.queue() as store:
        planned = corrections.preview(office, store.post(wanted.post), wanted)
        store.bring([digest for digest in attached(planned) if digest not in planned.files])
    if html:
        write_page(office, times, planned, html)
    if as_json:
        print_json(plan_json(times, planned, times.now()))
    else:
        echo(f"nothing is changed; post {wanted.post} would be")
        show_channels(office, planned)
    return 0 if planned.ok else 2


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
