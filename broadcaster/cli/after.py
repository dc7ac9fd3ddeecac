"""``edit``, ``recall``, ``pin``, ``unpin``: everywhere it can be done, saying where it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from broadcaster.app import corrections
from broadcaster.app.corrections import Changed, Correction, Edited, PostedAnew
from broadcaster.app.office import Store
from broadcaster.app.preview import attached, plan_json
from broadcaster.app.views import approval_words, post_json
from broadcaster.cli.asking import confirm
from broadcaster.cli.changing import change_one, head, tell_refused, tell_waiting
from broadcaster.cli.comparing import beside
from broadcaster.cli.options import (
    dry_run_option,
    html_option,
    json_option,
    only_option,
    post_argument,
    sure_option,
)
from broadcaster.cli.output import echo, first_lines, print_json
from broadcaster.cli.preview import show_channels, write_page
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.cli.source import read_source
from broadcaster.cli.texts import TextCommand
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Stage

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
@click.option(
    "--correction", is_flag=True, help="Post it again where the platform cannot edit it so."
)
@sure_option
@dry_run_option
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
    yes: bool,
    dry_run: bool,
    html: Path | None,
    as_json: bool,
) -> int:
    """Correct a post: edit it where it is out, and send the new text and files where it is not.

    A draft that was returned or rejected waits for approval again. Shows the old and the new text
    and asks; without a terminal it needs --yes. Exit code 3: some
    channel cannot be edited, 1: none can.

    \b
    broadcaster edit 12 "ساعت کار اداره از فردا **۸ تا ۱۳** است."
    broadcaster edit 12 --file خبر.md --correction --dry-run
    broadcaster edit 12 --file کوتاه.md --to news-gap --yes
    broadcaster edit 12 --replace "یکشنبه ۱۶ آذر" "دوشنبه ۱۶ آذر"
    broadcaster edit 12 --media پوستر-درست.jpg --correction
    """
    if every and not replace:
        raise InputError(say("--all belongs to --replace; add it, or leave it out"))
    if html and not dry_run:
        raise InputError(say("--html shows a dry run; add --dry-run, or leave it out"))
    has_text = text is not None or file is not None
    needs_text = has_text or not (replace or media)
    wanted = Correction(
        post=post,
        source=read_source(text, file, required=True) if needs_text else None,
        to=to,
        anew=correction,
        replace=replace,
        every=every,
        media=media,
    )
    with shell.queue() as store:
        if dry_run:
            return _try_edit(shell, store, wanted, html, as_json=as_json)
        if not yes:
            confirm(lambda: _edit_lines(shell, store, wanted), say("correct it?"))
        return _edit(shell, store, wanted, as_json=as_json)


def _edit(shell: Shell, store: Store, wanted: Correction, *, as_json: bool) -> int:
    refused: Mapping[str, str] = {}
    corrected: Sequence[str] = ()
    done = []
    post, now = wanted.post, shell.times.now()
    for step in corrections.edit(shell.office, store, wanted, actor=actor(), now=now):
        match step:
            case Edited(changed, last):
                corrected, refused = changed.channels, changed.refused
                if corrected:
                    names = joined(", ", corrected)
                    done.append(
                        say(
                            "post {post} is being corrected: {corrected}",
                            post=post,
                            corrected=names,
                        )
                    )
                    did(done[-1], whole=last)
            case PostedAnew(number, channels):
                done.append(
                    say(
                        "the correction is post {number}: {channels}",
                        number=number,
                        channels=joined(", ", channels),
                    )
                )
                did(done[-1])
    view = store.post(post)
    if as_json:
        print_json(post_json(shell.office, view))
    else:
        echo("\n".join(done))
    tell_refused(refused)
    tell_waiting(shell, store, view, corrected, say("the correction"))
    if view.post.stage is Stage.DRAFT:
        note(
            say(
                "post {post} {approval_words}",
                post=post,
                approval_words=approval_words(shell.office, view),
            )
        )
    return SOME if refused else 0


def _try_edit(
    shell: Shell, store: Store, wanted: Correction, html: Path | None, *, as_json: bool
) -> int:
    """Say what an edit would do; returns the exit code that it would have."""
    office, times = shell.office, shell.times
    steps = list(_tried(shell, store, wanted))
    planned = corrections.preview(office, store.post(wanted.post), wanted)
    if html:
        store.bring([digest for digest in attached(planned) if digest not in planned.files])
        write_page(office, times, planned, html)
    refused = {
        name: why
        for step in steps
        if isinstance(step, Edited)
        for name, why in step.changed.refused.items()
    }
    if as_json:
        edited = [step.changed.channels for step in steps if isinstance(step, Edited)]
        anew = [step.channels for step in steps if isinstance(step, PostedAnew)]
        print_json(
            {
                "post": wanted.post,
                "edited": [name for names in edited for name in names],
                "posted_anew": [name for names in anew for name in names],
                "refused": refused,
                **plan_json(times, planned, times.now()),
            }
        )
    else:
        echo("\n".join(_edit_lines(shell, store, wanted)))
        show_channels(office, planned)
        echo(say("nothing was changed"))
    return SOME if refused else 0


def _tried(shell: Shell, store: Store, wanted: Correction) -> Iterator[Edited | PostedAnew]:
    now = shell.times.now()
    return corrections.edit(shell.office, store, wanted, actor=actor(), now=now, dry_run=True)


def _edit_lines(shell: Shell, store: Store, wanted: Correction) -> Iterator[str]:
    """What an edit would do: both texts, and what becomes of each channel."""
    view = store.post(wanted.post)
    steps = list(_tried(shell, store, wanted))
    yield head(shell, view)
    for each in corrections.rewordings(shell.office, view, wanted):
        yield f"{', '.join(each.channels)}:"
        yield beside(each.before, each.after)
    for doubt in corrections.doubts(shell.office, view, wanted):
        yield say("warning: {doubt}", doubt=doubt)
    out = corrections.standing(view)
    for step in steps:
        match step:
            case Edited(changed, _):
                there = [name for name in changed.channels if name in out]
                later = [name for name in changed.channels if name not in out]
                yield from _listed(say("corrected where readers see it"), there)
                yield from _listed(say("sent with the new text"), later)
                yield from (
                    say("not in {name}: {why}", name=name, why=why)
                    for name, why in changed.refused.items()
                )
            case PostedAnew(_, channels):
                yield from _listed(say("posted again, beside the old text"), channels)


@click.command("recall")
@post_argument
@only_option
@click.option(
    "--done/--not-done",
    default=None,
    help="Only note that somebody has removed it there by hand, or has not after all.",
)
@sure_option
@dry_run_option
@json_option
@click.pass_obj
def recall_command(
    shell: Shell,
    post: int,
    to: tuple[str, ...],
    done: bool | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Remove a post: delete it where it is out, and cancel it where it is not.

    Shows what would be removed and asks; without a terminal it needs --yes. Exit code 3: some
    channel does not allow it, 1: none does. Where the platform cannot delete, remove it by hand,
    then say --done.

    \b
    broadcaster recall 12
    broadcaster recall 12 --to news-telegram --yes
    broadcaster recall 12 --to news-eitaa --done
    """
    if done is not None:
        if dry_run:
            return _try_by_hand(shell, post, to, gone=done, as_json=as_json)
        return _note_by_hand(shell, post, to, gone=done, as_json=as_json)
    with shell.queue() as store:
        if dry_run:
            tried = _tried_recall(shell, store, post, to)
            if as_json:
                print_json(
                    {"post": post, "removed": [*tried.channels], "refused": {**tried.refused}}
                )
            else:
                echo("\n".join(_recall_lines(shell, store, post, to)))
                echo(say("nothing was changed"))
            return SOME if tried.refused else 0
        if not yes:
            confirm(lambda: _recall_lines(shell, store, post, to), say("remove it?"))
        changed = change_one(
            shell,
            store,
            post,
            lambda: corrections.recall(shell.office, store, post, to, actor=actor()),
            say("post {post} is being removed", post=post),
            as_json=as_json,
        )
        tell_waiting(shell, store, store.post(post), changed.channels, say("the removal"))
    return SOME if changed.refused else 0


