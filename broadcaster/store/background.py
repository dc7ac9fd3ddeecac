"""A long-lived connection to the store, with a thread of its own.

For a process with an event loop, such as the daemon or a web server: its calls block neither the
loop nor the daemon's turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from broadcaster.store.store import Store

P = ParamSpec("P")
R = TypeVar("R")


class BackgroundStore(AbstractContextManager["BackgroundStore"]):
    """A store with a thread of its own, open for a ``with`` block.

    ``await background(verb, ...)`` runs a verb of ``background.store`` in the thread.
    """

    def __init__(self, opened: AbstractContextManager[Store]) -> None:
        self._opened = opened
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="background-store")

    def __enter__(self) -> Self:
        self.store = self._opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
        self._opened.__exit__(kind, error, trace)

    async def __call__(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(verb, *args, **kwargs))
