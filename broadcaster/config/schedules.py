"""``[schedules.NAME]``: recurring posts that the config wants."""

from __future__ import annotations

import os.path
from collections.abc import Collection, Mapping
from pathlib import Path

from broadcaster.calendar import WhenError
from broadcaster.config.hours import working_days
from broadcaster.config.mistakes import Mistakes
from broadcaster.config.names import flaw, nearest
from broadcaster.config.settings import ScheduleSettings
from broadcaster.config.tables import ScheduleTable, Top
from broadcaster.files import expanded
from broadcaster.language import say


def read(
    named: Mapping[str, object], top: Top, names: Collection[str], folder: Path, mistakes: Mistakes
) -> dict[str, ScheduleSettings]:
    """Every schedule that is right; ``names``: for ``to``; ``folder``: where paths start."""
    schedules: dict[str, ScheduleSettings] = {}
    for name, raw in named.items():
        where = ("schedules", name)
        if reason := flaw(name):
            mistakes.add(where, reason)
        table = mistakes.table(ScheduleTable, raw, where)
        if table is None:
            continue
        for channel in table.to:
            if channel not in names:
                hint = nearest(channel, sorted(names))
                mistakes.add(
                    (*where, "to"),
                    say(
                        '"{channel}" is no channel, group or account{hint}',
                        channel=channel,
                        hint=hint,
                    ),
                )
        if not (table.to or top.default_to or table.file):
            mistakes.add(
                where, say('says not where to: write to = ["…"], or default_to at the top')
            )
        if (table.file is None) == (table.text is None):
            mistakes.add(where, say('needs one of file = "…" and text = "…"'))
        if trigger := _trigger(where, table, top, mistakes):
            schedules[name] = ScheduleSettings(
                name=name,
                enabled=table.enabled,
                trigger=trigger,
                to=tuple(table.to),
                text=table.text or "",
                file=_below(folder, table.file) if table.file else None,
                media=tuple(_below(folder, path) for path in table.media),
                missed=table.missed,
                silent=table.silent,
                pin=table.pin,
                allow_long=table.allow_long,
                urgent=table.urgent,
                remove_after=table.remove_after,
            )
    return schedules


def _trigger(
    where: tuple[str, str], table: ScheduleTable, top: Top, mistakes: Mistakes
) -> str | None:
    """In its one spelling."""
    from broadcaster.calendar import cron, triggers  # here: most files have no schedule

    if (table.cron is None) == (table.every is None):
        mistakes.add(where, say('needs one of cron = "0 8 * * sat" and every = "saturday 08:00"'))
        return None
    key = "cron" if table.cron is not None else "every"
    try:
        if table.cron is not None:
            return cron.read(table.cron).text
        days = working_days(top)
        return triggers.read(table.every or "", calendar=top.calendar, working_days=days).text
    except WhenError as error:
        mistakes.add((*where, key), str(error))
        return None


def _below(folder: Path, path: str) -> Path:
    return Path(os.path.normpath(folder / expanded(Path(path))))
