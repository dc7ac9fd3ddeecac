"""Maps the verbs that both kinds of store share to functions and kinds of transaction.

:class:`~broadcaster.store.store.Store` declares and explains the verbs.  A function takes a
:class:`~broadcaster.store.queue.work.Work` and the arguments of its verb, except ``now``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property, partial, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from broadcaster.errors import Refused
from broadcaster.model import Actor, Micros
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queue.work import Database, Work
from broadcaster.store.store import Store

if TYPE_CHECKING:
    from broadcaster.store.changes import Change, Changed
    from broadcaster.store.mark import StoreIdentity
    from broadcaster.store.people import People
    from broadcaster.store.queue.upkeep import Tables
    from broadcaster.store.upkeep import Batch, Restored
    from broadcaster.store.views import StoreHealth

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def function_of(name: str) -> Callable[..., Any]:
    """``module.function`` of this package, imported at its first use: queueing a post needs few."""
    module, _, function = name.partition(".")
    called: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), function)
    return called


def _does(transaction: str, declared: F, name: str) -> F:
    """An implementation of the verb ``declared`` by the function ``name``."""

    @wraps(declared, updated=())  # updating would copy the mark of an abstract method
    def verb(self: QueueStore, *args: Any, now: Micros | None = None, **named: Any) -> Any:
        function = function_of(name)
        return getattr(self, transaction)(lambda work: function(work, *args, **named), now)

    verb.function = name  # type: ignore[attr-defined]
    return cast("F", verb)


def _reads(declared: F, name: str) -> F:
    return _does("_read", declared, name)


def _writes(declared: F, name: str) -> F:
    return _does("_write", declared, name)


class _Attempted(Exception):
    """Rolls a tried change back, and carries its effect."""

    def __init__(self, changed: Changed) -> None:
        super().__init__("attempted")
        self.changed = changed


class QueueStore(Store):
    """``db``: the connection of every verb, but for ``changed`` and ``fan_out`` beside ticks.

    These are called from threads of their own, all others one at a time.
    """

    _objection = ""
    """Why the store is refused: it may be an old copy; empty: it is used."""
    _least_epoch = 0
    """Lowest epoch for a restore: higher than any that this machine has seen of the store."""
    _identity: StoreIdentity
    _tables: Tables

    def __init__(self, db: Database) -> None:
        self._db = db
        self._renderings = Renderings(db)
        self._sealing = False

    @cached_property
    def people(self) -> People:
        from broadcaster.store.queue.people import (
            PeopleTables,  # here: only the web process needs it
        )

        return PeopleTables(self, self._db)

    @abstractmethod
    def _write(self, do: Callable[[Work], T], now: Micros | None) -> T:
        """Run ``do`` alone in a write transaction, at ``now`` or by the store's clock.

        :raises StoreBusy: nothing was recorded.
        """

    @abstractmethod
    def _reading(self, now: Micros | None = None) -> AbstractContextManager[Work]:
        """One consistent view of the store."""

    @abstractmethod
    def _about(self) -> Mapping[str, Any]:
        """``url``, ``schema`` and ``engine``, as :class:`StoreHealth` has them."""

    enqueue = _writes(Store.enqueue, "enqueue.enqueue")
    keyed = _reads(Store.keyed, "enqueue.keyed")
    written = _reads(Store.written, "enqueue.written")
    slots_taken = _reads(Store.slots_taken, "enqueue.slots_taken")
    removals = _reads(Store.removals, "removal.due")
    heartbeat = _writes(Store.heartbeat, "daemons.heartbeat")
    acknowledge = _writes(Store.acknowledge, "daemons.acknowledge")
    acknowledged = _reads(Store.acknowledged, "daemons.acknowledged")
    sweep = _writes(Store.sweep, "tick.sweep")
    schedules = _reads(Store.schedules, "schedules.rows")
    fire = _writes(Store.fire, "schedules.fire")
    post = _reads(Store.post, "views.post")
    posts = _reads(Store.posts, "views.posts")
    channels = _reads(Store.channels, "record.channels")
    unknowns = _reads(Store.unknowns, "views.unknowns")
    daemons = _reads(Store.daemons, "status.daemons")
    gates = _reads(Store.gates, "status.gates")
    approvals = _reads(Store.approvals, "approval.approvals")
    asked = _reads(Store.asked, "approval.asked")
    decided = _reads(Store.decided, "approval.decided")
    troubles = _reads(Store.troubles, "views.troubles")
    backlog = _reads(Store.backlog, "views.backlog")
    went_out = _reads(Store.went_out, "views.went_out")
    notify = _writes(Store.notify, "views.notify")
    notified = _reads(Store.notified, "views.notified")
    audit = _reads(Store.audit, "audit.latest")
    verify_audit = _reads(Store.verify_audit, "audit.verify")
    audit_head = _reads(Store.audit_head, "audit.last_hash")
    prune = _writes(Store.prune, "upkeep.prune")
    would_prune = _reads(Store.would_prune, "upkeep.would_prune")
    files = _reads(Store.files, "upkeep.files")

    def change(self, by: Actor | str, change: Change, *, now: Micros | None = None) -> Changed:
        applied, refused = function_of("change.apply"), function_of("change.refused")
        try:
            done: Changed = self._write(lambda work: applied(work.under(by), change), now)
        except Refused as refusal:
            why = refusal  # the name goes with its block
            self._write(lambda work: refused(work.under(by), change, why), now)
            raise
        return done

    def would_change(
        self, by: Actor | str, change: Change, *, now: Micros | None = None
    ) -> Changed:
        applied = function_of("change.apply")

        def attempt(work: Work) -> None:
            raise _Attempted(applied(work.under(by), change))

        try:
            self._write(attempt, now)
        except _Attempted as attempted:  # the exception rolled the transaction back
            return attempted.changed
        raise AssertionError("an attempt always ends by what it raises")

    def health(self, *, counted: bool = True, now: Micros | None = None) -> StoreHealth:
        health = function_of("status.health")
        with self._reading(now) as work:
            seen: StoreHealth = health(work, counted=counted, **self._about())
        return seen

    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        with self._reading(now) as work:
            before, unused = function_of("upkeep.unused")(work)
        dropped = 0
        for start in range(0, len(unused), limit):
            batch = unused[start : start + limit]
            drop = partial(function_of("upkeep.drop"), renderings=batch, before=before)
            dropped += self._write(drop, now)
        return dropped

    def export(self) -> Iterator[Batch]:
        with self._reading() as work:
            yield from function_of("upkeep.export")(work, self._tables)

    def load(self, by: Actor | str, source: str, batches: Iterable[Batch]) -> Mapping[str, int]:
        load = function_of("upkeep.load")
        loaded: Mapping[str, int] = self._write(
            lambda work: load(work, by, self._tables, source, batches), None
        )
        return loaded

    def seal(self, by: Actor | str, why: str) -> None:
        self._sealing = True  # allows this last write to a sealed store
        try:
            seal = function_of("upkeep.seal")
            self._write(lambda work: seal(work, by, why), None)
        finally:
            self._sealing = False

    def new_epoch(
        self, by: Actor | str, epoch: int, source: str, *, now: Micros | None = None
    ) -> Restored:
        """See :class:`Store`; afterwards the store is accepted, whatever its mark says."""
        before, self._objection = self._objection, ""
        try:
            renew, above = function_of("upkeep.new_epoch"), max(epoch, self._least_epoch)
            restored: Restored = self._write(lambda work: renew(work, by, above, source), now)
        except BaseException:
            self._objection = before
            raise
        return restored

    @property
    def identity(self) -> StoreIdentity:
        return self._identity

    def _read(self, do: Callable[[Work], T], now: Micros | None = None) -> T:
        with self._reading(now) as work:
            return do(work)

    def _is_older(self) -> bool:
        """Whether a write has raised the store's age above :attr:`identity`; asked at its end.

        :raises Refused: the store is sealed.
        """
        written = self._db.one("restore.written")
        assert written is not None, "it is one row of many answers"
        if written["sealed"] and not self._sealing:
            raise Refused(written["sealed"])
        return bool(written["age"] != self._identity.age)
