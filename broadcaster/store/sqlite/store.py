"""The store in one SQLite file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Digest, Micros
from broadcaster.store.mark import HighWaterMark, StoreIdentity, objection
from broadcaster.store.queue.enqueue import fan_out_due
from broadcaster.store.queue.renderings import DAMAGE
from broadcaster.store.queue.verbs import QueueStore, function_of
from broadcaster.store.queue.work import Work, micros
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.driver import ENGINE
from broadcaster.store.sqlite.listener import WriteListener
from broadcaster.store.sqlite.lock import Exclusive
from broadcaster.store.sqlite.migrate import latest, migrate
from broadcaster.store.sqlite.schema import require_ours
from broadcaster.store.sqlite.stuck import StuckLock
from broadcaster.store.sqlite.tables import SqliteTables
from broadcaster.store.store import NOTHING, StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.exchange import Capacity, Result, Tick, UploadDone
    from broadcaster.store.sqlite.fast_path import FastPath
    from broadcaster.store.sqlite.throttle import FanOutThrottle

T = TypeVar("T")
SLOW_S = 0.05
"""Seconds of a tick in the loop above which the disk counts as slow; the thread ticks then."""
SLOW_FOR_S = 30.0
_WIDE = say("posts are to be made deliveries, which takes longer")


class SqliteStore(QueueStore):
    """A queue in one SQLite file; ``busy_s``: how long to wait for another writer.

    :raises InputError: the file cannot be opened, is not ours, or is newer than this program.
    """

    several_daemons = False
    clock_of_its_own = False
    keeps_files = False
    fans_out_beside = False
    halves_batches = False

    def __init__(self, path: Path, *, busy_s: float = 5.0) -> None:
        self.path = path
        self._mark = mark_of(path)
        noted = self._mark.read()  # read before the store, whose age only grows meanwhile
        new = _missing(path)
        if new and noted:
            raise InputError(
                say(
                    "the store {path} is gone: put it back with `broadcaster restore "
                    "FROM`, or remove {path2} to begin anew",
                    path=path,
                    path2=self._mark.path,
                )
            )
        self._cx = Connection(path, busy_s=busy_s)
        try:
            migrate(self._cx)
            with self._cx.read():
                seen: int = self._cx.scalar("select value from meta where key = 'changes'")
                self._identity = identity_of(self._cx)
        except BaseException:
            self._cx.close()
            raise
        super().__init__(self._cx)
        self._tables = SqliteTables(self._cx)
        self._objection = objection(noted, self._identity)
        if new:
            self._mark.write(self._identity)
        self._listener = WriteListener(path, busy_s, seen)
        self._lock: Exclusive | None = None
        self._stuck = StuckLock(path)
        self._slow_until = 0.0
        """By the monotonic clock."""

    def open(
        self, owner: str, *, exclusive: bool, looks: Mapping[str, Micros] = NOTHING
    ) -> tuple[int, ...]:
        if exclusive and self._lock is None:
            self._lock = Exclusive(self.path)
        self._cx.tend()
        try:
            self.require_ours()
            self._write(partial(self._mend, all_tables=False), None)
            register = function_of("daemons.register")
            orphans: tuple[int, ...] = self._write(
                lambda work: register(work, owner, exclusive=exclusive, looks=looks), None
            )
        except BaseException:
            self._unlock()
            raise
        return orphans

    def require_ours(self) -> None:
        """Check the schema.

        :raises InputError: the file has a trigger or another object that is not ours.
        """
        with self._cx.read():
            require_ours(self._cx)

    def flaws(self) -> tuple[str, ...]:
        self.require_ours()
        return ()

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
        return self._tick(owner, results, uploads_done, capacities, lease_s, now, fans=fans)

    async def tick_in_loop(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> Tick:
        """It takes a few milliseconds of this process, and waits for nobody."""
        began = time.monotonic()
        if began < self._slow_until:
            raise StoreBusy(say("the disk is slow just now"))
        try:
            return self._tick(owner, results, uploads_done, capacities, lease_s, now, at_once=True)
        finally:
            if time.monotonic() - began > SLOW_S:
                self._slow_until = began + SLOW_FOR_S

    def _tick(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease_s: float,
        now: Micros | None,
        *,
        fans: bool = True,
        at_once: bool = False,
    ) -> Tick:
        fast_path, lease, tick = self._fast_path, micros(lease_s), function_of("tick.tick")

        def do(work: Work) -> Tick:
            fans_from = self._throttle.next_from if fans else None
            if at_once:
                if self._throttle.owes(work.now) and not results:
                    raise StoreBusy(_WIDE)
                fans_from = max(self._throttle.next_from, work.now + 1)
            left = fast_path.record(owner, results, work.now)
            done: Tick = tick(
                work.under(owner), left, uploads_done, capacities, lease, fans_from=fans_from
            )
            if at_once and done.left and not done.claims:
                raise StoreBusy(_WIDE)
            return replace(done, recorded=done.recorded + len(results) - len(left))

        done = self._write(do, now, wait=not at_once)
        fast_path.recorded(results, done.claims)
        return self._throttle.ticked(capacities, done) if fans else done

    def fan_out(self, *, beside: bool = False, now: Micros | None = None) -> int:
        return self._write(fan_out_due, now)

    @cached_property
    def _fast_path(self) -> FastPath:
        from broadcaster.store.sqlite.fast_path import FastPath  # here: only a daemon ticks

        return FastPath(self._cx)

    @cached_property
    def _throttle(self) -> FanOutThrottle:
        from broadcaster.store.sqlite.throttle import FanOutThrottle  # here: only a daemon needs it

        return FanOutThrottle()

    def keep(self, digests: Iterable[Digest]) -> None:
        """They lie beside the store."""

    def bring(self, digests: Sequence[Digest]) -> None:
        """They lie beside the store."""

    def changed(self, timeout: float) -> bool:
        return self._listener.wait(timeout)

    def backup(self, to: Path) -> None:
        if to.exists():
            raise InputError(say("{to} exists already; choose another name for the backup", to=to))
        self._cx.backup(to)

    def close(self, owner: str | None = None) -> None:
        self._listener.close()
        try:
            if owner is not None:
                unregister = function_of("daemons.unregister")
                self._write(lambda work: unregister(work, owner), None)
        finally:
            self._cx.close()
            self._unlock()

    def _write(self, do: Callable[[Work], T], now: Micros | None, *, wait: bool = True) -> T:
        if self._objection:
            raise InputError(
                say(
                    "the store {path} is not used: {objection}, so it may not know what "
                    "was sent since. Begin with it: broadcaster restore --in-place (holds "
                    "all that waits, resends nothing); or put a backup in its place: "
                    "broadcaster restore FROM",
                    path=self.path,
                    objection=self._objection,
                )
            )
        try:
            try:
                return self._written(do, now, wait)
            except DAMAGE:
                if not self._written(self._mend, now, wait):
                    raise
                return self._written(do, now, wait)
        except StoreBusy:
            if wait:
                self._stuck.judge()
            raise

    def _written(self, do: Callable[[Work], T], now: Micros | None, wait: bool) -> T:
        with self._cx.write(wait=wait):
            done = do(self._work(now))
            # Read before the commit: a failure after it would look as if nothing was recorded.
            grown = self._is_older()
            identity = identity_of(self._cx) if grown else self._identity
        self._stuck.free()
        if grown:
            self._identity = identity
            self._mark.write(identity)
        return done

    def _mend(self, work: Work, *, all_tables: bool = True) -> int:
        from broadcaster.store.sqlite import mend  # here: hardly ever needed

        return mend.mend(work, *(() if all_tables else mend.FEW))

    @contextmanager
    def _reading(self, now: Micros | None = None) -> Iterator[Work]:
        with self._cx.read():
            yield self._work(now)

    def _work(self, now: Micros | None) -> Work:
        return Work(self._cx, self._renderings, _clock(now))

    def _about(self) -> Mapping[str, Any]:
        return {"url": f"sqlite:///{self.path}", "schema": latest(), "engine": ENGINE}

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        return False  # no permission to look: opening it reports that


def identity_of(cx: Connection) -> StoreIdentity:
    row = cx.one("restore.identity")
    return StoreIdentity(**dict(row or {}), inode=cx.path.stat().st_ino)


def mark_of(path: Path) -> HighWaterMark:
    return HighWaterMark(path.with_name(path.name + ".mark"))


def _clock(now: Micros | None) -> Micros:
    """``now``, or the clock of this machine, which is that of the store."""
    return time.time_ns() // 1000 if now is None else now
