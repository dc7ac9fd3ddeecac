"""Values of recurring posts, as the store keeps them.

A definition is text to the store: what it says is the engine's matter, and two are the same when
their texts are.  ``next_at`` None: to be set from now on, as after a restore or a pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.model import Digest, Micros

AWAY = "it was due while no daemon ran"


class Origin(StrEnum):
    """Who wants a schedule, and so who may remove it."""

    COMMAND = "command"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One schedule, and what came of it so far."""

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    paused: bool
    occurrence: str | None = None
    """Key of the last occurrence that made a post."""
    post: int | None = None
    """That post."""
    fired_at: Micros | None = None
    passed_at: Micros | None = None
    """When an occurrence was last passed over …"""
    passed_why: str = ""
    """… and why."""
    files: tuple[Digest, ...] = ()
    problem: str = ""
    """Why the occurrence that is due, or was passed over last, could not be posted."""
    problem_at: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Keep a schedule, or replace one of the same origin.

    One that says the same is left as it is; else what had been due is forgotten.
    """

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    files: tuple[Digest, ...] = ()
    """Attached files that its posts will name; they are kept as long as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unschedule:
    """Forget a schedule; its posts stay."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Let nothing come of it until it proceeds."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Go on after a pause, or with what has no next time, from ``next_at`` on."""

    name: str
    next_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Pass over the occurrence that was due ``at``, and all before ``next_at``."""

    name: str
    at: Micros
    next_at: Micros
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """What is due ``at`` (None: it has no next time) cannot be posted for now; it stays due."""

    name: str
    at: Micros | None
    reason: str
