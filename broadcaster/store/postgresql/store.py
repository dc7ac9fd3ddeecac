"""The store in a PostgreSQL database, for any number of daemons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Digest, Micros
from broadcaster.store.mark import HighWaterMark, StoreIdentity, objection
from broadcaster.store.postgresql.address import Address
from broadcaster.store.postgresql.connection import BUSY_S, Beside, Connection
from broadcaster.store.postgresql.fan_out import fan_out
from broadcaster.store.postgresql.files import KeptFiles
from broadcaster.store.postgresql.listener import WriteListener
from broadcaster.store.postgresql.migrate import latest, migrate
from broadcaster.store.postgresql.tables import PostgresTables
from broadcaster.store.postgresql.tick import Ticks
from broadcaster.store.queue import daemons, status
from broadcaster.store.queue.enqueue import WIDE, enqueue
from broadcaster.store.queue.upkeep import DAY, files
from broadcaster.store.queue.verbs import QueueStore
from broadcaster.store.queue.work import Work, micros, pack
from broadcaster.store.store import NOTHING, StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.exchange import Capacity, Result, Tick, UploadDone
    from broadcaster.store.submit import NewPost, Queued
    from broadcaster.store.views import ScheduleRow

T = TypeVar("T")


class PostgresStore(QueueStore):
    """A queue in a database; ``busy_s``: how long to wait for another writer.

    :raises InputError: it cannot be reached or used, is not ours, or is newer than this program.
    """

    several_daemons = True
    clock_of_its_own = True
    keeps_files = True
    fans_out_beside = True
    halves_batches = True

    def __init__(
        self,
        url: str,
        *,
        password_file: Path | None = None,
        folder: Path | None = None,
        busy_s: float = BUSY_S,
    ) -> None:
        """``folder``: on this machine, for copies of attached files, and for the mark that notes
        how far the store has come."""
        self._address = Address(url, password_file)
        self._mark = None if folder is None else HighWaterMark(folder / "postgresql.mark")
        self._noted = None if self._mark is None else self._mark.read()
        self._busy_s = busy_s
        self._cx = Connection(self._address, busy_s=busy_s)
        try:
            migrate(self._cx)
            self._identity = _identity_of(self._cx)
        except StoreBusy as busy:
            self._cx.close()
            raise InputError(str(busy)) from None
        except BaseException:
            self._cx.close()
            raise
        super().__init__(self._cx)
        self._tables = PostgresTables(self._cx)
        self._least_epoch = self._noted.epoch + 1 if self._noted else 0
        self._objection = objection(self._noted, self._identity)
        self._ticks = Ticks(self._cx, self._renderings, self._write)
        self._aside: Connection | None = None
        """A daemon's, for fan-outs beside its ticks."""
        self._listener = WriteListener(self._address)
        self._files = None if folder is None else KeptFiles(self._cx, folder / "media")

    def open(
        self, owner: str, *, exclusive: bool, looks: Mapping[str, Micros] = NOTHING
    ) -> tuple[int, ...]:
        with self._cx.single():
            self._hold(owner)
        self._cx.greeted = lambda _: self._come_back(owner)
        if self._aside is None:  # a server without room for it says so now, not when it is needed
            self._aside = Connection(self._address, busy_s=self._busy_s, greeted=self._is_the_same)
            self._is_the_same(self._aside)

        def register(work: Work) -> tuple[int, ...]:
            if exclusive:
                self._refuse_others(work, owner)
            return daemons.register(work, owner, exclusive=exclusive, looks=looks)

        return self._write(register, None)

    def enqueue(self, posts: Sequence[NewPost], *, now: Micros | None = None) -> list[Queued]:
        self.keep(_files_of(posts))
        return self._write(
            lambda work: enqueue(work, posts),
            now,
            Beside.TICKS_AND_FAN_OUTS if all(map(_is_wide, posts)) else Beside.NOTHING,
        )

    def fire(
        self,
        schedule: ScheduleRow,
        occurrence: str,
        post: NewPost,
        next_at: Micros,
        *,
        now: Micros | None = None,
    ) -> Queued | None:
        self.keep(_files_of([post]))
        return super().fire(schedule, occurrence, post, next_at, now=now)

    def flaws(self) -> tuple[str, ...]:
        flaws = self._address.flaws()
        if self._read(lambda _: bool(self._cx.scalar("session.let_in"))):
            flaws.append(
                say(
                    "every user of the database server may connect to this database, and "
                    "use up its connections; run, as its owner: revoke connect on "
                    "database NAME from public"
                )
            )
        return tuple(flaws)

    def keep(self, digests: Iterable[Digest]) -> None:
        if self._files is not None:
            self._object()
            self._files.keep(digests)

    def bring(self, digests: Sequence[Digest]) -> None:
        if self._files is not None:
            self._files.bring(digests)

    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        named, before = self._read(lambda work: (files(work), work.now - DAY), now)
        with self._cx.aside():
            self._cx.run("files.drop", named=pack(sorted(named)), before=before)
        return super().tidy(limit, now=now)

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
        self._object()
        lease = micros(lease_s)
        return self._ticks.tick(owner, results, uploads_done, capacities, lease, now, fans=fans)

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
        self._object()
        if uploads_done:
            raise StoreBusy("finished uploads take the general path")
        return await self._ticks.tick_in_loop(owner, results, capacities, micros(lease_s), now)

    def fan_out(self, *, beside: bool = False, now: Micros | None = None) -> int:
        self._object()
        aside = self._aside if beside else None
        return fan_out(aside or self._cx, now)

    def changed(self, timeout: float) -> bool:
        return self._listener.wait(timeout)

    def backup(self, to: Path) -> None:
        raise InputError(
            say(
                "a store in PostgreSQL is backed up with the server's own tools: "
                "pg_dump --format=custom --schema=broadcaster --file=FILE …"
            )
        )

    def close(self, owner: str | None = None) -> None:
        self._listener.close()
        try:
            if owner is not None:
                with self._cx.single():
                    pass  # a connection that was lost comes back, and its last answer is missed
                if self._ticks.reply_lost:
                    self._ticks.recover(owner)
                self._write(lambda work: daemons.unregister(work, owner), None)
        except StoreBusy:
            pass  # leases run out by themselves
        finally:
            if self._aside is not None:
                self._aside.close()
            self._cx.close()

    def _hold(self, owner: str) -> None:
        """Be the only connection of this daemon."""
        digest = hashlib.sha256(owner.encode()).hexdigest()[:32]
        name = f"broadcaster {digest}"  # the server cuts off what is longer than 63 bytes
        if not self._cx.scalar("session.end_other", name=name, wait=round(self._busy_s * 1000)):
            raise StoreBusy(
                say(
                    "the store {shown}: the server still works on what this daemon asked "
                    "before its connection was lost",
                    shown=self._address.shown,
                )
            )
        self._cx.run("session.hold", name=name)

    def _come_back(self, owner: str) -> None:
        """A new connection after a lost one; what was under way there is over once this returns.

        :raises InputError: there is another database now, or an older one.
        """
        self._is_the_same(self._cx)
        self._hold(owner)
        self._ticks.reply_lost = True

    def _is_the_same(self, cx: Connection) -> None:
        """:raises InputError: there is another database now, or an older one."""
        if why := objection(self._identity, _identity_of(cx)):
            raise InputError(
                say("the store {shown} is not used: {why}", shown=self._address.shown, why=why)
            )

    def _object(self) -> None:
        """:raises InputError: this database may not know what was sent."""
        if self._objection:
            raise InputError(
                say(
                    "the store {shown} is not used: {objection}, so it may not know what "
                    "was sent since. Begin with it: broadcaster restore --in-place (holds "
                    "all that waits, resends nothing)",
                    shown=self._address.shown,
                    objection=self._objection,
                )
            )

    def _refuse_others(self, work: Work, owner: str) -> None:
        for other in status.daemons(work):
            if other.alive and other.owner != owner:
                raise InputError(
                    say(
                        "a daemon (pid {pid} on {host}) works on the store {shown}; stop it first",
                        pid=other.pid,
                        host=other.host,
                        shown=self._address.shown,
                    )
                )

    def _write(
        self,
        do: Callable[[Work], T],
        now: Micros | None,
        beside: Beside = Beside.NOTHING,
    ) -> T:
        self._object()
        with self._cx.write(now, beside) as at:
            done = do(Work(self._cx, self._renderings, at))
            identity = _identity_of(self._cx) if self._is_older() else self._identity
        if identity is not self._identity:
            self._identity = identity
            if self._mark is not None:
                self._mark.write(identity)
        return done

    @contextmanager
    def _reading(self, now: Micros | None = None) -> Iterator[Work]:
        with self._cx.read(now) as at:
            yield Work(self._cx, self._renderings, at)

    def _about(self) -> Mapping[str, Any]:
        return {"url": self._address.shown, "schema": latest(), "engine": self._cx.engine}


def _identity_of(cx: Connection) -> StoreIdentity:
    return StoreIdentity(**dict(cx.one("restore.identity") or {}))


def _is_wide(post: NewPost) -> bool:
    """Whether to queue it touches no lane and asks for no key: it stands in nobody's way."""
    return len(post.targets) >= WIDE and post.key is None


def _files_of(posts: Iterable[NewPost]) -> Iterator[Digest]:
    for post in posts:
        yield from (item.digest for item in post.media)
        yield from (item.media.digest for item in post.converted)
