"""When posts go out, as the office says it: days of work, quiet hours, slots."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from broadcaster.calendar import WhenError
from broadcaster.config.mistakes import Mistakes
from broadcaster.config.names import nearest
from broadcaster.config.settings import Quiet
from broadcaster.config.tables import QuietHoursTable, Top
from broadcaster.language import say

if TYPE_CHECKING:
    from broadcaster.calendar.recurrence import Rule

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""By ``date.weekday()``; the calendar's own words take a while to load."""


def working_days(top: Top) -> frozenset[int]:
    """By ``date.weekday()``."""
    return frozenset(map(_DAYS.index, top.working_days))


def quiet_hours(table: QuietHoursTable) -> dict[int, Quiet]:
    """``date.weekday()`` -> the hours that begin on it."""
    said = table.values
    hours = {number: said.get(name, table.every_day) for number, name in enumerate(_DAYS)}
    return {number: each for number, each in hours.items() if isinstance(each, Quiet)}


def slots(top: Top, names: Collection[str], mistakes: Mistakes) -> dict[str, tuple[str, ...]]:
    """The rules of every list of slots, in their one spelling."""
    found = {}
    for name, said in top.slots.items():
        if name not in names:
            hint = nearest(name, sorted(names))
            mistakes.add(
                ("slots", name),
                say('"{name}" is no channel, group or account{hint}', name=name, hint=hint),
            )
        if not said:
            mistakes.add(("slots", name), say('is empty; write hours, such as ["8:00", "13:00"]'))
        rules = []
        for number, text in enumerate(said):
            try:
                rules.append(_slot(text, top).text)
            except WhenError as error:
                mistakes.add(("slots", name, number), str(error))
        found[name] = tuple(rules)
    return found


def _slot(text: str, top: Top) -> Rule:
    """The rule of one slot; an hour alone is that of every day.

    :raises WhenError: it is none.
    """
    from broadcaster.calendar import triggers  # most files have no slots
    from broadcaster.calendar.recurrence import Wall

    def read(said: str) -> Rule:
        return triggers.read(said, calendar=top.calendar, working_days=working_days(top))

    try:
        rule = read(text)
    except WhenError as error:
        try:
            rule = read(say("every day {text}", text=text))
        except WhenError:
            raise error from None
    if not isinstance(rule, Wall):
        raise WhenError(
            say('"{text}" is no hour of a day; write it like "8:00" or "friday 10:00"', text=text)
        )
    return rule
