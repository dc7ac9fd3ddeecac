"""What a store can do: a few batch verbs, synchronous, each one transaction.

Times are :data:`~broadcaster.model.Micros`.  ``now=None`` means the database's own clock; tests
pass a number.  Delays in results are relative (microseconds from the moment of recording), so
that a daemon's clock never mixes with the database's.

A *position* is that of a message among its delivery's messages (in the tables: ``step``).  For a
post it equals the message's slot; an edit or a recall has messages that act on the post's slots.

Guards are in SQL: a verb changes a row only from the state, position and fence that it names, and
an edge that the design does not know (docs/lifecycle.md) is refused by the database itself.
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
    """Another writer held the store for longer than the busy timeout, or it cannot be written now.

    Nothing was recorded, as far as is known; the caller keeps its results and tries again.
    """


class StoreStuck(BroadcasterError):
    """This process can never write to the store again; its successor can."""


class StoreUnsure(StoreBusy, Unsure):
    """The connection was lost at a commit, and nobody can say whether it was recorded."""


class StoreAway(StoreBusy):
    """Its server could not be reached by the connection in question."""


class Store(ABC):
    """One office's queue.  Every verb raises :class:`StoreBusy` when it could not be recorded."""

    several_daemons: bool
    """Several daemons may work on it at once; else whoever opens it as a daemon is the only one."""
    clock_of_its_own: bool
    """Times are those of a server; else of this machine, so that a daemon may say ``now``."""
    keeps_files: bool
    """Attached files come from it (:meth:`bring`); else they lie beside it."""
    fans_out_beside: bool
    """A daemon fans out beside its ticks (``beside`` of :meth:`fan_out`); else a tick does it."""
    halves_batches: bool
    """A tick waits for a server: one half of the senders is at work meanwhile, the other half on
    record."""

    @property
    @abstractmethod
    def people(self) -> People:
        """Those who work through the web process."""

    @abstractmethod
    def open(
        self, owner: str, *, exclusive: bool, looks: Mapping[str, Micros] = NOTHING
    ) -> tuple[int, ...]:
        """Register ``owner`` as a daemon; ``exclusive``: be the only one, and reap at once.

        Returns the deliveries that dead owners left ``sending``, settled as in doubt.  ``looks``:
        channel -> how long they are looked for on the reader's side before a person is asked; of
        other channels a person is asked at once.

        :raises InputError: another daemon holds the store (names its pid).
        """

    @abstractmethod
    def enqueue(self, posts: Sequence[NewPost], *, now: Micros | None = None) -> list[Queued]:
        """Queue posts, all or none; a post due now is fanned out in the same transaction.

        :raises KeyConflict: a key that was used for another content.
        :raises SlotTaken: another post has taken the slot.
        """

    @abstractmethod
    def keyed(self, key: str) -> int | None:
        """The post that a key stands for; None: it was never used."""

    @abstractmethod
    def written(self, author: str, within: Micros, *, now: Micros | None = None) -> int:
        """How many posts ``author`` has queued ``within`` so long."""

    @abstractmethod
    def slots_taken(self, slot: str, since: Micros) -> frozenset[Micros]:
        """The due times from ``since`` on that posts have taken of a list of slots."""

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
        """Record results, fan out what is due, mark what is uploaded, claim: one transaction, one
        fsync.

        A tick that has nothing to write commits nothing, so it wakes nobody.

        ``fans``: False leaves what is due to :meth:`fan_out`.

        :raises StoreBusy: nothing was recorded, as far as is known; it may be repeated as it was.
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
        """The same by the event loop itself, which it holds up for a few milliseconds at most.

        Does not fan out due posts.

        :raises StoreBusy: it is a matter for a thread of the store's own: call :meth:`tick` there.
        """

    @abstractmethod
    def fan_out(self, *, beside: bool = False, now: Micros | None = None) -> int:
        """Make deliveries of some of the posts that are due; how many, 0: none is due any more.

        ``beside``: by a connection of its own, from a thread of its own (``fans_out_beside``).

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
        """Prolong leases given as (channel, fence) and the owner's own life; returns those lost."""

    @abstractmethod
    def change(self, by: Actor | str, change: Change, *, now: Micros | None = None) -> Changed:
        """Guarded in SQL, audited in the same transaction; ``by``: who, or the owner of a daemon.

        :raises Refused: nothing could be done, with the reason.
        :raises InputError: no such post.
        """

    @abstractmethod
    def would_change(
        self, by: Actor | str, change: Change, *, now: Micros | None = None
    ) -> Changed:
        """What :meth:`change` would do now; changes nothing, and stands in no audit log.

        :raises Refused: nothing could be done, with the reason.
        :raises InputError: no such post.
        """

    @abstractmethod
    def sweep(self, limit: int, *, now: Micros | None = None) -> int:
        """Missed deadlines and held conversion, at most ``limit`` rows; returns how many moved."""

    @abstractmethod
    def removals(self, limit: int, *, now: Micros | None = None) -> list[int]:
        """Posts whose ``remove_at`` has come, the earliest first: each waits for a ``Remove``."""

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
        """Queue the post of the occurrence that is due in ``schedule`` as it was read.

        None: it is not due any more (another daemon was faster, or it was changed or paused). An
        occurrence that made a post before makes no other one.
        """

    @abstractmethod
    def post(self, post: int, *, now: Micros | None = None) -> PostView:
        """:raises InputError: no such post."""

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
        """``counted`` False leaves ``counts`` and ``by_channel`` empty: every delivery that is
        kept is looked at for them."""

    @abstractmethod
    def audit(
        self, *, post: int | None = None, since: Micros | None = None, limit: int = 100
    ) -> list[AuditRow]:
        """Who did what, newest first, of one post or since a time."""

    @abstractmethod
    def verify_audit(self, head: str | None = None) -> AuditProof:
        """Walk the whole audit log; ``head``: a hash noted elsewhere that must be part of it."""

    @abstractmethod
    def audit_head(self) -> str:
        """Hash of the audit log's last row; empty: there is none."""

    @abstractmethod
    def flaws(self) -> tuple[str, ...]:
        """What whoever looks after it should change, for people.

        :raises InputError: a daemon would not work on it, with the reason.
        """

    @abstractmethod
    def daemons(self, *, now: Micros | None = None) -> tuple[DaemonRow, ...]:
        """Daemons that are registered; one that is not alive exited without unregistering."""

    @abstractmethod
    def gates(self) -> tuple[Gate, ...]:
        """The closed ones."""

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
        """What became a person's matter after ``since``, until ``until``."""

    @abstractmethod
    def notify(self, cause: str, every: Micros, *, now: Micros | None = None) -> Micros | None:
        """Reserve the notification of people about ``cause``, for one of all daemons.

        Returns when the last one was (0: never); None: less than ``every`` ago.
        """

    @abstractmethod
    def notified(self) -> Mapping[str, Micros]:
        """When people were last notified of each cause."""

    @abstractmethod
    def backlog(self, *, now: Micros | None = None) -> list[Backlog]:
        """What stands in the lines of each account."""

    @abstractmethod
    def went_out(self, since: Micros, until: Micros) -> list[Outgoing]:
        """What was proved in a time, by channel."""

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
        """Archive or remove one batch, of about ``limit`` rows, of what has been settled for long.

        What became of each delivery, the texts and the receipts stay in the archive.

        ``after``: where the batch before ended; None: from the beginning.  Posts that are not
        settled, or that a kept one answers, stay.  Pruned rows of the audit log leave a checkpoint.
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
        """What :meth:`prune` would remove next; removes nothing."""

    @abstractmethod
    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        """Remove renderings that nothing shows any more, ``limit`` at a time; returns how many."""

    @abstractmethod
    def keep(self, digests: Iterable[Digest]) -> None:
        """Make attached files of this machine reachable for every daemon; queueing a post does.

        Where all work on one machine, there is nothing to do.
        """

    @abstractmethod
    def bring(self, digests: Sequence[Digest]) -> None:
        """Have attached files on this machine, as far as the store keeps them for others.

        Where all work on one machine, there is nothing to do.
        """

    @abstractmethod
    def files(self) -> Mapping[Digest, int]:
        """Every attached file that a post, a rendering or a schedule names, and its size in bytes.

        Where the size cannot be read, it is the most that a file may have.
        """

    @abstractmethod
    def export(self) -> Iterator[Batch]:
        """Every row there is, in batches, of one moment, for :meth:`load` of another store.

        Who is at work is left out.
        """

    @abstractmethod
    def load(self, by: Actor | str, source: str, batches: Iterable[Batch]) -> Mapping[str, int]:
        """Become what ``batches`` say, in one transaction; what was on the wire is in doubt.

        Returns how many rows each table got.

        :raises InputError: the store is not empty.
        """

    @property
    @abstractmethod
    def identity(self) -> StoreIdentity:
        """Which store this is, and how far it had come at the last write through here."""

    @abstractmethod
    def seal(self, by: Actor | str, why: str) -> None:
        """Write nothing any more: every verb that writes is refused with ``why``.

        :meth:`new_epoch` lifts it, or an empty ``why``, from whoever had sealed it.
        """

    @abstractmethod
    def new_epoch(
        self, by: Actor | str, epoch: int, source: str, *, now: Micros | None = None
    ) -> Restored:
        """After a restore: hold all that waits, scheduled posts included; resend nothing.

        ``epoch`` is higher than any before; ``source`` names the copy, for the audit log.
        """

    @abstractmethod
    def changed(self, timeout: float) -> bool:
        """Wait until somebody else wrote, at most ``timeout`` seconds: a nudge, never the truth.

        Called from a thread of its own, on a connection of its own.
        """

    @abstractmethod
    def acknowledge(self, owner: str, generation: int) -> None:
        """This daemon's gates now stand as of ``generation``."""

    @abstractmethod
    def acknowledged(self, generation: int, *, now: Micros | None = None) -> bool:
        """Whether every live daemon has acknowledged ``generation``."""

    @abstractmethod
    def backup(self, to: Path) -> None:
        """A consistent copy while running; :raises InputError: the target exists."""

    @abstractmethod
    def close(self, owner: str | None = None) -> None:
        """Release the owner's unsent lanes and registration, and the connections."""
