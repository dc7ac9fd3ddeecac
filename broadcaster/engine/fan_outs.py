"""Deliveries of posts that are due, made beside the ticks: where several daemons share a store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from broadcaster.engine.store_thread import StoreThread
from broadcaster.store.port import Store, StoreBusy

log = logging.getLogger(__name__)

AGAIN_S = 0.5
"""After a fan-out that was not possible."""


class FanOuts:
    """``wake``: something may be claimed now; ``failed``: a bug."""

    def __init__(
        self,
        store: Store,
        *,
        wake: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._wake = wake
        self._failed = failed
        self._thread = StoreThread("fan-out")
        self._task: asyncio.Task[None] | None = None
        self.held_up = False
        """The last try failed, which was said: ticks had better make deliveries themselves."""

    def start(self) -> None:
        """Make deliveries until nothing is due any more; if that is not being done already."""
        if self._task is None:
            self._task = asyncio.create_task(self._make())
            self._task.add_done_callback(self._done)

    async def close(self) -> None:
        """Let the one that is being made come to its end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await asyncio.to_thread(self._thread.close)

    async def _make(self) -> None:
        while True:
            try:
                while await self._thread(self._store.fan_out):
                    self._wake()
            except StoreBusy as busy:
                if not self.held_up:
                    log.warning("no deliveries can be made beside the ticks just now: %s", busy)
                self.held_up = True
                self._wake()
                await asyncio.sleep(AGAIN_S)
            else:
                self.held_up = False
                return

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (bug := task.exception()):
            self._failed(bug)
        self._wake()
