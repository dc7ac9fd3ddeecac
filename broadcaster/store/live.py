"""Values of the present: closed gates, running daemons, and the origins of schedules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.model import Micros


class Cause(StrEnum):
    """Why a gate is closed, and why the deliveries behind it are held."""

    OFF = "off"
    """A person switched it off (``off NAME``)."""
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
    """A closed gate: nothing is sent through it."""

    scope: str
    """``all`` (halt), ``account`` or ``channel``."""
    name: str
    cause: Cause
    reason: str
    by: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonRow:
    """A registered daemon; if it is not alive, it exited without unregistering."""

    owner: str
    pid: int
    host: str
    started: Micros
    seen: Micros
    alive: bool
    generation: int


class Origin(StrEnum):
    """Where a schedule was defined, which decides how it can be removed."""

    COMMAND = "command"
    CONFIG = "config"
