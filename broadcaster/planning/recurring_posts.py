"""From a schedule to a post: its files taken in, and rendered for the hour that was meant."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.files import Ground, Opener, read_all, shown, utf8
from broadcaster.language import joined, say
from broadcaster.model import Door, Media, Options
from broadcaster.planning.announcement import Wish, completed
from broadcaster.planning.conversions import Convert, conversions
from broadcaster.planning.plan import Plan, PostRequest, micros, new_post, plan, reasons
from broadcaster.planning.recurring import Recurring
from broadcaster.planning.times import Ending, Times
from broadcaster.store.submit import NewPost

Taken: TypeAlias = Callable[[Path], Media]
"""Says what a file is, and may keep it.  :raises InputError: it cannot be read."""


def from_ground(
    recurring: Recurring, ground: Ground, take: Callable[[Path, Opener], Media]
) -> Recurring:
    """What the files of a config say now, as far as they may be read on ``ground``.

    What a file of text names must lie below that file's folder.

    :raises InputError: a file may not be read, or says what nothing that recurs can have.
    """

    def text(path: Path) -> bytes:
        with ground.open(path) as file:
            return read_all(file, shown(path))

    def media(path: Path) -> Media:
        inside = Path(os.path.normpath(path)).is_relative_to(Path(recurring.file).parent)
        if str(path) not in recurring.media and not inside:
            raise InputError(
                say(
                    "{path} does not lie below the folder of {file}: put it there, or "
                    "name it in the config",
                    path=shown(path),
                    file=shown(recurring.file),
                )
            )
        return take(path, ground.open)

    return content(recurring, text, media)


def content(recurring: Recurring, text: Callable[[Path], bytes], media: Taken) -> Recurring:
    """``recurring`` with what its files say now in their place.

    :raises InputError: a file cannot be read, or says what nothing that recurs can have.
    """
    wish = Wish(
        text=recurring.text,
        to=recurring.to,
        media=tuple(map(Path, recurring.media)),
        silent=recurring.silent,
        pin=recurring.pin,
        preview=recurring.preview,
        allow_long=recurring.allow_long,
        urgent=recurring.urgent,
        remove_at=recurring.remove_at or None,
        convert=recurring.convert,
        album=recurring.album,
        allow_outside=recurring.allow_outside,
    )
    digest = ""
    if recurring.file:
        source = text(Path(recurring.file))
        digest = sha256(source).hexdigest()
        wish = replace(wish, text=utf8(source, shown(recurring.file)))
        wish = completed(wish, Path(recurring.file))
    for name, value in (("at", wish.at), ("key", wish.key)):
        if value is not None:
            raise InputError(
                say(
                    '{file}: what recurs has its {whose} from its schedule; take "{name}" '
                    "out of the front matter",
                    file=recurring.file,
                    whose=_WHOSE[name],
                    name=name,
                )
            )
    return replace(
        recurring,
        text=wish.text,
        to=wish.to,
        attached=tuple(map(media, wish.media)),
        expires=wish.expires or "",
        remove_at=wish.remove_at or "",
        reply_to=wish.reply_to,
        silent=wish.silent,
        pin=wish.pin,
        preview=wish.preview,
        allow_long=wish.allow_long,
        urgent=wish.urgent,
        convert=wish.convert,
        album=wish.album,
        file="",
        media=(),
        taken_from=recurring.file,
        taken_digest=digest,
        taken_media=tuple(map(str, wish.media)),
    )


def draft(settings: Settings, recurring: Recurring, at: datetime) -> PostRequest:
    """What would be posted at ``at``; no file is opened for it.

    :raises InputError: nothing says where to, or its ``expires`` cannot be.
    """
    assert not recurring.names_files, "its content was not taken in"
    to = recurring.to or settings.default_to
    if not to:
        raise InputError(
            say('nothing says where to: add --to NAME, or "to: NAME" to the front matter')
        )
    return PostRequest(
        source=recurring.text,
        to=to,
        media=recurring.attached,
        options=Options(
            silent=recurring.silent,
            pin=recurring.pin,
            preview=recurring.preview,
            allow_long=recurring.allow_long,
            urgent=recurring.urgent,
            convert=recurring.convert,
            album=recurring.album,
        ),
        due=at,
        expires=_ending(settings, recurring.expires, at),
        remove_at=_ending(settings, recurring.remove_at, at),
        reply_to=recurring.reply_to,
        author=recurring.author,
        door=Door.SCHEDULE,
    )


_WHOSE = {"at": "hour", "key": "key"}


def _ending(settings: Settings, said: str, at: datetime) -> Ending | None:
    """Counted from the occurrence: "in 3h", "7d", «فردا ۸ صبح»."""
    return Times(settings).ending(said, at) if said else None


def post(
    settings: Settings,
    platforms: Mapping[str, Platform],
    recurring: Recurring,
    key: str,
    at: datetime,
    now: datetime,
    *,
    convert: Convert,
) -> NewPost:
    """The post of the occurrence at ``at``, for the store; ``recurring`` has its content.

    :raises InputError: some channel cannot take it: nothing is posted then.
    """
    request = replace(draft(settings, recurring, at), key=key)
    to = settings.resolve(request.to)
    made = conversions(settings, platforms, request.media, request.options, to, convert)
    request = replace(request, converted=made)
    planned = plan(settings, platforms, request, now=now)
    check(planned)
    new = new_post(request, planned, now=now)
    if recurring.missed != "all":
        return new
    # Wanted however late it is: what was missed may begin for as long as if it were due now.
    late = max(0, micros(now) - micros(planned.due or at))
    targets = tuple(
        target._replace(deadline=None if target.deadline is None else target.deadline + late)
        for target in new.targets
    )
    lapses_at = None if new.lapses_at is None else new.lapses_at + late
    return replace(new, targets=targets, lapses_at=lapses_at)


def check(planned: Plan) -> None:
    """:raises InputError: some channel cannot take it; each is named."""
    if refused := reasons(planned.channels):
        raise InputError(
            say("these channels cannot take it: {refused}", refused=joined("; ", refused))
        )
