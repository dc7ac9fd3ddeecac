"""Quiet hours: when nothing is posted, and until when a post is held back then.

A post is judged once, by its own hour.  What is tried again, or sent by a person's word (approved,
retried, released), goes out when it can.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from broadcaster.config import Settings
from broadcaster.model import Options

_DAY = timedelta(days=1)
_LONGEST = 8
"""Quiet hours that follow each other without a break are followed no longer than a week."""


def held_until(settings: Settings, at: datetime, options: Options) -> datetime:
    """When a post that is due ``at`` goes out: then, or at the end of the quiet hours.

    What is urgent, or goes to the test channel only, is not held back.
    """
    if not settings.quiet_hours or options.urgent or options.test:
        return at
    for _ in range(_LONGEST):
        end = _end(settings, at)
        if end is None:
            break
        at = end
    return at


def _end(settings: Settings, at: datetime) -> datetime | None:
    """The end of the quiet hours that ``at`` lies in; None: it lies in none."""
    today = at.astimezone(settings.timezone).date()
    for day in (today - _DAY, today):
        hours = settings.quiet_hours.get(day.weekday())
        if hours is None:
            continue
        last = day if hours.start < hours.end else day + _DAY
        start = datetime.combine(day, hours.start, settings.timezone).astimezone(UTC)
        end = datetime.combine(last, hours.end, settings.timezone).astimezone(UTC)
        if start <= at < end:
            return end.astimezone(settings.timezone)
    return None
