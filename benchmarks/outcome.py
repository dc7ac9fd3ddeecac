"""Whether a store has anything left to do, asked so that asking takes no time from the doing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

PATIENCE_S = 100.0
_LEFT = (
    "select exists (select 1 from {0}lanes where wake_at is not null)"
    " or exists (select 1 from {0}scheduled)"
)
"""A lane without anything to do has no clock."""


@contextmanager
def watching(url: str) -> Iterator[Callable[[float], None]]:
    """Gives ``settled(every)``, which returns once all that was queued is on record.

    :raises RuntimeError: it takes more than :data:`PATIENCE_S`.
    """
    with _asking(url) as left:

        def settled(every: float) -> None:
            end = time.monotonic() + PATIENCE_S
            while left():
                if time.monotonic() > end:
                    raise RuntimeError(f"not delivered in {PATIENCE_S:.0f} s")
                time.sleep(every)

        yield settled


@contextmanager
def _asking(url: str) -> Iterator[Callable[[], bool]]:
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file:
            yield lambda: bool(file.execute(_LEFT.format("")).fetchone()[0])
    else:
        import psycopg  # rows on SQLite need none

        with psycopg.connect(url, autocommit=True) as base:
            query = _LEFT.format("broadcaster.").encode()
            yield lambda: bool(base.execute(query).fetchone()[0])  # type: ignore[index]
