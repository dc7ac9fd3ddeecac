"""Fans out due posts in the background, in stores that several daemons share."""

from __future__ import annotations

import asyncio
import logging

from broadcaster.engine.runtime import Runtime
from broadcaster.engine.store_thread import StoreThread
from broadcaster.store.store import StoreAway, StoreBusy

log = logging.getLogger(__name__)

AGAIN_S = 0.5
"""Pause in seconds after a fan-out that the store refused as busy."""


class BackgroundFanOut:
    """Fans out due posts on a thread and a database connection of its own."""

    def __init__(self, runtime: Runtime) -> None:
        self.bug: BaseException | None = None
        """The bug that ended the fan-out; the daemon must stop because of it."""
        self._runtime = runtime
        self._thread = StoreThread("fan-out")
        self._task: asyncio.Task[None] | None = None
        self._failing = False
        """The last try failed and was logged; further failures are not logged."""

    def start(self) -> None:
        """Start to fan out, until no post is due; does nothing while it is running."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._done)

    async def close(self) -> None:
        """Stop; waits for the statement that is running."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await asyncio.to_thread(self._thread.close)

    async def _run(self) -> None:
        while True:
            try:
                await self._until_none_is_due()
            except StoreBusy as busy:
                self._report(busy)
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _until_none_is_due(self) -> None:
        """Fan out post after post.

        :raises StoreBusy: the store cannot be written now.
        """
        store, wake = self._runtime.store, self._runtime.wake
        try:
            while await self._thread(store.fan_out, beside=True):
                wake.set()
            self._failing = False
        except StoreAway as away:
            self._report(away)
            # No second connection can be had.  The ticks' own connection delays the ticks, but
            # the posts are sent.
            while await self._runtime.in_store(store.fan_out):
                wake.set()

    def _report(self, busy: StoreBusy) -> None:
        if not self._failing:
            log.warning("posts cannot be fanned out beside the ticks just now: %s", busy)
        self._failing = True

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (bug := task.exception()):
            self.bug = bug
        self._runtime.wake.set()
