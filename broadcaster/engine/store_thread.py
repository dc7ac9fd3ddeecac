"""The store's thread: what the daemon asks of the store, one after the other and beside the loop.

A tick of a store in a file is better done by the loop itself, if it can be done at once: two
threads of one interpreter wait for each other's turns, and take longer together than one after the
other (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from broadcaster.store.port import StoreBusy

P = ParamSpec("P")
R = TypeVar("R")

SLOW_S = 0.05
"""What takes longer is kept away from the loop: the disk is slow just now."""
SLOW_FOR_S = 30.0


class StoreThread:
    """``await thread(verb, ...)`` has it done by the thread, in the order of the asking."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._last: Future[Any] | None = None
        self._slow_until = 0.0

    async def __call__(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        asked = self._pool.submit(partial(verb, *args, **kwargs))
        self._last = asked
        return await asyncio.wrap_future(asked)

    def at_once(self, verb: Callable[[], R]) -> R:
        """Do ``verb`` in the loop's own thread.

        :raises StoreBusy: nothing was done; it is a matter of the thread.
        """
        began = time.monotonic()
        if began < self._slow_until or (self._last is not None and not self._last.done()):
            raise StoreBusy("the store's thread is at work, or the store is slow")
        try:
            return verb()
        finally:
            if time.monotonic() - began > SLOW_S:
                self._slow_until = began + SLOW_FOR_S

    def close(self) -> None:
        self._pool.shutdown()
