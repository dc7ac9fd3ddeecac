"""Beside the daemon's turns: retention, and a second way to the store that delays none of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from broadcaster.config import Settings
from broadcaster.model import Actor, Micros
from broadcaster.store import media
from broadcaster.store.keeping import Pruned, Retention
from broadcaster.store.port import Store

P = ParamSpec("P")
R = TypeVar("R")

BATCH = 2000
"""Rows per transaction: some tens of milliseconds in which nobody else can write."""
PAUSE_S = 0.05
"""Between two batches: whoever waits for the store gets in."""
FRESH_S = 86_400.0
"""A file taken within a day stays, named or not: its post may be about to be queued."""


class Desk(AbstractContextManager["Desk"]):
    """A store with a thread of its own, open for a ``with`` block."""

    def __init__(self, opened: AbstractContextManager[Store]) -> None:
        self._opened = opened
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")

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


def retention(settings: Settings, *, posts: timedelta | None = None) -> Retention:
    """As the config says; ``posts``: another length for posts."""
    said = settings.retention
    return Retention(
        posts=_micros(posts or said.posts),
        keys=_micros(said.keys),
        audit=_micros(said.audit),
    )


def prune(
    store: Store,
    kept: Retention,
    folder: Path,
    by: Actor | str,
    *,
    going: Callable[[], bool] = lambda: True,
) -> tuple[Pruned, int]:
    """Remove all whose time is over, ``going`` asked before each batch.

    Returns what went, and how many attached files.

    :raises StoreBusy: the rest stays for the next time.
    """
    whole, more = Pruned(), True
    while more and going():
        batch = store.prune(by, kept, BATCH, after=whole.after)
        whole, more = whole + batch, batch.more
        if more:
            time.sleep(PAUSE_S)
    store.tidy(BATCH)
    return whole, media.sweep(folder, store.files, before=time.time() - FRESH_S)


def would_prune(store: Store, kept: Retention) -> Pruned:
    """What :func:`prune` would remove, attached files aside."""
    whole, more = Pruned(), True
    while more:
        batch = store.would_prune(kept, BATCH, after=whole.after)
        whole, more = whole + batch, batch.more
    return whole


def _micros(length: timedelta) -> Micros:
    return length // timedelta(microseconds=1)
