"""``post``: from what a person types to a durable place in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option, names, outside_option, timeout_option, yes_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, did, interactive, note
from broadcaster.cli.texts import TextCommand

if TYPE_CHECKING:
    from broadcaster.app.posting import Draft, Prepared, Submission, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """What is shown and asked while one post is queued."""

    skip_invalid: bool
    wait: bool
    timeout: float | None
    yes: bool
    as_json: bool


@click.command("post", cls=TextCommand, no_args_is_help=False)
@click.argument("text", required=False)
@click.option("--file", metavar="F", help="Read the text from a UTF-8 file; - is standard input.")
@click.option(
    "--batch", is_flag=True, help="Read many posts from standard input, a JSON object a line."
)
@click.option(
    "--to",
    multiple=True,
    metavar="NAME",
    shell_complete=names,
    help="Channel, group, account, foreign, domestic or all; repeat it for several.",
)
@click.option(
    "--media",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="F",
    help="Attach a picture, video, voice or document; several become an album.",
)
@click.option("--at", metavar="WHEN", help="When: 1405/09/02 14:30, فردا ۸ صبح, in 2h, next-slot.")
@click.option("--expires", metavar="WHEN", help="Not begun by then: missed, never sent late.")
@click.option("--remove-at", metavar="WHEN", help="Removed from its channels then, as 7d after it.")
@click.option("--urgent", is_flag=True, help="Goes out in quiet hours, too.")
@click.option("--key", metavar="K", help="The same key and content again queues nothing new.")
@click.option("--silent", is_flag=True, help="Notify no reader, where the platform can.")
@click.option("--pin", is_flag=True, help="Pin it in each channel, where the platform can.")
@click.option("--replace-pin", is_flag=True, help="Pin it, and unpin what we pinned there before.")
@click.option("--no-preview", is_flag=True, help="Show no preview of links, likewise.")
@click.option(
    "--text-for",
    multiple=True,
    metavar="NAME=TEXT",
    help="Another text for a channel or group; NAME=@F reads a file, @@ is a literal @.",
)
@click.option(
    "--reply-to", type=click.IntRange(min=1), metavar="POST", help="Answer a post of ours."
)
@click.option("--test", is_flag=True, help="Post to the test channel only.")
@click.option("--draft", is_flag=True, help="Keep it; nothing is sent.")
@click.option("--dry-run", is_flag=True, help="Show what would appear where; queue nothing.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="With --dry-run: write it as a page that shows each channel as its readers would see it.",
)
@click.option(
    "--skip-invalid",
    is_flag=True,
    help="Leave out the channels that cannot take it, and say which.",
)
@click.option("--allow-long", is_flag=True, help="Allow more than ten messages per channel.")
@outside_option
@yes_option
@click.option("--wait", is_flag=True, help="Follow it until every delivery is settled.")
@timeout_option
@json_option
@click.pass_obj
def post_command(
    shell: Shell,
    text: str | None,
    file: str | None,
    batch: bool,
    to: tuple[str, ...],
    media: tuple[Path, ...],
    at: str | None,
    expires: str | None,
    remove_at: str | None,
    urgent: bool,
    key: str | None,
    silent: bool,
    pin: bool,
    replace_pin: bool,
    no_preview: bool,
    text_for: tuple[str, ...],
    reply_to: int | None,
    test: bool,
    draft: bool,
    dry_run: bool,
    html: Path | None,
    skip_invalid: bool,
    allow_long: bool,
    allow_outside: bool,
    yes: bool,
    wait: bool,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Queue a post for your channels.

    TEXT is Markdown; without it, --file or --media the text is read from standard input. A file may
    carry the options above its text, between two lines of ---, and pictures within it. Once this
    returns, the post survives crashes and power cuts. With --wait: 3 not delivered everywhere, 4
    unknown somewhere.

    \b
    broadcaster post "ساعت کار اداره از فردا **۸ تا ۱۴** است."
    broadcaster post --file خبر.md --media پوستر.jpg --to domestic --dry-run
    broadcaster post --file خبر.md --at "شنبه ۹" --expires "شنبه ۱۲"
    broadcaster post "آزمایش" --test --wait
    broadcaster post --batch --key 1405-09-02 < خبرها.jsonl
    """
    from broadcaster.app.posting import Wish, completed
    from broadcaster.cli.source import read_source, texts_for
    from broadcaster.cli.where import drafted
    from broadcaster.errors import InputError

    office, now = shell.office, shell.times.now()
    wish = Wish(
        text="" if batch else read_source(text, file, required=not (media or text_for)),
        to=to,
        media=media,
        at=at,
        expires=expires,
        remove_at=remove_at,
        urgent=urgent,
        key=key,
        reply_to=reply_to,
        silent=silent,
        pin="replace" if replace_pin else pin,
        preview=not no_preview,
        allow_long=allow_long,
        allow_outside=allow_outside,
        texts={} if batch else texts_for(text_for),
        test=test,
        draft=draft,
    )
    if batch:
        from broadcaster.cli.batch import post_batch

        one = {"TEXT": text, "--file": file, "--media": media, "--text-for": text_for}
        more = {"--reply-to": reply_to, "--html": html, "--wait": wait}
        if alone := [name for name, given in (one | more).items() if given]:
            raise InputError(f"{alone[0]} is for one post; in a batch, each line says it")
        if skip_invalid:
            raise InputError("a batch is queued as a whole; leave out --skip-invalid")
        return post_batch(shell, wish, dry_run=dry_run, as_json=as_json)
    if file is not None:
        wish = completed(wish, Path(file))
    said = drafted(office, wish, now=now)
    how = _How(skip_invalid=skip_invalid, wait=wait, timeout=timeout, yes=yes, as_json=as_json)
    if wait and dry_run:
        raise InputError("a dry run queues nothing, so there is nothing to wait for; drop --wait")
    if html and not dry_run:
        raise InputError("--html shows a dry run; add --dry-run, or leave it out")
    _check_wait(said, how, now)
    if said.due:
        note(f"at: {shell.times.show(said.due)}")
    if dry_run:
        return _preview(shell, wish, said, how, html=html, now=now)
    return _queue(shell, wish, said, how, typed=media, now=now)


