"""What happens by the clock: APScheduler turns intervals and moments into ticks of the daemon.

The jobs live in memory and hold no truth: due times, retries, leases and schedules are rows of the
store.
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
"""Names of moments and of chores do not meet."""
# A tick that comes late is still wanted, and two that came late are one.
_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


class Ticker:
    """Runs each chore every so many seconds, never twice at once, until :meth:`stop`.

    One that fails is tried again at its next time, and keeps no other from its own.
    """

    def __init__(self, chores: Mapping[str, tuple[float, Chore]]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_DEFAULTS)
        self._moments: dict[str, datetime] = {}
        self.failing: dict[str, str] = {}
        """Why each chore that failed last did so, by name."""
        for name, (seconds, chore) in chores.items():
            self._scheduler.add_job(self._as_job(name, chore), "interval", seconds=seconds, id=name)
        self._scheduler.start()

    def at(self, chore: Chore, moments: Mapping[str, datetime]) -> None:
        """Run ``chore`` at each of ``moments``, by name; those set before are forgotten."""
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
        """Start nothing more; a chore that is under way is cancelled."""
        # The shutdown comes a step of the loop later; what begins until then would be cancelled
        # before it has begun, and look like a failure.
        self._scheduler.pause()
        self._scheduler.shutdown(wait=False)

    async def guarded(self, name: str, chore: Chore) -> None:
        """Do ``chore``; what it raises is said once, with its traceback, until it goes well."""
        try:
            await chore()
        except (Exception, SystemExit) as bug:
            said = type(bug).__name__
            if self.failing.get(name) != said:
                log.exception("%s failed, and is tried again", name)
            self.failing[name] = said
        else:
            if self.failing.pop(name, None):
                log.warning("%s goes well again", name)

    def _as_job(self, name: str, chore: Chore) -> Chore:
        async def job() -> None:  # a coroutine function, which is what the executor looks for
            with contextlib.suppress(asyncio.CancelledError):  # by the end of the daemon
                await self.guarded(name, chore)

        return job
