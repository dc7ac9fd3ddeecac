"""What happens by the clock: APScheduler turns intervals into ticks of the daemon's loop.

The jobs live in memory and hold no truth: due times, retries and leases are rows of the store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from typing import TypeAlias

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Chore: TypeAlias = Callable[[], Awaitable[None]]


class Ticker:
    """Runs each chore every so many seconds, never twice at once, until :meth:`stop`."""

    def __init__(self, chores: Mapping[str, tuple[float, Chore]]) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for name, (seconds, chore) in chores.items():
            self._scheduler.add_job(_as_job(chore), "interval", seconds=seconds, id=name)
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more; a chore that is under way is cancelled."""
        self._scheduler.shutdown(wait=False)


def _as_job(chore: Chore) -> Chore:
    async def job() -> None:  # a coroutine function, which is what the executor looks for
        await chore()

    return job
