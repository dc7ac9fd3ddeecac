"""THE PORT to the store: a few batch verbs, synchronous, each one transaction.

Times are :data:`~broadcaster.model.Micros`.  ``now=None`` means the database's own clock; tests
pass a number.  Delays in results are relative (microseconds from the moment of recording), so
that a daemon's clock never mixes with the database's.

A *step* is the position of a message among its delivery's messages.  For a post it equals the
message's slot; an edit or a recall has steps of its own that act on the post's slots.

Guards are in SQL: a verb changes a row only from the state, step and fence that it names, and an
edge that design does not know (docs/lifecycle.md) is refused by the database itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from broadcaster.adapter import Found, Rate
from broadcaster.errors import InputError
from broadcaster.model import (
    Delivery,
    Digest,
    Handle,
    Kind,
    Media,
    Message,
    Micros,
    Options,
    Post,
    Receipt,
    Rendering,
    Scope,
    Stage,
    State,
)
from broadcaster.store.approving import Approval, Approve, Reject
from broadcaster.store.keeping import (
    AuditProof,
    AuditRow,
    Backlog,
    Batch,
    Outgoing,
    Place,
    Pruned,
    Restored,
    Retention,
    Troubles,
)
from broadcaster.store.mark import Standing
from broadcaster.store.scheduling import (
    Fail,
    Pause,
    Proceed,
    Schedule,
    ScheduleRow,
    Skip,
    Unschedule,
)


class KeyConflict(InputError):
    """The key was used before for another content; ``post`` is that post's id."""

    def __init__(self, message: str, *, post: int) -> None:
        super().__init__(message)
        self.post = post


class StoreBusy(Exception):
    """Another writer held the store for longer than the busy timeout, or it cannot be written now.

    Nothing was recorded; the caller keeps its results and tries again.
    """


class Cause(StrEnum):
    """Why a gate is closed, and so why a delivery is held."""

    OFF = "off"
    """A person said so, in the store (``off NAME``)."""
    CONFIG = "config"
    """``enabled = false`` in the config."""
    UNAUTHORIZED = "unauthorized"
    GONE = "gone"
    """The channel or account is no longer in the config."""
    HALT = "halt"
    RESTORE = "restore"


# --- enqueue ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One channel of a new post, with its rendering."""

    channel: str
    account: str
    rendering: Rendering
    deadline: Micros | None = None
    """Not begun by then: missed."""
    off: bool = False
    """Off in the config when planned: its delivery is born held and does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to queue; ``due`` None means at once."""

    source: str
    media: tuple[Media, ...] = ()
    options: Options = field(default_factory=Options)
    texts: Mapping[str, str] = field(default_factory=dict)
    due: Micros | None = None
    expires: Micros | None = None
    stage: Stage = Stage.PLANNED
    reply_to: int | None = None
    author: str = ""
    targets: tuple[Target, ...]
    needs_approval: bool = False
    """DRAFT: because a channel of its demands it."""
    lapses_at: Micros | None = None
    """DRAFT: not approved by then: missed; None: it has no hour, and goes out when approved."""
    key: str | None = None
    fingerprint: str = ""
    """Digest of text, overrides, media, targets as typed and flags, not of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    post: int
    existing: bool = False


# --- tick ------------------------------------------------------------------------------------


class Purpose(StrEnum):
    SEND = "send"
    """Marked ``sending``, durably: put it on the wire now."""
    UPLOAD = "upload"
    """Leased only: media without a live handle is to be uploaded, then :class:`Begin`."""
    VERIFY = "verify"
    """An unknown: look on the reader's side; the lane stays leased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one account can start now."""

    account: str
    count: int
    """Messages: min(free senders, breaker allowance)."""
    rate: Rate | None = None
    """Over all channels of the account, whoever sends: how many of ``count`` it lets start is kept
    in the store."""
    uploads: int | None = None
    """Leases for uploading; None: the adapter has no upload of its own."""
    verifies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """An UPLOAD claim is ready: record ``handles``, mark it ``sending`` if its lease holds."""

    delivery: int
    step: int
    fence: int
    handles: Mapping[Digest, Handle]
    rate: Rate | None = None
    """Of its account: it starts at once, and what comes next waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a delivery after an attempt without a receipt (from ``engine/decide``)."""

    state: State
    """WAITING, FAILED, UNKNOWN or HELD."""
    reason: str
    """For people, with the next step in it."""
    code: str = ""
    outcome: str = ""
    """Name of the error class, for the attempts log."""
    delay: Micros = 0
    """WAITING: until the next attempt."""
    counts: bool = True
    """Whether it counts as an attempt."""
    quiet: Micros = 0
    """Nothing more to ``scope`` for so long."""
    scope: Scope = Scope.CHANNEL
    closes: Scope | None = None
    """Close the gate of this scope, cause ``unauthorized``; the delivery's state is then HELD."""
    stale: Digest | None = None
    """Forget this handle."""
    verify: Micros | None = None
    """UNKNOWN: first look after so long; None: a person's matter at once."""
    verify_until: Micros | None = None
    """UNKNOWN: after so long it is a person's matter, and the lane goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Result of a VERIFY claim: what ``find`` saw, and when to look again."""

    found: Found
    delay: Micros
    resend: bool = False
    """The channel's own risk (``on_unknown = "resend"``): two absences are as good as a person's
    word that it is not there."""