def _check_wait(said: Draft, how: _How, now: datetime) -> None:
    """:raises InputError: there would be nothing to wait for."""
    from broadcaster.errors import InputError

    wait, timeout = how.wait, how.timeout
    if timeout is not None and not wait:
        raise InputError("--timeout belongs to --wait; add --wait, or leave it out")
    if wait and said.draft:
        raise InputError("a draft is not sent, so there is nothing to wait for; drop --wait")
    if wait and timeout is not None and said.due and (said.due - now).total_seconds() > timeout:
        raise InputError(
            "it is due only after the --timeout has passed; wait longer, or drop --wait"
        )


def _preview(
    shell: Shell, wish: Wish, said: Draft, how: _How, *, html: Path | None, now: datetime
) -> int:
    """Show what would appear where; returns the exit code."""
    from broadcaster.app.posting import preview
    from broadcaster.app.preview import plan_json
    from broadcaster.cli.output import print_json
    from broadcaster.cli.preview import show_plan, write_page

    office, times = shell.office, shell.times
    shown = preview(office, wish, said, now=now, skip_invalid=how.skip_invalid)
    if html:
        write_page(office, times, shown.plan, html)
    if how.as_json:
        print_json(plan_json(times, shown.plan, now))
    else:
        show_plan(office, times, shown.plan)
    return 0 if shown.ok else 2


def _queue(
    shell: Shell, wish: Wish, said: Draft, how: _How, *, typed: tuple[Path, ...], now: datetime
) -> int:
    """Queue it and say so; ``typed``: the files that stand on the command line."""
    from broadcaster.app.posting import WaitsFor, prepare, queue, unattended
    from broadcaster.cli.output import print_json

    office = shell.office
    with shell.queue() as store:
        prepared = prepare(office, store, wish, said, now=now, skip_invalid=how.skip_invalid)
        _agree(prepared, how, named=wish.media != typed)
        queued = queue(office, store, prepared, now=now)
        did(f"post {queued.post} is in the queue")
        if queued.existing and not how.as_json:
            state = store.post(queued.post).state
            echo(f"post {queued.post} has this key already, nothing new was queued ({state})")
        elif not how.as_json:
            _tell(shell, queued, follows=how.wait)
        sends = queued.waits_for in (WaitsFor.NOTHING, WaitsFor.HOUR)
        if sends and not how.wait and unattended(store):
            note("no daemon is running: it waits until one does (broadcaster daemon)")
        code = 0
        if how.wait:
            from broadcaster.cli.progress import follow

            view, code = follow(shell, store, queued.post, timeout=how.timeout, quiet=how.as_json)
        elif how.as_json:
            view = store.post(queued.post)
        if how.as_json:
            left_out = [{"channel": name, "reason": why} for name, why in queued.skipped.items()]
            shown = {**office.view_json(view), "existing": queued.existing}
            print_json({**shown, "skipped": left_out} if how.skip_invalid else shown)
        return code


def _agree(prepared: Prepared, how: _How, *, named: bool) -> None:
    """Say what will differ from what was written, and ask; ``named``: a text names its files.

    :raises InputError: the answer is no, or there would be nothing to wait for.
    """
    from broadcaster.app.posting import WaitsFor
    from broadcaster.cli.preview import remark
    from broadcaster.cli.where import attached, confirm
    from broadcaster.errors import InputError

    if how.wait and prepared.waits_for is WaitsFor.APPROVAL:
        raise InputError("it waits for approval first, so there is nothing to follow; drop --wait")
    for name, why in prepared.skipped.items():
        note(f"skipped: {name}: {why}")
    remark(prepared.plan)
    if prepared.files and (interactive() or named):
        attached(prepared.files, prepared.draft.media)
    if len(prepared.channels) > 1 and interactive() and not how.yes:
        confirm(prepared.channels)


def _tell(shell: Shell, queued: Submission, *, follows: bool) -> None:
    from broadcaster.app.posting import WaitsFor
    from broadcaster.cli.output import plural

    post, planned, waits_for = queued.post, queued.plan, queued.waits_for
    off = [each for each in planned.channels if each.off]
    where = plural(len(planned.channels) - len(off), "channel")
    if waits_for is WaitsFor.APPROVAL:
        echo(f"post {post} waits for approval, for {where}; nothing is sent")
        note(f"somebody else lets it go: broadcaster approve {post}")
        return
    if waits_for is WaitsFor.AUTHOR:
        echo(f"draft {post} is kept for {where}; nothing is sent")
        return
    if waits_for is WaitsFor.CHANNELS:
        echo(f"post {post} is held: all its channels are off")
        return
    if planned.due is None:
        echo(f"post {post} goes out now to {where}")
    else:
        echo(f"post {post} goes out to {where}: {shell.times.show(planned.due)}")
        note(f"until then: broadcaster cancel {post}")
    if not follows:
        note(f"follow it: broadcaster watch {post}")
