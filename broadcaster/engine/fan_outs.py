"""Deliveries of posts that are due, made beside the ticks: where several daemons share a store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from broadcaster.engine.gates import InStore
from broadcaster.engine.store_thread import StoreThread
from broadcaster.store.store import Store, StoreAway, StoreBusy

log = logging.getLogger(__name__)

AGAIN_S = 0.5
"""After a fan-out that was not possible."""


class FanOuts:
    """``wake``: something may be claimed now; ``failed``: a bug."""

    def __init__(
        self,
        store: Store,
        in_store: InStore,
        *,
        wake: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._in_store = in_store
        self._wake = wake
        self._failed = failed
        self._thread = StoreThread("fan-out")
        self._task: asyncio.Task[None] | None = None
        self._held_up = False
        """The last try failed, which was said."""

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
                await self._until_none_is_due()
            except StoreBusy as busy:
                self._say(busy)
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _until_none_is_due(self) -> None:
        """:raises StoreBusy: it is not possible now."""
        try:
            while await self._thread(self._store.fan_out, beside=True):
                self._wake()
            self._held_up = False
        except StoreAway as away:
            self._say(away)
            while await self._in_store(self._store.fan_out):  # no ticks meanwhile, but posts go out
                self._wake()

    def _say(self, busy: StoreBusy) -> None:
        if not self._held_up:
            log.warning("no deliveries can be made beside the ticks just now: %s", busy)
        self._held_up = True

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (bug := task.exception()):
            self._failed(bug)
        self._wake()
