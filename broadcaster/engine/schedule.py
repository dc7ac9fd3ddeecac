"""What happens by the clock: APScheduler turns intervals and moments into ticks of the daemon.

The jobs live in memory and hold no truth: due times, retries, leases and schedules are rows of the
store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Chore: TypeAlias = Callable[[], Awaitable[None]]

# A tick that comes late is still wanted, and two that came late are one.
_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


class Ticker:
    """Runs each chore every so many seconds, never twice at once, until :meth:`stop`."""

    def __init__(self, chores: Mapping[str, tuple[float, Chore]]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_DEFAULTS)
        for name, (seconds, chore) in chores.items():
            self._scheduler.add_job(_as_job(chore), "interval", seconds=seconds, id=name)
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more; a chore that is under way is cancelled."""
        self._scheduler.shutdown(wait=False)


class Moments:
    """Runs one chore at each of some moments, which may be set anew at any time."""

    def __init__(self, chore: Chore) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_DEFAULTS)
        self._chore = _as_job(chore)
        self._set: dict[str, datetime] = {}

    def set(self, moments: Mapping[str, datetime]) -> None:
        """By name; those that are not named any more are forgotten."""
        if not self._scheduler.running:
            self._scheduler.start()
        for name in self._set.keys() - moments.keys():
            if self._scheduler.get_job(name):
                self._scheduler.remove_job(name)
        for name, at in moments.items():
            if self._set.get(name) != at:
                self._scheduler.add_job(
                    self._chore, "date", run_date=at, id=name, replace_existing=True
                )
        self._set = dict(moments)

    def stop(self) -> None:
        """Start nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _as_job(chore: Chore) -> Chore:
    async def job() -> None:  # a coroutine function, which is what the executor looks for
        with contextlib.suppress(asyncio.CancelledError):  # by the end of the daemon: no failure
            await chore()

    return job
