"""Where a post goes: as said, as the config has it, or as a person answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from broadcaster.app import posting
from broadcaster.app.office import Office
from broadcaster.app.posting import PostRequest, PreparedPost, Wish
from broadcaster.cli.asking import confirm
from broadcaster.cli.output import first_lines, plural, size
from broadcaster.cli.run import Shell, actor, interactive, note
from broadcaster.errors import InputError
from broadcaster.language import joined, say, shown
from broadcaster.model import Media


def drafted(office: Office, wish: Wish, *, now: datetime) -> PostRequest:
    """What ``wish`` means; whoever sits there is asked where to, if nothing says it.

    :raises InputError: nobody is there to ask, or it cannot be posted.
    """
    by = actor()
    try:
        return posting.drafted(office, wish, actor=by, now=now)
    except posting.NoTargets:
        if not interactive():
            raise
    return posting.drafted(office, replace(wish, to=_asked(office)), actor=by, now=now)


def attached(paths: Sequence[Path], media: Sequence[Media]) -> None:
    """Name each file that goes out: a text may name some that nobody typed."""
    for path, each in zip(paths, media, strict=True):
        note(say("attached: {path} ({size})", path=path, size=size(each.size)))


def agree(shell: Shell, prepared: PreparedPost, *, named: bool, yes: bool) -> None:
    """Ask before a post goes to several channels, or looks like a mistake.

    ``named``: its text names the attached files.

    :raises InputError: the answer is no.
    """
    if prepared.files and (interactive() or named):
        attached(prepared.files, prepared.draft.media)
    names = prepared.channels
    if yes or not interactive() or (len(names) == 1 and not prepared.plan.doubts):
        return
    lines = [
        first_lines(prepared.plan.source),
        say(
            "to {channels}: {names}",
            channels=plural(len(names), "channel"),
            names=joined(", ", names),
        ),
    ]
    if prepared.plan.expires:
        lines.append(say("expires: {when}", when=shell.times.show(prepared.plan.expires)))
    confirm(lambda: lines, say("post it?"), unchanged=say("nothing was queued"))


def _asked(office: Office) -> tuple[str, ...]:
    settings = office.settings
    for name, channel in settings.channels.items():
        note(
            say(
                "  {name:<20} {account:<12} {title}",
                name=name,
                account=channel.account,
                title=channel.channel.title,
            ).rstrip()
        )
    for group, members in settings.groups.items():
        note(
            say(
                "  {group:<20} {channels}: {members}",
                group=group,
                channels=plural(len(members), "channel"),
                members=joined(", ", members),
            )
        )
    note(
        say(
            "  {value:<20} {channels}",
            value="all",
            channels=plural(len(settings.channels), "channel"),
        )
    )
    while True:
        names = tuple(click.prompt(shown(say("where to? (one or more names)")), err=True).split())
        try:
            settings.resolve(names)
        except InputError as error:
            note(str(error))
        else:
            return names
