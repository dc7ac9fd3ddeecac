"""The verbs of the port that every store words the same way, each one transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from broadcaster.errors import Refused
from broadcaster.model import Actor, Digest, Micros
from broadcaster.store.queue import audit
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.later import Later
from broadcaster.store.queue.renderings import Renderings

if TYPE_CHECKING:
    from broadcaster.store.changing import Change, Changed
    from broadcaster.store.health import StoreHealth
    from broadcaster.store.keeping import (
        AuditProof,
        AuditRow,
        Backlog,
        Outgoing,
        Place,
        Pruned,
        Restored,
        Retention,
        Troubles,
    )
    from broadcaster.store.live import DaemonRow, Gate
    from broadcaster.store.queue import (
        audit_chain,
        daemons,
        listing,
        news,
        prune,
        restore,
        schedules,
        sweep,
        views,
    )
    from broadcaster.store.queue import change as changes
    from broadcaster.store.queueing import NewPost, Queued
    from broadcaster.store.reading import DeliveryView, PostRow, PostView, Query
    from broadcaster.store.scheduling import ScheduleRow
else:
    audit_chain, changes, daemons, listing, news, prune, restore, schedules, sweep, views = map(
        Later,
        (
            "audit_chain",
            "change",
            "daemons",
            "listing",
            "news",
            "prune",
            "restore",
            "schedules",
            "sweep",
            "views",
        ),
    )

T = TypeVar("T")


class QueueStore(ABC):
    """``db``: the connection of every verb, but for ``changed`` and, if shared, ``fan_out``.

    These are called from threads of their own, all others one at a time.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._renderings = Renderings(db)
        self._sealing = False

    @abstractmethod
    def _write(self, work: Callable[[Micros], T], now: Micros | None) -> T:
        """Do ``work`` in a write transaction that runs alone, at ``now`` or by the store's clock.

        :raises StoreBusy: nothing was recorded.
        """

    @abstractmethod
    def _read(self, work: Callable[[Micros], T], now: Micros | None = None) -> T:
        """Do ``work`` on one consistent view of the store."""

    @abstractmethod
    def _health(self, now: Micros, counted: bool) -> StoreHealth: ...

    def keyed(self, key: str) -> int | None:
        def find(_: Micros) -> int | None:
            known = self._db.one("enqueue.key", key=key)
            return None if known is None else int(known["post"])

        return self._read(find)

    def written(self, author: str, within: Micros, *, now: Micros | None = None) -> int:
        def count(at: Micros) -> int:
            return int(self._db.scalar("enqueue.written", author=author, since=at - within))

        return self._read(count, now)

    def heartbeat(
        self,
        owner: str,
        lanes: Sequence[tuple[str, int]],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> set[tuple[str, int]]:
        lease = micros(lease_s)
        return self._write(lambda at: daemons.heartbeat(self._db, owner, lanes, lease, at), now)

    def change(self, by: Actor | str, change: Change, *, now: Micros | None = None) -> Changed:
        try:
            return self._write(
                lambda at: changes.apply(self._db, self._renderings, by, change, at), now
            )
        except Refused as refusal:
            why = refusal  # the name goes with its block
            self._write(
                lambda at: changes.log_refusal(self._db, self._renderings, by, change, why, at), now
            )
            raise

    def sweep(self, limit: int, *, now: Micros | None = None) -> int:
        return self._write(lambda at: sweep.sweep(self._db, limit, at), now)

    def schedules(self) -> list[ScheduleRow]:
        return self._read(lambda _: schedules.rows(self._db))

    def fire(
        self,
        schedule: ScheduleRow,
        occurrence: str,
        post: NewPost,
        next_at: Micros,
        *,
        now: Micros | None = None,
    ) -> Queued | None:
        return self._write(
            lambda at: schedules.fire(
                self._db, self._renderings, schedule, occurrence, post, next_at, at
            ),
            now,
        )

    def post(self, post: int, *, now: Micros | None = None) -> PostView:
        return self._read(lambda at: views.view(self._db, self._renderings, post, at), now)

    def posts(self, query: Query, *, now: Micros | None = None) -> list[PostRow]:
        return self._read(lambda at: views.rows(self._db, self._renderings, query, at), now)

    def channels(self) -> tuple[str, ...]:
        rows = self._read(lambda _: self._db.all("change.lane_accounts"))
        return tuple(sorted(row["channel"] for row in rows))

    def unknowns(self) -> list[DeliveryView]:
        return self._read(lambda _: views.unknowns(self._db, self._renderings))

    def health(self, *, counted: bool = True, now: Micros | None = None) -> StoreHealth:
        return self._read(lambda at: self._health(at, counted), now)

    def audit(
        self, *, post: int | None = None, since: Micros | None = None, limit: int = 100
    ) -> list[AuditRow]:
        return self._read(lambda _: audit_chain.latest(self._db, post, since, limit))

    def verify_audit(self, head: str | None = None) -> AuditProof:
        return self._read(lambda _: audit_chain.verify(self._db, head))

    def audit_head(self) -> str:
        return self._read(lambda _: audit.head(self._db))

    def daemons(self, *, now: Micros | None = None) -> tuple[DaemonRow, ...]:
        return self._read(lambda at: listing.daemons(self._db, at), now)

    def gates(self) -> tuple[Gate, ...]:
        return self._read(lambda _: listing.gates(self._db))

    def troubles(self, since: Micros, until: Micros) -> list[Troubles]:
        return self._read(lambda _: news.troubles(self._db, since, until))

    def tell(self, cause: str, quiet: Micros, *, now: Micros | None = None) -> Micros | None:
        return self._write(lambda at: news.tell(self._db, cause, quiet, at), now)

    def told(self) -> dict[str, Micros]:
        return self._read(lambda _: news.told(self._db))

    def backlog(self, *, now: Micros | None = None) -> list[Backlog]:
        return self._read(lambda at: news.backlog(self._db, at), now)

    def went_out(self, since: Micros, until: Micros) -> list[Outgoing]:
        return self._read(lambda _: news.went_out(self._db, since, until))

    def prune(
        self,
        by: Actor | str,
        retention: Retention,
        limit: int,
        *,
        after: Place | None = None,
        now: Micros | None = None,
    ) -> Pruned:
        return self._write(lambda at: prune.prune(self._db, by, retention, limit, after, at), now)

    def would_prune(
        self,
        retention: Retention,
        limit: int,
        *,
        after: Place | None = None,
        now: Micros | None = None,
    ) -> Pruned:
        return self._read(lambda at: prune.would_prune(self._db, retention, limit, after, at), now)

    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        before, unused = self._read(
            lambda at: (at - prune.DAY, prune.unused(self._db, at - prune.DAY)), now
        )
        dropped = 0
        for start in range(0, len(unused), limit):
            batch = unused[start : start + limit]
            dropped += self._write(partial(self._drop, batch, before), now)
        return dropped

    def _drop(self, renderings: list[Digest], before: Micros, _now: Micros) -> int:
        return prune.drop(self._db, renderings, before)

    def files(self) -> Mapping[Digest, int]:
        return self._read(lambda _: prune.files(self._db))

    def seal(self, by: Actor | str, why: str) -> None:
        self._sealing = True  # the last that is written
        try:
            self._write(lambda at: restore.seal(self._db, by, why, at), None)
        finally:
            self._sealing = False

    def new_epoch(
        self, by: Actor | str, epoch: int, source: str, *, now: Micros | None = None
    ) -> Restored:
        return self._write(
            lambda at: restore.new_epoch(self._db, self._renderings, by, epoch, source, at), now
        )

    def acknowledge(self, owner: str, generation: int) -> None:
        self._write(lambda _: daemons.acknowledge(self._db, owner, generation), None)

    def acknowledged(self, generation: int, *, now: Micros | None = None) -> bool:
        return self._read(lambda at: daemons.acknowledged(self._db, generation, at), now)


def micros(seconds: float) -> Micros:
    return int(seconds * 1_000_000)