Outcome: TypeAlias = Receipt | Checked | Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The end of one claim; kept in memory by the worker until the store has recorded it."""

    delivery: int
    step: int
    attempt: int
    fence: int
    outcome: Outcome
    rate: Rate | None = None
    """Of the channel, where a posting call has left: its next message waits as this demands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One message, leased to this owner."""

    purpose: Purpose
    delivery: int
    post: int
    channel: str
    account: str
    kind: Kind
    revision: int
    step: int
    steps: int
    """How many messages the delivery has."""
    message: Message
    attempt: int
    """Serial number of this try within the delivery, from 1."""
    failures: int
    """Counted failures of this message so far."""
    first_try: Micros | None
    """When this message was first tried; None: never."""
    fence: int
    lease_until: Micros
    ids: tuple[str, ...] = ()
    """Edit, recall, pin: what to act on (receipt of ``message.acts_on``)."""
    reply_to: str | None = None
    handles: Mapping[Digest, Handle] = field(default_factory=dict)
    key: str
    """Idempotency key: the same at each attempt at this message, distinct otherwise."""
    sent_at: Micros | None = None
    """VERIFY: when the attempt in doubt began."""
    known: frozenset[str] = frozenset()
    """VERIFY: ids that receipts of this channel own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A receipt that came after its lease: ``doubled`` when the message had been sent again."""

    delivery: int
    step: int
    doubled: bool
    post: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    now: Micros
    claims: tuple[Claim, ...] = ()
    orphans: tuple[int, ...] = ()
    """Deliveries found ``sending`` under a dead lease, now unknown (or waiting, if repeatable)."""
    late: tuple[Late, ...] = ()
    wake_at: Micros | None = None
    """When something becomes claimable next for accounts wanted with a count above 0."""
    recorded: int = 0
    """Results that changed a row."""
    generation: int = 0
    """Of the gates; a daemon that sees it grow reads them anew and acknowledges it."""
    contested: tuple[str, ...] = ()
    """Accounts for which nothing is claimed: another live daemon works by other settings."""
    down: tuple[str, ...] = ()
    """Accounts whose platform does not answer another live daemon."""


# --- change ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Take back what has not begun: waiting, held, failed, missed -> cancelled."""

    post: int
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A new due time, with the renderings and deadlines that go with it; only before any claim."""

    post: int
    due: Micros
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """failed, missed -> waiting, attempts 0, deadline now + ``late_after`` of its channel."""

    post: int | None = None
    states: tuple[State, ...] = (State.FAILED, State.MISSED)
    channels: tuple[str, ...] | None = None
    late_after: Mapping[str, Micros]
    """Channel -> how long it may stay unbegun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Settle an unknown by a person's word; ``post`` and ``channel`` None: all unknowns."""

    post: int | None = None
    channel: str | None = None
    step: int | None = None
    posted: bool
    ids: tuple[str, ...] = ()
    late_after: Mapping[str, Micros] = field(default_factory=dict)
    """Channel -> how long what is not posted may stay unbegun from now on; else: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """held -> waiting (late ones only with ``late``), or cancelled with ``drop``.

    ``older_than``: due longer ago than so long; ``last``: the newest N of each channel.
    Refused for lanes whose gate is still closed, unless ``drop``.
    """

    post: int | None = None
    channels: tuple[str, ...] | None = None
    older_than: Micros | None = None
    last: int | None = None
    late: bool = False
    drop: bool = False
    late_after: Mapping[str, Micros] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A correction: the new renderings by channel; refused channels are answered, not raised.

    ``editable``: channels whose platform can edit; ``captions``: those that can edit captions.
    """

    post: int
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...]
    editable: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    post: int
    channels: tuple[str, ...] | None = None
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    post: int
    channels: tuple[str, ...] | None = None
    pinnable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close gates: lanes are parked at once, deliveries become held in batches by ``sweep``."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    cause: Cause
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Lift gates of one cause; ``when_back`` says what becomes of what was held by it."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    cause: Cause
    when_back: Mapping[str, str] = field(default_factory=dict)
    """Channel -> ``ask`` (stay held), ``send`` or ``drop``; default ``ask``, but ``send`` for all
    where it is empty and the cause is a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Lift the halt: what was held by it waits again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    channel: str
    account: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The channels as the daemon's config has them; opens and closes the config and gone gates."""

    lanes: tuple[Lane, ...]
    when_back: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Account -> digest of the settings by which this daemon works for it and its channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A breaker's state and last probe of an account, for ``status``; kept beside its pace."""

    account: str
    breaker: str
    """closed, open or half-open."""
    failures: int
    retry_at: Micros | None
    reason: str = ""


