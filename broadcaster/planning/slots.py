"""Slots: the hours at which the office posts, each for one post.

A list of slots belongs to a channel, group or account, to ``foreign`` or ``domestic``, or to
``all``.  The store keeps who has taken which; what is free is a question of the moment, so the
store asks it once more when the post is queued.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from broadcaster.calendar.digits import fold
from broadcaster.config import Settings
from broadcaster.config.names import ALL
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Micros, Options
from broadcaster.planning.quiet_hours import held_until
from broadcaster.store import codec

NEXT = "next-slot"
"""What ``--at`` says for the next slot that is free."""
_NEXT = frozenset(
    map(fold, (NEXT, say("next slot"), say("the next slot"), "نوبت بعدی", "نوبت بعد", "نوبت آینده"))
)
_FARTHEST = timedelta(days=366)


def is_next(text: str) -> bool:
    """Whether ``text`` asks for the next slot, and for no hour of its own."""
    return fold(text) in _NEXT


def list_for(settings: Settings, to: Sequence[str]) -> str:
    """The list of slots of a post to ``to``: that of the first name that has one, else of ``all``.

    :raises InputError: there is none.
    """
    for name in (*to, ALL):
        if name in settings.slots:
            return name
    known = (
        say(" ({slots} have some)", slots=joined(", ", settings.slots)) if settings.slots else ""
    )
    raise InputError(
        say(
            "there are no slots for {to}{known}: write them in {path}, such as "
            'slots = {{ {to2} = ["8:00", "13:00"] }}, or name an hour',
            to=joined(", ", to),
            known=known,
            path=settings.path,
            to2=to[0] if to else ALL,
        )
    )


def next_free(
    settings: Settings, name: str, taken: Collection[Micros], after: datetime, options: Options
) -> datetime:
    """The first slot of a list after ``after`` that nobody has taken and quiet hours leave open.

    :raises InputError: there is none within a year.
    """
    from broadcaster.calendar import triggers  # most posts name an hour, or none

    zone = settings.timezone
    rules = [triggers.read(rule, calendar=settings.calendar) for rule in settings.slots[name]]
    at = after
    while at < after + _FARTHEST:
        at = min(rule.after(at, zone) for rule in rules)
        if codec.micros(at) not in taken and held_until(settings, at, options) == at:
            return at.astimezone(zone)
    raise InputError(
        say("no slot of {name} is free within a year; name an hour with --at", name=name)
    )