def _tried_recall(shell: Shell, store: Store, post: int, to: Sequence[str]) -> Changed:
    return corrections.recall(shell.office, store, post, to, actor=actor(), dry_run=True)


def _recall_lines(shell: Shell, store: Store, post: int, to: Sequence[str]) -> Iterator[str]:
    """What a recall would do: how the post begins, and what becomes of each channel."""
    view = store.post(post)
    tried = _tried_recall(shell, store, post, to)
    out = corrections.standing(view)
    yield head(shell, view)
    yield first_lines(view.post.source)
    yield from _listed("deleted", [name for name in tried.channels if name in out])
    yield from _listed("cancelled", [name for name in tried.channels if name not in out])
    yield from (
        say("not in {name}: {why}", name=name, why=why) for name, why in tried.refused.items()
    )


def _listed(what: str, channels: Sequence[str]) -> Iterator[str]:
    if channels:
        yield say(
            "{what} ({count:,}): {channels}",
            what=what,
            count=len(channels),
            channels=joined(", ", channels),
        )


@click.command("pin")
@post_argument
@only_option
@click.option("--replace", is_flag=True, help="Unpin what we pinned there before.")
@json_option
@click.pass_obj
def pin_command(shell: Shell, post: int, to: tuple[str, ...], replace: bool, as_json: bool) -> int:
    """Pin a post in every channel whose platform can.

    Exit code 3: some channel cannot, 1: none can.

    \b
    broadcaster pin 12
    broadcaster pin 12 --to domestic
    """
    with shell.queue() as store:
        changed = change_one(
            shell,
            store,
            post,
            lambda: corrections.pin(shell.office, store, post, to, actor=actor(), replace=replace),
            say("post {post} is being pinned", post=post),
            as_json=as_json,
        )
        tell_waiting(shell, store, store.post(post), changed.channels, say("the pin"))
    return SOME if changed.refused else 0


