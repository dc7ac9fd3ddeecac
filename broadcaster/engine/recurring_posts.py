"""From an occurrence to its post: the file as it is now, rendered for the hour that was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.engine.plan import Draft, Plan, micros, new_post, plan
from broadcaster.engine.recurring import Recurring, source
from broadcaster.errors import InputError
from broadcaster.model import Media
from broadcaster.store.port import NewPost


def draft(recurring: Recurring, at: datetime, *, media: Callable[[Path], Media]) -> Draft:
    """What would be posted at ``at``; ``media`` says what a file is, and may keep it.

    :raises InputError: a file cannot be read.
    """
    return Draft(
        source=source(recurring),
        to=recurring.to,
        media=tuple(media(Path(path)) for path in recurring.media),
        options=recurring.options,
        due=at,
        author=recurring.author,
    )


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
    said = replace(draft(recurring, at, media=media), key=key)
    planned = plan(settings, platforms, said, now=now)
    check(planned)
    new = new_post(said, planned, now=now)
    if recurring.missed != "all":
        return new
    # Wanted however late it is: what was missed may begin for as long as if it were due now.
    late = max(0, micros(now) - micros(at))
    targets = tuple(
        replace(each, deadline=None if each.deadline is None else each.deadline + late)
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
