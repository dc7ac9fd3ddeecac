"""From an occurrence to its post: the file as it is now, rendered for the hour that was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from broadcaster.adapter import Platform
from broadcaster.calendar import when
from broadcaster.config import Settings
from broadcaster.engine.announced import Wish, completed
from broadcaster.engine.plan import Draft, Plan, micros, new_post, plan
from broadcaster.engine.recurring import Recurring, source
from broadcaster.errors import InputError
from broadcaster.model import Media, Options
from broadcaster.store.queueing import NewPost


def draft(
    settings: Settings, recurring: Recurring, at: datetime, *, media: Callable[[Path], Media]
) -> Draft:
    """What would be posted at ``at``; ``media`` says what a file is, and may keep it.

    :raises InputError: a file cannot be read, or says what nothing that recurs can have.
    """
    wish = Wish(
        text=source(recurring),
        to=recurring.to,
        media=tuple(map(Path, recurring.media)),
        silent=recurring.silent,
        pin=recurring.pin,
        preview=recurring.preview,
        allow_long=recurring.allow_long,
        allow_outside=recurring.allow_outside,
    )
    if recurring.file:
        wish = completed(wish, Path(recurring.file))
    for name, value in (("at", wish.at), ("key", wish.key)):
        if value is not None:
            raise InputError(
                f"{recurring.file}: what recurs has its {_WHOSE[name]} from its schedule; take"
                f' "{name}" out of the front matter'
            )
    to = wish.to or settings.default_to
    if not to:
        raise InputError('nothing says where to: add --to NAME, or "to: NAME" to the front matter')
    return Draft(
        source=wish.text,
        to=to,
        media=tuple(map(media, wish.media)),
        options=Options(
            silent=wish.silent, pin=wish.pin, preview=wish.preview, allow_long=wish.allow_long
        ),
        due=at,
        expires=_expires(settings, wish, at),
        reply_to=wish.reply_to,
        author=recurring.author,
    )


_WHOSE = {"at": "hour", "key": "key"}


def _expires(settings: Settings, wish: Wish, at: datetime) -> datetime | None:
    """Counted from the occurrence: "in 3h", «فردا ۸ صبح»."""
    if wish.expires is None:
        return None
    zone, calendar = settings.timezone, settings.calendar
    return when.parse(wish.expires, now=at, zone=zone, calendar=calendar)


def post(
    settings: Settings,
    platforms: Mapping[str, Platform],
    recurring: Recurring,
    key: str,
    at: datetime,
    now: datetime,
    *,
    media: Callable[[Path], Media],
) -> NewPost:
    """The post of the occurrence at ``at``, for the store.

    :raises InputError: it cannot be read, or some channel cannot take it: nothing is posted then.
    """
    said = replace(draft(settings, recurring, at, media=media), key=key)
    planned = plan(settings, platforms, said, now=now)
    check(planned)
    new = new_post(said, planned, now=now)
    if recurring.missed != "all":
        return new
    # Wanted however late it is: what was missed may begin for as long as if it were due now.
    late = max(0, micros(now) - micros(at))
    targets = tuple(
        each._replace(deadline=None if each.deadline is None else each.deadline + late)
        for each in new.targets
    )
    lapses_at = None if new.lapses_at is None else new.lapses_at + late
    return replace(new, targets=targets, lapses_at=lapses_at)


def check(planned: Plan) -> None:
    """:raises InputError: some channel cannot take it; each is named."""
    refused = [each for each in planned.channels if not each.ok]
    if refused:
        lines = "; ".join(f"{each.settings.channel.name}: {each.reason}" for each in refused)
        raise InputError(f"these channels cannot take it: {lines}")