def _note_by_hand(
    shell: Shell, post: int, to: tuple[str, ...], *, gone: bool, as_json: bool
) -> int:
    with shell.queue() as store:
        changed = change_one(
            shell,
            store,
            post,
            lambda: corrections.by_hand(shell.office, store, post, to, gone=gone, actor=actor()),
            say(
                "post {post} was {more} by hand",
                post=post,
                more="removed" if gone else say("not removed"),
            ),
            as_json=as_json,
        )
    return SOME if changed.refused else 0


def _try_by_hand(shell: Shell, post: int, to: tuple[str, ...], *, gone: bool, as_json: bool) -> int:
    """Say what would be noted; returns the exit code that it would have."""
    with shell.queue() as store:
        tried = corrections.by_hand(
            shell.office, store, post, to, gone=gone, actor=actor(), dry_run=True
        )
    if as_json:
        print_json({"post": post, "noted": [*tried.channels], "refused": {**tried.refused}})
    else:
        channels = joined(", ", tried.channels)
        echo(say("would be noted: {channels}", channels=channels))
        tell_refused(tried.refused)
        echo(say("nothing was changed"))
    return SOME if tried.refused else 0


@click.command("unpin")
@post_argument
@only_option
@json_option
@click.pass_obj
def unpin_command(shell: Shell, post: int, to: tuple[str, ...], as_json: bool) -> int:
    """Unpin a post that we pinned, in every channel whose platform can; the post itself stays.

    Exit code 3: some channel cannot, 1: none can.

    \b
    broadcaster unpin 12
    broadcaster unpin 12 --to news-telegram
    """
    with shell.queue() as store:
        changed = change_one(
            shell,
            store,
            post,
            lambda: corrections.unpin(shell.office, store, post, to, actor=actor()),
            say("post {post} is being unpinned", post=post),
            as_json=as_json,
        )
        tell_waiting(shell, store, store.post(post), changed.channels, say("the unpinning"))
    return SOME if changed.refused else 0
