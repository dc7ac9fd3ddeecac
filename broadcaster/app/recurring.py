"""A recurring post as it would be now: what its files say, and what each channel would receive."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from broadcaster.app.conversions import converted
from broadcaster.app.office import Office
from broadcaster.files import Ground, Opener
from broadcaster.model import Media
from broadcaster.planning.plan import Plan
from broadcaster.planning.recurring import Recurring
from broadcaster.planning.recurring_posts import draft, from_ground
from broadcaster.store import media


def plan_recurring(office: Office, recurring: Recurring, at: datetime, *, now: datetime) -> Plan:
    """What each channel would receive of the occurrence at ``at``, its content taken in."""
    said = draft(office.settings, recurring, at)
    paths = tuple(map(Path, recurring.taken_media))
    made, _ = converted(office, said.media, paths, said.options, said.to)
    return office.plan(replace(said, converted=made), now=now)


def read_recurring(office: Office, recurring: Recurring) -> Recurring:
    """A schedule of the config with what its files say now, by the daemon's rules.

    :raises InputError: a file may not be read.
    """
    settings = office.settings
    ground = Ground.of(settings.path.parent, settings.state_dir)

    def inspect(path: Path, opened: Opener) -> Media:
        return media.inspect(path, opened=opened, bound=settings.largest_file)

    return from_ground(recurring, ground, inspect)
