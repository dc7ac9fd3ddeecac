"""Recurring posts: what a schedule says, and which of its occurrences are to be posted now.

Pure: the store holds the schedules and says what was posted, the caller says what time it is.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from broadcaster.calendar import triggers
from broadcaster.calendar.recurrence import Rule
from broadcaster.config import ScheduleSettings, Settings
from broadcaster.config.names import ALL
from broadcaster.config.settings import Missed
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Media, Micros, Pinning
from broadcaster.store import codec

PROMPT = timedelta(minutes=5)
"""So late an occurrence is still on time: a restart or a busy store makes nothing missed."""
CATCH_UP = timedelta(days=31)
"""``missed = "all"`` goes back no farther than a month …"""
AT_MOST = 100
"""… and posts no more than so many at once: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """What is posted again and again; the store keeps it as JSON, and compares it as text."""

    trigger: str
    """In the one spelling of :mod:`broadcaster.calendar.triggers`."""
    zone: str
    to: tuple[str, ...] = ()
    """Empty: as its file says, else ``default_to``."""
    text: str = ""
    attached: tuple[Media, ...] = ()
    """Files that were taken in; they lie in the media folder."""
    expires: str = ""
    """As typed; counted from the occurrence."""
    remove_at: str = ""
    """Likewise: when each post is removed from its channels."""
    reply_to: int | None = None
    file: str = ""
    """Of a config: absolute; read anew for each post.  Empty: ``text`` is posted."""
    media: tuple[str, ...] = ()
    """Of a config: absolute, read anew likewise."""
    taken_from: str = ""
    """The file whose content ``text`` is, where a command took it in …"""
    taken_digest: str = ""
    """… the digest of that file …"""
    taken_media: tuple[str, ...] = ()
    """… the files that ``attached`` are copies of, in the same order …"""
    taken_at: Micros | None = None
    """… and when that was."""
    missed: Missed = "last"
    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = False
    urgent: bool = False
    """It goes out in quiet hours, too."""
    convert: bool | None = None
    album: str = ""
    allow_outside: bool = False
    """Files that the text names may lie outside of its folder."""
    author: str = ""

    @property
    def rule(self) -> Rule:
        return triggers.read(self.trigger, calendar="jalali")  # its months name their calendar

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def names_files(self) -> bool:
        """Whether it says where content lies, and not what it is."""
        return bool(self.file or self.media)

    def definition(self) -> str:
        """Canonical: equal ones give the same text."""
        values = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != getattr(_USUAL, field.name)
        }
        if self.attached:
            values["attached"] = json.loads(codec.media_json(self.attached))
        return json.dumps(values, ensure_ascii=False, sort_keys=True)

    @classmethod
    def of(cls, definition: str) -> Recurring:
        """:raises InputError: a newer program wrote it, it is damaged, or its zone is not known."""
        try:
            values = json.loads(definition)
            if strange := values.keys() - {field.name for field in fields(cls)}:
                raise InputError(
                    say(
                        "a newer program added it ({strange}): upgrade",
                        strange=joined(", ", sorted(strange)),
                    )
                )
            recurring = cls(**{name: _read(name, value) for name, value in values.items()})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InputError(
                say("what the store says of it is damaged: remove it, and add it again")
            ) from None
        try:
            _ = recurring.timezone
        except (KeyError, ValueError, OSError):
            raise InputError(
                say("the time zone {zone} is not known here", zone=recurring.zone)
            ) from None
        return recurring

    @classmethod
    def wanted(cls, schedule: ScheduleSettings, settings: Settings) -> Recurring:
        """The schedule of a config."""
        return cls(
            trigger=schedule.trigger,
            zone=settings.timezone.key,
            to=schedule.to,
            text=schedule.text,
            file=str(schedule.file or ""),
            media=tuple(map(str, schedule.media)),
            missed=schedule.missed,
            silent=schedule.silent,
            pin=schedule.pin,
            allow_long=schedule.allow_long,
            urgent=schedule.urgent,
            remove_at=_length(schedule.remove_after),
            author="config",
        )

    def patience(self, settings: Settings) -> timedelta:
        """How late the last occurrence is still posted: the longest ``late_after`` of its channels.

        :raises InputError: a name that the config does not have.
        """
        match self.missed:
            case "skip":
                return PROMPT
            case "all":
                return CATCH_UP
            case "last":
                channels = settings.resolve(self.to or (ALL,))  # its file may say where to
                patiences = (channel.late_after for channel in channels)
                return max(patiences, default=PROMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What becomes of the occurrences from the one that was due first until now."""

    post: tuple[datetime, ...]
    """To be posted now, the oldest first; all between them and before them are passed over."""
    next_at: datetime

    def steps(self) -> Iterator[tuple[datetime, datetime]]:
        """Each occurrence to be posted, with the one that is due after it."""
        return zip(self.post, (*self.post[1:], self.next_at), strict=False)


def due(
    rule: Rule, zone: ZoneInfo, first: datetime, now: datetime, missed: Missed, patience: timedelta
) -> Due:
    """Judge the occurrences from ``first`` to ``now``; what is later than ``patience`` is missed.

    Of several that are on time only ``missed = "all"`` posts more than the last: never a burst.
    """
    times: deque[datetime] = deque(maxlen=AT_MOST if missed == "all" else 1)
    # One moment earlier, since a rule says what comes after a moment.
    at = max(first, now - patience) - timedelta(microseconds=1)
    while (at := rule.after(at, zone)) <= now:
        times.append(at)
    return Due(post=tuple(times), next_at=at)


def occurrence(name: str, rule: Rule, zone: ZoneInfo, at: datetime) -> str:
    """The key of an occurrence's post."""
    return say("schedule {name} {key}", name=name, key=rule.key(at, zone))


def save_again(name: str) -> str:
    """Why a schedule that names files is not posted where it was added by a command."""
    return say(
        "it was added by an older program and names files, which the daemon "
        "does not open: save it again (broadcaster schedule add {name} "
        "--replace …), which takes them in",
        name=name,
    )


def _length(length: timedelta | None) -> str:
    """As it would be typed."""
    return "" if length is None else f"{round(length.total_seconds())}s"


_USUAL = Recurring(trigger="", zone="")


def _read(name: str, value: Any) -> Any:
    """One value of a definition.  :raises ValueError: it is not of its kind."""
    if name == "attached":
        return codec.media(json.dumps(value))
    if name == "convert" and isinstance(value, bool):
        return value
    usual = getattr(_USUAL, name)
    if name == "pin" and value == "replace":
        return value
    if isinstance(usual, tuple) and isinstance(value, list):
        result: Any = tuple(str(item) for item in value if isinstance(item, str))
        right = len(result) == len(value)
    else:
        result = value
        right = type(value) is (int if usual is None else type(usual))
    if not right or (name == "missed" and value not in get_args(Missed)):
        raise ValueError(name)
    return result
