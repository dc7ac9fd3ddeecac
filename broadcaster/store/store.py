"""The interface of a store: synchronous verbs, each one transaction.

Times are :data:`~broadcaster.model.Micros`.  ``now=None`` means the database's own clock; tests
pass a number.  Delays in results are relative (microseconds from the moment of recording), so
that a daemon's clock never mixes with the database's.

A *position* is the index of a message in its delivery (in the tables: ``step``).  For a post it
equals the message's slot; the messages of an edit or a recall act on the post's slots.

Guards are in SQL: a verb changes a row only from the state, position and fence that it names.  The
database itself refuses an edge that docs/lifecycle.md does not list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING

from broadcaster.errors import BroadcasterError, Busy, Unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from broadcaster.model import Actor, Digest, Micros
    from broadcaster.store.changes import Change, Changed
    from broadcaster.store.exchange import Capacity, Result, Tick, UploadDone
    from broadcaster.store.live import DaemonRow, Gate
    from broadcaster.store.mark import StoreIdentity
    from broadcaster.store.people import People
    from broadcaster.store.submit import NewPost, Queued
    from broadcaster.store.upkeep import Batch, Cursor, Pruned, Restored, Retention
    from broadcaster.store.views import (
        AuditProof,
        AuditRow,
        Backlog,
        DeliveryView,
        Outgoing,
        PostRow,
        PostView,
        Query,
        Review,
        ScheduleRow,
        StoreHealth,
        Troubles,
    )

NOTHING: Mapping[str, Micros] = MappingProxyType({})


class StoreBusy(Busy):
    """The store cannot be written now, for example because another writer holds it for too long.

    As far as is known, nothing was recorded; the caller keeps its results and tries again.
    """


class StoreStuck(BroadcasterError):
    """This process can never write to the store again; a new process can."""


class StoreUnsure(StoreBusy, Unsure):
    """The connection was lost during a commit; whether it was recorded is unknown."""


class StoreAway(StoreBusy):
    """The server cannot be reached over the connection of the call."""


class Store(ABC):
    """One office's queue.  Every verb raises :class:`StoreBusy` if it cannot be recorded."""

    several_daemons: bool
    """Whether several daemons may work on the store at once."""
    clock_of_its_own: bool
    """Whether times come from a server's clock.  If not, they are those of this machine, and a
    daemon may pass ``now``."""
    keeps_files: bool
    """Whether attached files come from the store (:meth:`bring`) instead of a local folder."""
    fans_out_beside: bool
    """Whether a daemon fans out in the background (``beside`` of :meth:`fan_out`) instead of in
    its ticks."""
    halves_batches: bool
    """Whether a tick waits for a server, so that half of the senders should work meanwhile."""

    @property
    @abstractmethod
    def people(self) -> People:
        """The users of the web process."""

    @abstractmethod
    def open(
        self, owner: str, *, exclusive: bool, looks: Mapping[str, Micros] = NOTHING
    ) -> tuple[int, ...]:
        """Register ``owner`` as a daemon; ``exclusive``: as the only one.

        Returns the deliveries that dead daemons left ``sending``; they are unknown now.

        :param looks: channel -> how long such deliveries are looked for on the public page before
            a person is asked.  For channels that are missing here, a person is asked at once.
        :raises InputError: another daemon holds the store; the text names its pid.
        """

    @abstractmethod
    def enqueue(self, posts: Sequence[NewPost], *, now: Micros | None = None) -> list[Queued]:
        """Queue all posts or none; a post that is due now is fanned out in the same transaction.

        :raises KeyConflict: a key was used before for other content.
        :raises SlotTaken: another post has taken the slot.
        """

    @abstractmethod
    def keyed(self, key: str) -> int | None:
        """The post that was queued with ``key``; None: there is none."""

    @abstractmethod
    def written(self, author: str, within: Micros, *, now: Micros | None = None) -> int:
        """The number of posts that ``author`` queued in the last ``within`` microseconds."""

    @abstractmethod
    def slots_taken(self, slot: str, since: Micros) -> frozenset[Micros]:
        """The times from ``since`` on that posts have taken in the list of slots ``slot``."""

    @abstractmethod
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
        """Record results, fan out due posts, start uploaded messages, and claim; one transaction.

        A tick without anything to write commits nothing, so it wakes no other process.

        :param fans: whether to fan out due posts; False: :meth:`fan_out` does it.
        :raises StoreBusy: as far as is known, nothing was recorded; the same call may be repeated.
        """

    @abstractmethod
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
        """Like :meth:`tick`, but runs in the event loop, for a few milliseconds at most.

        Does not fan out due posts.

        :raises StoreBusy: the tick would take longer; call :meth:`tick` in the store's thread.
        """

    @abstractmethod
    def fan_out(self, *, beside: bool = False, now: Micros | None = None) -> int:
        """Make the deliveries of some due posts; returns how many; 0: no post is due any more.

        :param beside: use the second connection, from a second thread (``fans_out_beside``).
        :raises StoreAway: that connection is lost.
        """

    @abstractmethod
    def heartbeat(
        self,
        owner: str,
        lanes: Sequence[tuple[str, int]],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> set[tuple[str, int]]:
        """Renew the leases ``lanes`` and the owner's registration; returns the leases lost.

        :param lanes: (channel, fence) of each lease.
        """

    @abstractmethod
    def change(self, by: Actor | str, change: Change, *, now: Micros | None = None) -> Changed:
        """Make a change and write it to the audit log, in one transaction.

        :param by: the actor, or the owner of a daemon.
        :raises Refused: nothing could be done; the text is the reason.
        :raises InputError: no such post.
        """

    @abstractmethod
    def would_change(
        self, by: Actor | str, change: Change, *, now: Micros | None = None
    ) -> Changed:
        """What :meth:`change` would do now; changes nothing, and writes no row of the audit log.

        :raises Refused: nothing could be done; the text is the reason.
        :raises InputError: no such post.
        """

    @abstractmethod
    def sweep(self, limit: int, *, now: Micros | None = None) -> int:
        """Mark late deliveries as missed, and those behind closed gates as held.

        Changes at most ``limit`` rows; returns how many.
        """

    @abstractmethod
    def removals(self, limit: int, *, now: Micros | None = None) -> list[int]:
        """Posts whose planned removal is due, the earliest first; each needs a ``Remove``."""

    @abstractmethod
    def schedules(self) -> list[ScheduleRow]:
        """Every recurring post, by name."""

    @abstractmethod
    def fire(
        self,
        schedule: ScheduleRow,
        occurrence: str,
        post: NewPost,
        next_at: Micros,
        *,
        now: Micros | None = None,
    ) -> Queued | None:
        """Queue the post of the due occurrence of ``schedule``, given as it was read.

        Returns None if the occurrence is not due any more: another daemon was faster, or the
        schedule was changed or paused.  An occurrence makes at most one post.
        """

    @abstractmethod
    def post(self, post: int, *, now: Micros | None = None) -> PostView:
        """One post with its deliveries.

        :raises InputError: no such post.
        """

    @abstractmethod
    def posts(self, query: Query, *, now: Micros | None = None) -> list[PostRow]: ...

    @abstractmethod
    def channels(self) -> tuple[str, ...]:
        """Every channel that a post has ever become a delivery for, by name."""

    @abstractmethod
    def unknowns(self) -> list[DeliveryView]:
        """Every unknown delivery, oldest first."""

    @abstractmethod
    def health(self, *, counted: bool = True, now: Micros | None = None) -> StoreHealth:
        """The state of the store, as ``status`` shows it.

        ``counted`` False leaves ``counts`` and ``by_channel`` empty, because counting reads every
        delivery of the store.
        """

    @abstractmethod
    def audit(
        self, *, post: int | None = None, since: Micros | None = None, limit: int = 100
    ) -> list[AuditRow]:
        """Rows of the audit log, newest first; of one post, or since a time."""

    @abstractmethod
    def verify_audit(self, head: str | None = None) -> AuditProof:
        """Walk the whole audit log; ``head``: a hash noted elsewhere that must be part of it."""

    @abstractmethod
    def audit_head(self) -> str:
        """Hash of the audit log's last row; empty: there is none."""

    @abstractmethod
    def flaws(self) -> tuple[str, ...]:
        """Advice for the administrator of the store, as texts for people.

        :raises InputError: a daemon would refuse to work on the store; the text is the reason.
        """

    @abstractmethod
    def daemons(self, *, now: Micros | None = None) -> tuple[DaemonRow, ...]:
        """The registered daemons; one that is not alive exited without unregistering."""

    @abstractmethod
    def gates(self) -> tuple[Gate, ...]:
        """The closed gates."""

    @abstractmethod
    def approvals(self, post: int) -> int:
        """How many people have approved a post as it is; 0 also where it never was a draft.

        :raises NotFound: there is no such post.
        """

    @abstractmethod
    def asked(self, since: Micros, limit: int) -> list[Review]:
        """Drafts that began to wait for approval after ``since``, in that order."""

    @abstractmethod
    def decided(self, since: Micros, limit: int) -> list[Review]:
        """Drafts that were approved, returned or rejected after ``since``, or lapsed; in order."""

    @abstractmethod
    def troubles(self, since: Micros, until: Micros) -> list[Troubles]:
        """Deliveries that failed, were missed or stayed unknown between two times."""

    @abstractmethod
    def notify(self, cause: str, every: Micros, *, now: Micros | None = None) -> Micros | None:
        """Reserve the notification about ``cause`` for the calling daemon.

        Returns when the last notification was (0: never); None: it was less than ``every`` ago, so
        no daemon may notify now.
        """

    @abstractmethod
    def notified(self) -> Mapping[str, Micros]:
        """Cause -> when people were last notified of it."""

    @abstractmethod
    def backlog(self, *, now: Micros | None = None) -> list[Backlog]:
        """The deliveries of each account that are not finished, by number."""

    @abstractmethod
    def went_out(self, since: Micros, until: Micros) -> list[Outgoing]:
        """The number of messages delivered in a time, by channel."""

    @abstractmethod
    def prune(
        self,
        by: Actor | str,
        retention: Retention,
        limit: int,
        *,
        after: Cursor | None = None,
        now: Micros | None = None,
    ) -> Pruned:
        """Archive or remove one batch of about ``limit`` rows that were settled long ago.

        The outcome of each delivery, the texts and the receipts stay in the archive.

        Posts that are not settled stay, and so do posts that a kept post replies to.  A checkpoint
        replaces the removed rows of the audit log.

        :param after: where the previous batch ended; None: start from the beginning.
        """

    @abstractmethod
    def would_prune(
        self,
        retention: Retention,
        limit: int,
        *,
        after: Cursor | None = None,
        now: Micros | None = None,
    ) -> Pruned:
        """The rows that :meth:`prune` would remove next; removes nothing."""

    @abstractmethod
    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        """Remove at most ``limit`` unreferenced renderings; returns how many."""

    @abstractmethod
    def keep(self, digests: Iterable[Digest]) -> None:
        """Make attached files of this machine available to every daemon; :meth:`enqueue` calls it.

        Does nothing in a store whose daemons all run on one machine.
        """

    @abstractmethod
    def bring(self, digests: Sequence[Digest]) -> None:
        """Fetch attached files from the store to this machine; skips those it does not keep.

        Does nothing in a store whose daemons all run on one machine.
        """

    @abstractmethod
    def files(self) -> Mapping[Digest, int]:
        """Every attached file of posts, renderings and schedules, with its size in bytes.

        A size that cannot be read is given as the largest allowed size.
        """

    @abstractmethod
    def export(self) -> Iterator[Batch]:
        """All rows of one moment, in batches, for :meth:`load` of another store.

        Registered daemons are left out.
        """

    @abstractmethod
    def load(self, by: Actor | str, source: str, batches: Iterable[Batch]) -> Mapping[str, int]:
        """Load all ``batches`` in one transaction; messages that were on the wire become unknown.

        Returns table -> number of rows.

        :raises InputError: the store is not empty.
        """

    @property
    @abstractmethod
    def identity(self) -> StoreIdentity:
        """The identity of this store, as of the last write by this process."""

    @abstractmethod
    def seal(self, by: Actor | str, why: str) -> None:
        """Make the store read-only: every verb that writes is refused with ``why``.

        :meth:`new_epoch` lifts the seal; so does an empty ``why`` from the process that sealed it.
        """

    @abstractmethod
    def new_epoch(
        self, by: Actor | str, epoch: int, source: str, *, now: Micros | None = None
    ) -> Restored:
        """Hold all waiting deliveries and scheduled posts after a restore, so nothing is resent.

        :param epoch: the new epoch, higher than all earlier ones.
        :param source: the name of the copy, for the audit log.
        """

    @abstractmethod
    def changed(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds for a write by another process.

        The answer is only a hint: it can miss writes, and report writes that changed nothing.
        Called from a thread of its own, on a connection of its own.
        """

    @abstractmethod
    def acknowledge(self, owner: str, generation: int) -> None:
        """Note that the daemon ``owner`` now obeys the gates of ``generation``."""

    @abstractmethod
    def acknowledged(self, generation: int, *, now: Micros | None = None) -> bool:
        """Whether every live daemon has acknowledged ``generation``."""

    @abstractmethod
    def backup(self, to: Path) -> None:
        """Write a consistent copy to ``to``, also while a daemon is running.

        :raises InputError: the target exists.
        """

    @abstractmethod
    def close(self, owner: str | None = None) -> None:
        """Release the leases and the registration of ``owner``, and close the connections."""
