"""Removes what was settled long ago, in batches that let others write in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from broadcaster.config import Settings
from broadcaster.model import Actor, Micros
from broadcaster.store import media
from broadcaster.store.store import Store
from broadcaster.store.upkeep import Pruned, Retention

BATCH = 2000
"""Rows per transaction: some tens of milliseconds in which nobody else can write."""
PAUSE_S = 0.05
"""Between two batches, so that others can write."""
FRESH_S = 86_400.0
"""A file kept less than a day ago stays: its post may be queued soon."""


def retention(settings: Settings, *, posts: timedelta | None = None) -> Retention:
    """The retention of the config; ``posts``: another length for posts."""
    own = settings.retention
    return Retention(
        posts=_micros(posts or own.posts),
        keys=_micros(own.keys),
        audit=_micros(own.audit),
        archive=None if own.archive is None else _micros(own.archive),
    )


def prune(
    store: Store,
    kept: Retention,
    folder: Path,
    by: Actor | str,
    *,
    going: Callable[[], bool] = lambda: True,
) -> tuple[Pruned, int]:
    """Remove everything that is older than ``kept``; ``going`` is asked before each batch.

    Returns what was removed, and how many attached files.

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
