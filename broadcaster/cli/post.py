"""``post``: from what a person types to a durable place in the queue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from broadcaster.app.closed import way_out, why
from broadcaster.app.office import Store
from broadcaster.app.posting import (
    PostRequest,
    PreparedPost,
    Submission,
    WaitsFor,
    Wish,
    completed,
    prepare,
    preview,
    queue,
    unattended,
)
from broadcaster.app.preview import plan_json
from broadcaster.cli.options import json_option, names, outside_option, timeout_option, yes_option
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.preview import remark, show_plan, write_page
from broadcaster.cli.run import Shell, actor, did, interactive, note
from broadcaster.cli.source import read_source, texts_for
from broadcaster.cli.texts import TextCommand
from broadcaster.cli.where import agree, drafted
from broadcaster.errors import InputError
from broadcaster.language import joined, say


class PostOptions(TypedDict):
    """What ``post`` is given, by the names of its options."""

    text: str | None
    file: str | None
    batch: bool
    like: int | None
    to: tuple[str, ...]
    media: tuple[Path, ...]
    convert: bool | None
    album: str | None
    at: str | None
    expires: str | None
    remove_at: str | None
    urgent: bool
    key: str | None
    silent: bool
    pin: bool
    replace_pin: bool
    no_preview: bool
    text_for: tuple[str, ...]
    reply_to: int | None
    test: bool
    draft: bool
    dry_run: bool
    html: Path | None
    skip_invalid: bool
    allow_long: bool
    allow_outside: bool
    yes: bool
    wait: bool
    timeout: float | None
    as_json: bool


@click.command("post", cls=TextCommand, no_args_is_help=False)
@click.argument("text", required=False)
@click.option("--file", metavar="F", help="Read the text from a UTF-8 file; - is standard input.")
@click.option(
    "--batch",
    is_flag=True,
    help="Post many: TEXT is a file, F.csv or of JSON lines; without one, standard input.",
)
@click.option(
    "--like",
    type=click.IntRange(min=1),
    metavar="POST",
    help="Begin from an old post: its text, files, options and channels hold where you say none.",
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
    help="Attach pictures, videos, voices or documents, such as عکس*.jpg; several become an album.",
)
@click.option(
    "--convert/--no-convert",
    default=None,
    help="Convert pictures that a platform refuses; default: as the config says.",
)
@click.option(
    "--album",
    type=click.Choice(["all", "first"]),
    metavar="WHICH",
    help="Of several pictures where there are no albums: all, or the first; default: the config.",
)
@click.option("--at", metavar="WHEN", help="When: 1405/09/02 14:30, فردا ۸ صبح, in 2h, next-slot.")
@click.option("--expires", metavar="WHEN", help="Do not begin to send it after this time.")
@click.option("--remove-at", metavar="WHEN", help="Remove it from its channels then, or 7d after.")
@click.option("--urgent", is_flag=True, help="Send it in quiet hours, too.")
@click.option(
    "--key", metavar="K", help="Queue it only once: the same key and content again is not queued."
)
@click.option("--silent", is_flag=True, help="Do not notify readers, where the platform can.")
@click.option("--pin", is_flag=True, help="Pin it in each channel, where the platform can.")
@click.option("--replace-pin", is_flag=True, help="Pin it, and unpin what we pinned there before.")
@click.option(
    "--no-preview", is_flag=True, help="Show no preview of links, where the platform can."
)
@click.option(
    "--text-for",
    multiple=True,
    metavar="NAME=TEXT",
    help="Another text for a channel or group; NAME=@F reads a file, @@ is a literal @.",
)
@click.option(
    "--reply-to",
    type=click.IntRange(min=1),
    metavar="POST",
    help="Reply to an earlier post of ours.",
)
@click.option("--test", is_flag=True, help="Post to the test channel only.")
@click.option("--draft", is_flag=True, help="Save it as a draft; nothing is sent.")
@click.option(
    "--dry-run", is_flag=True, help="Show what each channel would receive; queue nothing."
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="With --dry-run: write a page that shows each channel as its readers would see it.",
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
def post_command(shell: Shell, **given: Unpack[PostOptions]) -> int:
    """Queue a post for your channels.

    TEXT is Markdown; without it, --file or --media the text is read from standard input. A file may
    carry the options above its text, between two lines of ---, and pictures within it. Once this
    returns, the post survives crashes and power cuts. Exit codes with --wait: 3 not delivered
    everywhere, 4 unknown somewhere.

    \b
    broadcaster post "ساعت کار اداره از فردا **۸ تا ۱۴** است."
    broadcaster post --file خبر.md --media پوستر.jpg --to domestic --dry-run
    broadcaster post --file خبر.md --at "شنبه ۹" --expires "شنبه ۱۲"
    broadcaster post "آزمایش" --test --wait
    broadcaster post --like 12 --at "شنبه ۹" --dry-run
    broadcaster post --batch خبرها.csv --dry-run
    broadcaster post --batch --key 1405-09-02 < خبرها.jsonl
    """
    if given["batch"]:
        return _post_batch(shell, given)
    now = shell.times.now()
    wish = _wish(given)
    if given["like"]:
        wish = _begun_from(shell, wish, given["like"])
    draft = drafted(shell.office, wish, now=now)
    _check(given, draft, now)
    if draft.due:
        note(say("at: {when}", when=shell.times.show(draft.due)))
    if given["dry_run"]:
        return _preview(shell, wish, draft, given, now=now)
    return _queue(shell, wish, draft, given, now=now)


def _wish(given: PostOptions) -> Wish:
    """What is to be posted, as typed, with what its file adds.

    :raises InputError: no text, or two; a file that cannot be read.
    """
    batch, file = given["batch"], given["file"]
    needs_text = not (given["media"] or given["text_for"] or given["like"])
    wish = Wish(
        text="" if batch else read_source(given["text"], file, required=needs_text),
        texts={} if batch else texts_for(given["text_for"]),
        to=given["to"],
        media=given["media"],
        at=given["at"],
        expires=given["expires"],
        remove_at=given["remove_at"],
        urgent=given["urgent"],
        key=given["key"],
        reply_to=given["reply_to"],
        silent=given["silent"],
        pin="replace" if given["replace_pin"] else given["pin"],
        preview=not given["no_preview"],
        allow_long=given["allow_long"],
        convert=given["convert"],
        album=given["album"] or "",
        allow_outside=given["allow_outside"],
        test=given["test"],
        draft=given["draft"],
    )
    return wish if file is None else completed(wish, Path(file))


def _begun_from(shell: Shell, wish: Wish, post: int) -> Wish:
    """:raises InputError: there is no such post, or it cannot be begun from."""
    from broadcaster.app import likeness  # few posts are like another

    with shell.queue() as store:
        for name in likeness.gone_from(shell.office, store, post):
            note(f"not to {name}: the config does not have that channel any more")
        return likeness.begun_from(shell.office, store, wish, post)


def _post_batch(shell: Shell, given: PostOptions) -> int:
    """Queue a post for each line of a file, which stands where a text would, or of standard input.

    :raises InputError: an option that a line says, or a line that cannot be queued.
    """
    from broadcaster.cli.batch import post_batch  # one post needs none of it

    for_one = {
        "--like": given["like"],
        "--file": given["file"],
        "--media": given["media"],
        "--text-for": given["text_for"],
        "--reply-to": given["reply_to"],
        "--html": given["html"],
        "--wait": given["wait"],
    }
    if alone := [name for name, value in for_one.items() if value]:
        raise InputError(
            say("{alone} is for one post; in a batch, each line says it", alone=alone[0])
        )
    if given["skip_invalid"]:
        raise InputError(say("a batch is queued as a whole; leave out --skip-invalid"))
    return post_batch(
        shell,
        given["text"],
        _wish(given),
        dry_run=given["dry_run"],
        sure=given["yes"],
        as_json=given["as_json"],
    )


def _check(given: PostOptions, draft: PostRequest, now: datetime) -> None:
    """:raises InputError: options that do not go together."""
    wait, timeout = given["wait"], given["timeout"]
    if wait and given["dry_run"]:
        raise InputError(
            say("a dry run queues nothing, so there is nothing to wait for; drop --wait")
        )
    if given["html"] and not given["dry_run"]:
        raise InputError(say("--html shows a dry run; add --dry-run, or leave it out"))
    if timeout is not None and not wait:
        raise InputError(say("--timeout belongs to --wait; add --wait, or leave it out"))
    if wait and draft.draft:
        raise InputError(say("a draft is not sent, so there is nothing to wait for; drop --wait"))
    if wait and timeout is not None and draft.due and (draft.due - now).total_seconds() > timeout:
        raise InputError(
            say("it is due only after the --timeout has passed; wait longer, or drop --wait")
        )


def _preview(
    shell: Shell, wish: Wish, draft: PostRequest, given: PostOptions, *, now: datetime
) -> int:
    """Show what would appear where; returns the exit code."""
    office, times = shell.office, shell.times
    shown = preview(office, wish, draft, now=now, skip_invalid=given["skip_invalid"])
    if given["html"]:
        write_page(office, times, shown.plan, given["html"])
    if given["as_json"]:
        print_json(plan_json(times, shown.plan, now))
    else:
        show_plan(office, times, shown.plan)
    return 0 if shown.ok else 2


def _queue(
    shell: Shell, wish: Wish, draft: PostRequest, given: PostOptions, *, now: datetime
) -> int:
    """Queue it and say so; returns the exit code."""
    office, by = shell.office, actor()
    sure = given["yes"] or interactive()
    skip_invalid, wait, as_json = given["skip_invalid"], given["wait"], given["as_json"]
    with shell.queue() as store:
        prepared = prepare(office, store, wish, draft, now=now, skip_invalid=skip_invalid)
        _agree(shell, prepared, given)
        queued = queue(office, store, prepared, actor=by, now=now, sure=sure)
        did(say("post {post} is in the queue", post=queued.post))
        if not as_json:
            _tell(shell, store, queued, follows=wait)
        sends = queued.waits_for in (WaitsFor.NOTHING, WaitsFor.HOUR)
        if sends and not wait and unattended(store):
            note(say("no daemon is running: it waits until one does (broadcaster daemon)"))
        code = _follow(shell, store, queued, given) if wait else 0
        if as_json:
            _print(shell, store, queued, skip_invalid=skip_invalid)
        return code


def _follow(shell: Shell, store: Store, queued: Submission, given: PostOptions) -> int:
    from broadcaster.cli.progress import follow  # only with --wait

    _, code = follow(shell, store, queued.post, timeout=given["timeout"], quiet=given["as_json"])
    return code


def _print(shell: Shell, store: Store, queued: Submission, *, skip_invalid: bool) -> None:
    from broadcaster.app.views import post_json  # only with --json

    shown = {**post_json(shell.office, store.post(queued.post)), "existing": queued.existing}
    left_out = [{"channel": name, "reason": why} for name, why in queued.skipped.items()]
    print_json({**shown, "skipped": left_out} if skip_invalid else shown)


def _agree(shell: Shell, prepared: PreparedPost, given: PostOptions) -> None:
    """Say what will differ from what was written, and ask.

    :raises InputError: the answer is no, or there would be nothing to wait for.
    """
    if given["wait"] and prepared.waits_for is WaitsFor.APPROVAL:
        raise InputError(
            say("it waits for approval first, so there is nothing to follow; drop --wait")
        )
    for name, reason in prepared.skipped.items():
        note(say("skipped: {name}: {reason}", name=name, reason=reason))
    remark(prepared.plan)
    agree(shell, prepared, named=prepared.files != given["media"], yes=given["yes"])


def _tell(shell: Shell, store: Store, queued: Submission, *, follows: bool) -> None:
    post, planned, waits_for = queued.post, queued.plan, queued.waits_for
    if queued.existing:
        state = store.post(post).state
        echo(
            say(
                "post {post} has this key already, nothing new was queued ({state})",
                post=post,
                state=state,
            )
        )
        return
    shut = {name for each in queued.closed for name in each.channels}
    channels = len(planned.channels)
    where = plural(channels - len(shut), "channel")
    match waits_for:
        case WaitsFor.APPROVAL:
            echo(
                say(
                    "post {post} waits for approval, for {channels}; nothing is sent",
                    post=post,
                    channels=plural(channels, "channel"),
                )
            )
            note(say("somebody else approves it: broadcaster approve {post}", post=post))
            return
        case WaitsFor.AUTHOR:
            echo(
                say(
                    "draft {post} is kept for {channels}; nothing is sent",
                    post=post,
                    channels=plural(channels, "channel"),
                )
            )
            return
        case WaitsFor.CHANNELS:
            reasons = joined("; ", (why(shell.office, each) for each in queued.closed))
            echo(say("post {post} waits: {reasons}", post=post, reasons=reasons))
        case _ if planned.due is None:
            echo(say("post {post} goes out now to {where}", post=post, where=where))
        case _:
            echo(
                say(
                    "post {post} goes out to {where}: {when}",
                    post=post,
                    where=where,
                    when=shell.times.show(planned.due),
                )
            )
    if planned.due is not None:
        note(say("until then: broadcaster cancel {post}", post=post))
    for each in queued.closed:
        if waits_for is not WaitsFor.CHANNELS:
            note(
                say(
                    "not to {channels}: {why}",
                    channels=joined(", ", each.channels),
                    why=why(shell.office, each),
                )
            )
        note(say("to send it there: {way_out}", way_out=way_out(shell.office, each, post)))
    if not follows:
        note(say("follow it: broadcaster watch {post}", post=post))
