"""The way to the store: what the daemon asks of it is done one after the other.

Most of it is done by a thread, beside the event loop.  Ticks the loop does itself where it can: two
threads of one interpreter wait for each other's turns, and take longer together than one after the
other (docs/performance.md).
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
    """``await thread(verb, ...)`` has it done by the thread, in the order of the asking."""

    def __init__(self, name: str = "store") -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._turn = asyncio.Lock()

    async def __call__(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        await self._turn.acquire()
        try:
            asked = asyncio.get_running_loop().run_in_executor(
                self._pool, partial(verb, *args, **kwargs)
            )
        except BaseException:  # it is closed
            self._turn.release()
            raise
        # not before the thread is done, should whoever asked be cancelled meanwhile
        asked.add_done_callback(lambda _: self._turn.release())
        return await asyncio.shield(asked)

    async def in_loop(self, verb: Callable[[], Awaitable[R]]) -> R:
        """Have ``verb`` done by the loop, when nobody else is at the store."""
        async with self._turn:
            return await verb()

    def close(self) -> None:
        self._pool.shutdown()
