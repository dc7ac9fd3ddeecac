"""A store whose ticks go the way that a daemon's go: by the event loop, else by the thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from broadcaster.model import Micros
from broadcaster.store.exchange import Capacity, Result, Tick, UploadDone
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import StoreBusy

_Base: Any = object
"""A store's class, which it is mixed into."""


class ByTheLoop(_Base):  # type: ignore[misc]
    """To be mixed into a store; ``by_loop`` and ``by_thread`` count which way its ticks went."""

    by_loop = by_thread = 0

    def tick(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease_s: float,
        *,
        fans: bool = True,
        now: Micros | None = None,
    ) -> Tick:
        asked = (owner, results, uploads_done, capacities, lease_s)
        fanned = self.fan_out(now=now) if fans else 0
        try:
            done: Tick = asyncio.run(self.tick_in_loop(*asked, now=now))
            self.by_loop += 1
        except StoreBusy:
            done = super().tick(*asked, fans=False, now=now)
            self.by_thread += 1
        else:
            if done.wake_at is not None and done.wake_at <= done.now:  # a daemon comes back at once
                done = self._once_more(owner, done, capacities, lease_s, now)
        return replace(done, fanned=fanned)

    def _once_more(
        self,
        owner: str,
        done: Tick,
        capacities: Sequence[Capacity],
        lease_s: float,
        now: Micros | None,
    ) -> Tick:
        got = Counter(claim.account for claim in done.claims)
        left = [
            replace(capacity, count=capacity.count - got[capacity.account])
            for capacity in capacities
        ]
        then: Tick = super().tick(owner, [], [], left, lease_s, fans=False, now=now)
        return replace(then, claims=done.claims + then.claims, recorded=done.recorded)


class PostgresByTheLoop(ByTheLoop, PostgresStore):
    """As a daemon of many works."""


class SqliteByTheLoop(ByTheLoop, SqliteStore):
    """As the only daemon works, but that it has its fan-outs made."""
