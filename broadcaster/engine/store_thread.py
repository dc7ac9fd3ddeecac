"""Runs the daemon's calls of the store, one after another.

Most calls run in a thread.  The event loop runs short ticks itself: two busy threads of one
interpreter wait for each other, and take longer together than one after the other
(docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class StoreThread:
    """``await thread(verb, ...)`` runs ``verb`` in the thread; calls keep their order."""

    def __init__(self, name: str = "store") -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._turn = asyncio.Lock()

    async def __call__(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        await self._turn.acquire()
        try:
            call = asyncio.get_running_loop().run_in_executor(
                self._pool, partial(verb, *args, **kwargs)
            )
        except BaseException:  # the pool was closed
            self._turn.release()
            raise
        # Even if the caller is cancelled, the lock stays taken until the thread has finished.
        call.add_done_callback(lambda _: self._turn.release())
        return await asyncio.shield(call)

    async def in_loop(self, verb: Callable[[], Awaitable[R]]) -> R:
        """Run ``verb`` in the event loop, once no other call is running."""
        async with self._turn:
            return await verb()

    def close(self) -> None:
        self._pool.shutdown()
