"""The facade: each verb of the port, one transaction of the modules beside this one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from broadcaster.adapter import Rate
from broadcaster.errors import InputError, Refused
from broadcaster.model import Micros
from broadcaster.store.port import (
    Begin,
    Change,
    Changed,
    DeliveryView,
    NewPost,
    PostRow,
    PostView,
    Query,
    Queued,
    Result,
    StoreHealth,
    Tick,
    Want,
)
from broadcaster.store.sqlite import change as changes
from broadcaster.store.sqlite import daemons, listing, views
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.enqueue import enqueue
from broadcaster.store.sqlite.lock import Exclusive
from broadcaster.store.sqlite.migrate import migrate
from broadcaster.store.sqlite.renderings import Renderings
from broadcaster.store.sqlite.sweep import sweep
from broadcaster.store.sqlite.tick import tick
from broadcaster.store.sqlite.watch import Watch


class SqliteStore:
    """A queue in one SQLite file; ``busy_s``: how long to wait for another writer.

    Called from one thread at a time, but for :meth:`changed`.

    :raises InputError: the file cannot be opened, is not ours, or is newer than this program.
    """

    shared = False

    def __init__(self, path: Path, *, busy_s: float = 5.0) -> None:
        self.path = path
        self._cx = Connection(path, busy_s=busy_s)
        try:
            migrate(self._cx)
            seen: int = self._cx.scalar("select value from meta where key = 'changes'")
        except BaseException:
            self._cx.close()
            raise
        self._renderings = Renderings(self._cx)
        self._watch = Watch(path, busy_s, seen)
        self._lock: Exclusive | None = None

    def open(
        self, owner: str, *, exclusive: bool, verify_accounts: frozenset[str] = frozenset()
    ) -> tuple[int, ...]:
        """``verify_accounts``: whose orphans are looked for on the reader's side."""
        if exclusive and self._lock is None:
            self._lock = Exclusive(self.path)
        try:
            with self._cx.write():
                return daemons.register(
                    self._cx,
                    self._renderings,
                    owner,
                    exclusive=exclusive,
                    verify_accounts=verify_accounts,
                    now=_clock(None),
                )
        except BaseException:
            self._unlock()
            raise

    def enqueue(self, posts: Sequence[NewPost], *, now: Micros | None = None) -> list[Queued]:
        with self._cx.write():
            return enqueue(self._cx, self._renderings, posts, _clock(now))

    def tick(
        self,
        owner: str,
        results: Sequence[Result],
        begins: Sequence[Begin],
        wants: Sequence[Want],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> Tick:
        with self._cx.write():
            return tick(
                self._cx,
                self._renderings,
                owner,
                results,
                begins,
                wants,
                _micros(lease_s),
                _clock(now),
            )

    def heartbeat(
        self,
        owner: str,
        lanes: Sequence[tuple[str, int]],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> set[tuple[str, int]]:
        with self._cx.write():
            return daemons.heartbeat(self._cx, owner, lanes, _micros(lease_s), _clock(now))

    def change(self, by: str, change: Change, *, now: Micros | None = None) -> Changed:
        at = _clock(now)
        try:
            with self._cx.write():
                return changes.apply(self._cx, self._renderings, by, change, at)
        except Refused as refusal:
            with self._cx.write():
                changes.log_refusal(self._cx, by, change, str(refusal), at)
            raise

    def sweep(self, limit: int, *, now: Micros | None = None) -> int:
        with self._cx.write():
            return sweep(self._cx, limit, _clock(now))

    def budget(
        self, account: str, want: int, rate: Rate, *, now: Micros | None = None
    ) -> tuple[int, Micros]:
        with self._cx.write():
            return daemons.budget(self._cx, account, want, rate, _clock(now))

    def post(self, post: int) -> PostView:
        with self._cx.read():
            return views.view(self._cx, self._renderings, post)

    def posts(self, query: Query) -> list[PostRow]:
        with self._cx.read():
            return [
                PostRow(post=views.as_post(row), state=state, counts=counts)
                for row, state, counts in listing.listed(self._cx, query)
            ]

    def unknowns(self) -> list[DeliveryView]:
        with self._cx.read():
            return views.unknowns(self._cx, self._renderings)

    def health(self, *, now: Micros | None = None) -> StoreHealth:
        with self._cx.read():
            return listing.health(self._cx, f"sqlite:///{self.path}", _clock(now))

    def changed(self, timeout: float) -> bool:
        return self._watch.wait(timeout)

    def acknowledge(self, owner: str, generation: int) -> None:
        with self._cx.write():
            daemons.acknowledge(self._cx, owner, generation)

    def acknowledged(self, generation: int, *, now: Micros | None = None) -> bool:
        with self._cx.read():
            return daemons.acknowledged(self._cx, generation, _clock(now))

    def backup(self, to: Path) -> None:
        if to.exists():
            raise InputError(f"{to} exists already; choose another name for the backup")
        self._cx.backup(to)

    def close(self, owner: str | None = None) -> None:
        self._watch.close()
        try:
            if owner is not None:
                with self._cx.write():
                    daemons.unregister(self._cx, owner)
        finally:
            self._cx.close()
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _clock(now: Micros | None) -> Micros:
    """The database's clock is its machine's."""
    return time.time_ns() // 1000 if now is None else now


def _micros(seconds: float) -> Micros:
    return int(seconds * 1_000_000)
