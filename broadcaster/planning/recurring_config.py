"""The schedules of a config, and what the store must change to have just those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broadcaster.config import Settings
from broadcaster.planning.plan import micros
from broadcaster.planning.recurring import Recurring
from broadcaster.store.changes import Schedule, Unschedule
from broadcaster.store.live import Origin
from broadcaster.store.views import ScheduleRow


def wanted(
    settings: Settings, rows: Iterable[ScheduleRow], now: datetime
) -> list[Schedule | Unschedule]:
    """What makes the store's schedules of the config those that ``settings`` want."""
    kept = {row.name: row for row in rows if row.origin is Origin.CONFIG}
    changes: list[Schedule | Unschedule] = []
    for name, schedule in settings.schedules.items():
        if not schedule.enabled:
            continue
        recurring = Recurring.wanted(schedule, settings)
        definition = recurring.definition()
        old = kept.pop(name, None)
        if old is None or old.definition != definition:
            next_at = micros(recurring.rule.after(now, settings.timezone))
            changes.append(
                Schedule(name=name, definition=definition, origin=Origin.CONFIG, next_at=next_at)
            )
    gone = (Unschedule(name=name, origin=Origin.CONFIG) for name in kept)
    return [*gone, *changes]


def expected(
    settings: Settings, rows: Iterable[ScheduleRow], now: datetime
) -> dict[str, ScheduleRow]:
    """The schedules by name, as they are once a daemon has taken up ``settings``."""
    by_name = {row.name: row for row in rows}
    for change in wanted(settings, by_name.values(), now):
        if isinstance(change, Unschedule):
            del by_name[change.name]
        elif change.name not in by_name:
            by_name[change.name] = ScheduleRow(
                name=change.name,
                definition=change.definition,
                origin=change.origin,
                next_at=change.next_at,
                paused=False,
            )
        elif by_name[change.name].origin is Origin.CONFIG:
            by_name[change.name] = replace(
                by_name[change.name], definition=change.definition, next_at=change.next_at
            )
    return dict(sorted(by_name.items()))
