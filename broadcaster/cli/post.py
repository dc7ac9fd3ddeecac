"""``post``: from what a person types to a durable place in the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option, names, outside_option, timeout_option, yes_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, did, interactive, note, person
from broadcaster.cli.texts import TextCommand

if TYPE_CHECKING:
    from broadcaster.model import Media
    from broadcaster.planning.announcement import Wish
    from broadcaster.planning.plan import Draft, Plan


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
@click.option("--at", metavar="WHEN", help="When: 1405/09/02 14:30, فردا ۸ صبح, in 2h, ISO 8601.")
@click.option("--expires", metavar="WHEN", help="Not begun by then: missed, never sent late.")
@click.option("--key", metavar="K", help="The same key and content again queues nothing new.")
@click.option("--silent", is_flag=True, help="Notify no reader, where the platform can.")
@click.option("--pin", is_flag=True, help="Pin it in each channel, where the platform can.")
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
    key: str | None,
    silent: bool,
    pin: bool,
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
    from broadcaster.app.preview import plan_json
    from broadcaster.cli.output import print_json
    from broadcaster.cli.preview import remark, show_plan, write_page
    from broadcaster.cli.source import read_source, texts_for
    from broadcaster.cli.where import attached, confirm, targets
    from broadcaster.errors import InputError
    from broadcaster.model import Options
    from broadcaster.planning.announcement import Wish, completed
    from broadcaster.planning.plan import Draft
    from broadcaster.text.intake import checked_word

    office, times = shell.office, shell.times
    now = times.now()
    wish = Wish(
        text="" if batch else read_source(text, file, required=not (media or text_for)),
        to=to,
        media=media,
        at=at,
        expires=expires,
        key=key,
        reply_to=reply_to,
        silent=silent,
        pin=pin,
        preview=not no_preview,
        allow_long=allow_long,
        allow_outside=allow_outside,
    )
    if batch:
        from broadcaster.cli.batch import Manner, post_batch

        one = {"TEXT": text, "--file": file, "--media": media, "--text-for": text_for}
        more = {"--reply-to": reply_to, "--html": html, "--wait": wait}
        if alone := [name for name, given in (one | more).items() if given]:
            raise InputError(f"{alone[0]} is for one post; in a batch, each line says it")
        if skip_invalid:
            raise InputError("a batch is queued as a whole; leave out --skip-invalid")
        manner = Manner(draft=draft, test=test, dry_run=dry_run)
        return post_batch(shell, wish, manner, as_json=as_json)
    if file is not None:
        wish = completed(wish, Path(file))
    if wish.key is not None and not wish.key.strip():
        raise InputError("--key is empty; give a word that stands for this announcement, or none")
    if wish.key is not None:
        checked_word(wish.key, "the key")
    due = None if wish.at is None else times.parse(wish.at, now)
    said = Draft(
        source=wish.text,
        to=targets(office, to if test else wish.to, test=test),
        media=tuple(office.inspect_media(path) for path in wish.media),
        options=Options(
            silent=wish.silent,
            pin=wish.pin,
            preview=wish.preview,
            allow_long=wish.allow_long,
            test=test,
        ),
        texts=texts_for(text_for),
        due=due if due != now else None,
        expires=None if wish.expires is None else times.parse(wish.expires, now),
        key=wish.key,
        reply_to=wish.reply_to,
        author=person(),
        draft=draft,
    )
    if wait and dry_run:
        raise InputError("a dry run queues nothing, so there is nothing to wait for; drop --wait")
    if html and not dry_run:
        raise InputError("--html shows a dry run; add --dry-run, or leave it out")
    _check_wait(said, wait=wait, timeout=timeout, now=now)
    if said.due:
        note(f"at: {times.show(said.due)}")
    if dry_run:
        _judge_times(shell, wish, now)
        planned = office.plan(said, now=now)
        if html:
            write_page(office, times, planned, html)
        if as_json:
            print_json(plan_json(times, planned, now))
        else:
            show_plan(office, times, planned)
        left = planned.without_refused() if skip_invalid else planned
        return 0 if left.ok and left.channels else 2
    with shell.queue() as store:
        if said.key is not None and store.keyed(said.key) is not None:
            said = replace(said, due=None, expires=None)  # a key stands for a content at any time
        else:
            _judge_times(shell, wish, now)
        if said.reply_to is not None:
            store.post(said.reply_to)
        planned = office.plan(said, now=now)
        skipped = planned.refused if skip_invalid else ()
        if len(skipped) < len(planned.channels):
            planned = planned.without_refused() if skipped else planned
        _refuse(planned)
        if wait and planned.needs_approval:
            raise InputError(
                "it waits for approval first, so there is nothing to follow; drop --wait"
            )
        for each in skipped:
            note(f"skipped: {each.settings.channel.name}: {each.reason}")
        remark(planned)
        if said.media and (interactive() or wish.media != media):
            attached(wish.media, said.media)
        channels = [each.settings.channel.name for each in planned.channels]
        if len(channels) > 1 and interactive() and not yes:
            confirm(channels)
        _keep(shell, wish.media, said.media)
        queued = office.submit(store, said, planned, now=now)
        did(f"post {queued.post} is in the queue")
        waits = draft or planned.needs_approval
        if queued.existing and not as_json:
            state = store.post(queued.post).state
            echo(f"post {queued.post} has this key already, nothing new was queued ({state})")
        elif not as_json:
            _tell(shell, queued.post, planned, draft=draft, follows=wait)
        settled = wait or waits or planned.held
        if not settled and not any(each.alive for each in store.daemons()):
            note("no daemon is running: it waits until one does (broadcaster daemon)")
        code = 0
        if wait:
            from broadcaster.cli.progress import follow

            view, code = follow(shell, store, queued.post, timeout=timeout, quiet=as_json)
        elif as_json:
            view = store.post(queued.post)
        if as_json:
            left_out = [
                {"channel": each.settings.channel.name, "reason": each.reason} for each in skipped
            ]
            shown = {**office.view_json(view), "existing": queued.existing}
            print_json({**shown, "skipped": left_out} if skip_invalid else shown)
        return code


def _check_wait(said: Draft, *, wait: bool, timeout: float | None, now: datetime) -> None:
    """:raises InputError: there would be nothing to wait for."""
    from broadcaster.errors import InputError

    if timeout is not None and not wait:
        raise InputError("--timeout belongs to --wait; add --wait, or leave it out")
    if wait and said.draft:
        raise InputError("a draft is not sent, so there is nothing to wait for; drop --wait")
    if wait and timeout is not None and said.due and (said.due - now).total_seconds() > timeout:
        raise InputError(
            "it is due only after the --timeout has passed; wait longer, or drop --wait"
        )


def _judge_times(shell: Shell, wish: Wish, now: datetime) -> None:
    """:raises InputError: one of them is past."""
    for when in (wish.at, wish.expires):
        if when is not None:
            shell.times.future(when, now)


def _refuse(planned: Plan) -> None:
    """:raises InputError: some channel cannot take it; each is named."""
    from broadcaster.errors import InputError
    from broadcaster.planning.plan import refusal

    if refused := refusal("nothing was queued; these channels cannot take it:", planned.channels):
        raise InputError(refused)


def _keep(shell: Shell, paths: tuple[Path, ...], inspected: tuple[Media, ...]) -> None:
    """Copy the files that were planned with.  :raises InputError: one has changed meanwhile."""
    from broadcaster.errors import InputError

    for path, seen in zip(paths, inspected, strict=True):
        if shell.office.take_media(path) != seen:
            raise InputError(f"{path} has changed just now; post it again once it is complete")


def _tell(shell: Shell, post: int, planned: Plan, *, draft: bool, follows: bool) -> None:
    from broadcaster.cli.output import plural

    off = [each for each in planned.channels if each.off]
    where = plural(len(planned.channels) - len(off), "channel")
    if planned.needs_approval:
        echo(f"post {post} waits for approval, for {where}; nothing is sent")
        note(f"somebody else lets it go: broadcaster approve {post}")
    elif draft:
        echo(f"draft {post} is kept for {where}; nothing is sent")
    elif planned.held:
        echo(f"post {post} is held: all its channels are off")
        return
    elif planned.due is None:
        echo(f"post {post} goes out now to {where}")
    else:
        echo(f"post {post} goes out to {where}: {shell.times.show(planned.due)}")
        note(f"until then: broadcaster cancel {post}")
    if not (follows or draft or planned.needs_approval):
        note(f"follow it: broadcaster watch {post}")
