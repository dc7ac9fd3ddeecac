"""Where a post goes: as said, as the config has it, or as a person answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from broadcaster.app.office import Office
from broadcaster.cli.output import plural, size
from broadcaster.cli.run import interactive, note
from broadcaster.errors import InputError
from broadcaster.model import Media


def targets(office: Office, to: Sequence[str], *, test: bool) -> tuple[str, ...]:
    """The names to post to.

    :raises InputError: nothing says where, and nobody is there to ask.
    """
    settings = office.settings
    if test:
        if to:
            raise InputError("--test posts to the test channel only; leave out --to")
        if settings.test_channel is None:
            raise InputError(
                f'there is no test channel: write test_channel = "…" in {settings.path}'
            )
        return (settings.test_channel,)
    if to:
        return tuple(to)
    if settings.default_to:
        return settings.default_to
    if not settings.channels:
        raise InputError(
            f"there are no channels yet; add [channels.NAME] tables to {settings.path}"
        )
    if not interactive():
        raise InputError(
            "nothing says where to: add --to NAME (a channel, group, account, foreign, domestic or"
            f' all), or default_to = ["…"] in {settings.path}'
        )
    return _asked(office)


def attached(paths: Sequence[Path], media: Sequence[Media]) -> None:
    """Name each file that goes out: a text may name some that nobody typed."""
    for path, each in zip(paths, media, strict=True):
        note(f"attached: {path} ({size(each.size)})")


def confirm(names: Sequence[str]) -> None:
    """Ask before a post goes to many channels.  :raises InputError: the answer is no."""
    note(f"to {plural(len(names), 'channel')}: {', '.join(names)}")
    if not click.confirm("post it?", err=True):
        raise InputError("nothing was queued")


def _asked(office: Office) -> tuple[str, ...]:
    settings = office.settings
    for name, channel in settings.channels.items():
        note(f"  {name:<20} {channel.account:<12} {channel.channel.title}".rstrip())
    for group, members in settings.groups.items():
        note(f"  {group:<20} {plural(len(members), 'channel')}: {', '.join(members)}")
    note(f"  {'all':<20} {plural(len(settings.channels), 'channel')}")
    while True:
        names = tuple(click.prompt("where to? (one or more names)", err=True).split())
        try:
            settings.resolve(names)
        except InputError as error:
            note(str(error))
        else:
            return names
