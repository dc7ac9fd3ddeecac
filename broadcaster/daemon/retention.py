"""Retention: what has been settled for long goes, in batches that let others write in between."""

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
"""Between two batches: whoever waits for the store gets in."""
FRESH_S = 86_400.0
"""A file taken within a day stays, named or not: its post may be about to be queued."""


def retention(settings: Settings, *, posts: timedelta | None = None) -> Retention:
    """As the config says; ``posts``: another length for posts."""
    said = settings.retention
    return Retention(
        posts=_micros(posts or said.posts),
        keys=_micros(said.keys),
        audit=_micros(said.audit),
        archive=None if said.archive is None else _micros(said.archive),
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
