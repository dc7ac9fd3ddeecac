"""What holds at this moment: closed gates, the daemons at work, and where schedules come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.model import Micros


class Cause(StrEnum):
    """Why a gate is closed, and so why a delivery is held."""

    OFF = "off"
    """A person said so, in the store (``off NAME``)."""
    CONFIG = "config"
    """``enabled = false`` in the config."""
    UNAUTHORIZED = "unauthorized"
    GONE = "gone"
    """The channel or account is no longer in the config."""
    HALT = "halt"
    RESTORE = "restore"
    APPROVAL = "approval"
    """Too few people have approved it for the daemon's config; no gate is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A closed one: nothing is sent through it."""

    scope: str
    """``all`` (halt), ``account`` or ``channel``."""
    name: str
    cause: Cause
    reason: str
    by: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonRow:
    """One that is registered; one that is not alive exited without unregistering."""

    owner: str
    pid: int
    host: str
    started: Micros
    seen: Micros
    alive: bool
    generation: int


class Origin(StrEnum):
    """Who wants a schedule, and so who may remove it."""

    COMMAND = "command"
    CONFIG = "config"