Change: TypeAlias = (
    Cancel
    | Move
    | Retry
    | Resolve
    | Release
    | Edit
    | Recall
    | Pin
    | Close
    | Open
    | Halt
    | Resume
    | Lanes
    | Health
    | Approve
    | Reject
    | Schedule
    | Unschedule
    | Pause
    | Proceed
    | Skip
    | Fail
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a change did; a change that can do nothing at all raises ``Refused`` instead."""

    deliveries: tuple[int, ...] = ()
    """Changed or made."""
    channels: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Channel -> why nothing was done there, for people."""
    schedules: tuple[str, ...] = ()
    """Names of those that changed."""


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of a delivery as people see it."""

    index: int
    state: str
    """waiting, sending, delivered, unknown or recalled."""
    message: Message
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    at: Micros
    step: int
    attempt: int
    outcome: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery, or a planned one (``delivery.id`` 0) of a post that has not fanned out."""

    delivery: Delivery
    account: str
    messages: tuple[MessageView, ...]
    attempts: tuple[AttemptView, ...] = ()
    held_by: str = ""
    counts: bool = True
    """False: planned while its channel was off; it does not count in the post's state."""
    settled_at: Micros | None = None
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    post: Post
    state: str
    """The derived state (docs/lifecycle.md): draft … partial … delivered."""
    deliveries: tuple[DeliveryView, ...]
    key: str | None = None
    approval: Approval | None = None
    """None: it never was a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """One line of ``list``: counts of its deliveries of kind POST by state."""

    post: Post
    state: str
    counts: Mapping[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which posts: newest due first; ``state``: the post's own or that of one of its deliveries."""

    state: str | None = None
    since: Micros | None = None
    until: Micros | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    scope: str
    """``all`` (halt), ``account`` or ``channel``."""
    name: str
    cause: Cause
    reason: str
    by: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonRow:
    owner: str
    pid: int
    host: str
    started: Micros
    seen: Micros
    alive: bool
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """What ``status`` shows."""

    now: Micros
    url: str
    schema: int
    epoch: int
    engine: str
    """Such as ``SQLite 3.51.3 (pysqlite3)``."""
    generation: int
    """Grows with each change of a gate."""
    daemons: tuple[DaemonRow, ...]
    gates: tuple[Gate, ...]
    counts: Mapping[State, int]
    """Deliveries; waiting ones of posts not yet fanned out included."""
    by_channel: Mapping[str, Mapping[State, int]]
    """Only what is not delivered and not cancelled."""
    next_due: Micros | None
    accounts: tuple[Health, ...]
    quiet: Mapping[str, Micros]
    """Account -> nothing before (rate limit)."""
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Account -> live daemons that work by different settings for it: nothing is claimed."""


class Store(Protocol):
    """One office's queue.  Every verb raises :class:`StoreBusy` when it could not be recorded."""

    shared: bool
    """Whether several daemons may work on it at once."""

    def open(
        self, owner: str, *, exclusive: bool, verify_accounts: frozenset[str] = frozenset()
    ) -> tuple[int, ...]:
        """Register ``owner`` as a daemon; ``exclusive``: be the only one, and reap at once.

        Returns the deliveries that dead owners left ``sending``, settled as in doubt; those of
        ``verify_accounts`` are looked for on the reader's side before a person is asked.

        :raises InputError: another daemon holds the store (names its pid).
        """

    def enqueue(self, posts: Sequence[NewPost], *, now: Micros | None = None) -> list[Queued]:
        """Queue posts, all or none; a post due now is fanned out in the same transaction.

        :raises KeyConflict: a key that was used for another content.
        """

    def keyed(self, key: str) -> int | None:
        """The post that a key stands for; None: it was never used."""

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
        """Record results, fan out what is due, mark begins, claim: one transaction, one fsync.

        A tick that has nothing to write commits nothing, so it wakes nobody.
        """

    def heartbeat(
        self,
        owner: str,
        lanes: Sequence[tuple[str, int]],
        lease_s: float,
        *,
        now: Micros | None = None,
    ) -> set[tuple[str, int]]:
        """Prolong leases given as (channel, fence) and the owner's own life; returns those lost."""

    def change(self, by: str, change: Change, *, now: Micros | None = None) -> Changed:
        """Guarded in SQL, audited in the same transaction.

        :raises Refused: nothing could be done, with the reason.
        :raises InputError: no such post.
        """

    def sweep(self, limit: int, *, now: Micros | None = None) -> int:
        """Missed deadlines and held conversion, at most ``limit`` rows; returns how many moved."""

    def schedules(self) -> list[ScheduleRow]:
        """Every recurring post, by name."""

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

    def post(self, post: int, *, now: Micros | None = None) -> PostView:
        """:raises InputError: no such post."""

    def posts(self, query: Query, *, now: Micros | None = None) -> list[PostRow]: ...

    def unknowns(self) -> list[DeliveryView]:
        """Every unknown delivery, oldest first."""

    def health(self, *, counted: bool = True, now: Micros | None = None) -> StoreHealth:
        """``counted`` False leaves ``counts`` and ``by_channel`` empty: every delivery that is
        kept is looked at for them."""

    def audit(
        self, *, post: int | None = None, since: Micros | None = None, limit: int = 100
    ) -> list[AuditRow]:
        """Who did what, newest first, of one post or since a time."""

    def verify_audit(self, head: str | None = None) -> AuditProof:
        """Walk the whole audit log; ``head``: a hash noted elsewhere that must be part of it."""

    def audit_head(self) -> str:
        """Hash of the audit log's last row; empty: there is none."""

    def daemons(self, *, now: Micros | None = None) -> tuple[DaemonRow, ...]:
        """Daemons that are registered; one that is not alive ended without taking its leave."""

    def troubles(self, since: Micros, until: Micros) -> list[Troubles]:
        """What became a person's matter after ``since``, until ``until``."""

    def tell(self, cause: str, quiet: Micros, *, now: Micros | None = None) -> Micros | None:
        """Take the turn to tell people of ``cause``: returns when they were last told (0: never).

        None: they were told less than ``quiet`` ago, by whichever daemon.
        """

    def told(self) -> Mapping[str, Micros]:
        """When people were last told of each cause."""

    def backlog(self, *, now: Micros | None = None) -> list[Backlog]:
        """What stands in the lines of each account."""

    def went_out(self, since: Micros, until: Micros) -> list[Outgoing]:
        """What was proved in a time, by channel."""

    def prune(
        self,
        by: str,
        retention: Retention,
        limit: int,
        *,
        after: Place = Place(),  # noqa: B008 (frozen)
        now: Micros | None = None,
    ) -> Pruned:
        """Remove one batch, of about ``limit`` rows, of what has been settled for long.

        Posts that are not settled, or that a kept one answers, stay.  Pruned rows of the audit log
        leave a checkpoint.
        """

    def would_prune(
        self,
        retention: Retention,
        limit: int,
        *,
        after: Place = Place(),  # noqa: B008 (frozen)
        now: Micros | None = None,
    ) -> Pruned:
        """What :meth:`prune` would remove next; removes nothing."""

    def tidy(self, limit: int, *, now: Micros | None = None) -> int:
        """Remove renderings that nothing shows any more, ``limit`` at a time; returns how many."""

    def keep(self, digests: Iterable[Digest]) -> None:
        """Make attached files of this machine reachable for every daemon; queueing a post does.

        Where all work on one machine, there is nothing to do.
        """

    def bring(self, digests: Sequence[Digest]) -> None:
        """Have attached files on this machine, as far as the store keeps them for others.

        Where all work on one machine, there is nothing to do.
        """

    def files(self) -> frozenset[Digest]:
        """Every attached file that a post or a rendering names."""

    def export(self) -> Iterator[Batch]:
        """Every row there is, in batches, of one moment, for :meth:`load` of another store.

        Who is at work is left out.
        """

    def load(self, by: str, source: str, batches: Iterable[Batch]) -> Mapping[str, int]:
        """Become what ``batches`` say, in one transaction; what was on the wire is in doubt.

        Returns how many rows each table got.

        :raises InputError: the store is not empty.
        """

    @property
    def standing(self) -> Standing:
        """Which store this is, and how far it had come at the last write through here."""

    def seal(self, by: str, why: str) -> None:
        """Write nothing any more: every verb that writes is refused with ``why``.

        :meth:`new_epoch` lifts it, or an empty ``why``, from whoever had sealed it.
        """

    def new_epoch(self, by: str, epoch: int, source: str, *, now: Micros | None = None) -> Restored:
        """After a restore: hold all that waits, scheduled posts included; resend nothing.

        ``epoch`` is higher than any before; ``source`` names the copy, for the audit log.
        """

    def changed(self, timeout: float) -> bool:
        """Wait until somebody else wrote, at most ``timeout`` seconds: a nudge, never the truth.

        Called from a thread of its own, on a connection of its own.
        """

    def acknowledge(self, owner: str, generation: int) -> None:
        """This daemon's gates now stand as of ``generation``."""

    def acknowledged(self, generation: int, *, now: Micros | None = None) -> bool:
        """Whether every live daemon has acknowledged ``generation``."""

    def backup(self, to: Path) -> None:
        """A consistent copy while running; :raises InputError: the target exists."""

    def close(self, owner: str | None = None) -> None:
        """Release the owner's unsent lanes and registration, and the connections."""
