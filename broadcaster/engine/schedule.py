"""Runs the daemon's chores at intervals and at given times, by means of APScheduler.

The jobs live in memory and can be lost at any time: due times, retries, leases and schedules are
rows of the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Chore: TypeAlias = Callable[[], Awaitable[None]]

_MOMENT = "at "
"""Prefix of the job ids of moments, so that they never equal the name of a chore."""
# A run that is late still happens; several late runs of one chore become one.
_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


class Ticker:
    """Runs each chore at its interval until :meth:`stop`; no chore overlaps with itself.

    A chore that fails runs again at its next time and does not affect the others.

    :param chores: name -> (interval in seconds, chore).
    """

    def __init__(self, chores: Mapping[str, tuple[float, Chore]]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_DEFAULTS)
        self._moments: dict[str, datetime] = {}
        self.failing: dict[str, str] = {}
        """Name -> class name of the error, for each chore whose last run failed."""
        for name, (seconds, chore) in chores.items():
            self._scheduler.add_job(self._as_job(name, chore), "interval", seconds=seconds, id=name)
        self._scheduler.start()

    def at(self, chore: Chore, moments: Mapping[str, datetime]) -> None:
        """Run ``chore`` at each of ``moments`` (name -> time); replaces the earlier moments."""
        if not self._scheduler.running:
            return
        for name in self._moments.keys() - moments.keys():
            self.failing.pop(_MOMENT + name, None)
            if self._scheduler.get_job(_MOMENT + name):
                self._scheduler.remove_job(_MOMENT + name)
        for name, at in moments.items():
            if self._moments.get(name) != at:
                self._scheduler.add_job(
                    self._as_job(_MOMENT + name, chore),
                    "date",
                    run_date=at,
                    id=_MOMENT + name,
                    replace_existing=True,
                )
        self._moments = dict(moments)

    def stop(self) -> None:
        """Start no more chores; cancel the chore that is running."""
        # APScheduler shuts down one iteration of the loop later.  A job that started in between
        # would be cancelled before its first step, and would be reported as a failure.
        self._scheduler.pause()
        self._scheduler.shutdown(wait=False)

    async def guarded(self, name: str, chore: Chore) -> None:
        """Run ``chore``; log the same error once, with its traceback, until a run succeeds."""
        try:
            await chore()
        except (Exception, SystemExit) as bug:
            error = type(bug).__name__
            if self.failing.get(name) != error:
                log.exception("%s failed, and is tried again", name)
            self.failing[name] = error
        else:
            if self.failing.pop(name, None):
                log.warning("%s goes well again", name)

    def _as_job(self, name: str, chore: Chore) -> Chore:
        async def job() -> None:  # a coroutine function: the asyncio executor only awaits those
            with contextlib.suppress(asyncio.CancelledError):  # cancelled by stop()
                await self.guarded(name, chore)

        return job
