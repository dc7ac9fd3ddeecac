"""The changes that people and daemons can make in the queue; docs/lifecycle.md says when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from broadcaster.model import Conversion, Digest, Media, MediaKind, Micros, State
from broadcaster.store.chat import Chat
from broadcaster.store.live import Cause, Origin

if TYPE_CHECKING:
    from broadcaster.store.submit import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Approve a draft in the form that was seen.

    ``digest``: that of the draft as the approver saw it; the change is refused if the draft has
    another one.  ``late_after``: channel -> time from now until the deadline of a draft without a
    due time.
    """

    post: int
    digest: Digest
    late_after: Mapping[str, Micros] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Reject a draft, or an approved post that is not due yet."""

    post: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Give a draft, or an approved post whose hour has not come, back to its author."""

    post: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Save a schedule, or replace one of the same origin.

    An identical schedule stays unchanged.  A different one discards an occurrence that was due.
    """

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    files: tuple[Digest, ...] = ()
    """Attached files of its posts; they are kept as long as the schedule exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unschedule:
    """Delete a schedule; its posts stay."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Pause a schedule until :class:`Proceed`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Continue a schedule that was paused or has no next time; it posts next at ``next_at``."""

    name: str
    next_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Skip the occurrence that was due ``at``, and all others before ``next_at``."""

    name: str
    at: Micros
    next_at: Micros
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Note that the occurrence due ``at`` cannot be posted now; it stays due.

    ``at`` None: the schedule has no next time.
    """

    name: str
    at: Micros | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """The state of an account's breaker, for ``status``."""

    account: str
    breaker: str
    """closed, open or half-open."""
    failures: int
    retry_at: Micros | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel deliveries that have not begun: waiting, held, failed or missed -> cancelled."""

    post: int
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Give a post a new due time, with renderings and deadlines for it; only before any claim."""

    post: int
    due: Micros
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Retry: failed or missed -> waiting, with no attempts and a new deadline."""

    post: int | None = None
    states: tuple[State, ...] = (State.FAILED, State.MISSED)
    channels: tuple[str, ...] | None = None
    late_after: Mapping[str, Micros]
    """Channel -> time from now until the new deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Settle an unknown delivery by a person's word; ``post`` and ``channel`` None: all of them.

    In one channel of a post without unknown messages, it corrects an earlier confirmation.
    """

    post: int | None = None
    channel: str | None = None
    position: int | None = None
    posted: bool
    ids: tuple[str, ...] = ()
    late_after: Mapping[str, Micros] = field(default_factory=dict)
    """Channel -> time from now until the deadline of a message that was not posted; a channel that
    is missing here has no deadline."""


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
    """Correct a post, with a new rendering for each channel.

    Channels that cannot be edited are listed in :attr:`Changed.refused`.  ``editable``: channels
    whose platform can edit; ``captions``: those that can edit captions; ``replaceable``: channel ->
    media kinds that can be replaced there.
    """

    post: int
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] | None = None
    """The new files; None: the files stay."""
    converted: tuple[Conversion, ...] = ()
    """The conversions of ``media``."""
    targets: tuple[Target, ...]
    editable: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()
    replaceable: Mapping[str, frozenset[MediaKind]] = field(default_factory=dict)
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    post: int
    channels: tuple[str, ...] | None = None
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Note that a person removed a post's messages in the platform itself.

    ``gone`` False withdraws an earlier note.
    """

    post: int
    channels: tuple[str, ...] | None = None
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Plan that a post is removed from its channels at ``at``; None: it is not removed."""

    post: int
    at: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Recall a post whose removal is due, in every channel that allows it; done once."""

    post: int
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    post: int
    channels: tuple[str, ...] | None = None
    pinnable: frozenset[str] = frozenset()
    replace: bool = False
    """Whether to unpin our earlier pins there, once this one is pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpin:
    post: int
    channels: tuple[str, ...] | None = None
    pinnable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close gates: lanes are parked at once; the sweep makes their deliveries held in batches."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    cause: Cause
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open gates of one cause; ``when_back`` decides about the deliveries held by it."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    cause: Cause
    when_back: Mapping[str, str] = field(default_factory=dict)
    """Channel -> ``ask`` (stay held), ``send`` or ``drop``.  The default is ``ask``; but if the
    mapping is empty and the cause is a refusal, ``send`` for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """End the halt: deliveries held by it wait again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    channel: str
    account: str
    enabled: bool
    chat: Chat | None = None
    """Its chat by that config; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Register the channels of the daemon's config; opens and closes gates for it.

    The causes of these gates are ``config`` and ``gone``.
    """

    lanes: tuple[Lane, ...]
    when_back: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Account -> fingerprint of this daemon's settings for it and its channels."""


Change: TypeAlias = (
    Cancel
    | Move
    | Retry
    | Resolve
    | Release
    | Edit
    | Recall
    | ByHand
    | Removal
    | Remove
    | Pin
    | Unpin
    | Close
    | Open
    | Halt
    | Resume
    | Lanes
    | AccountHealth
    | Approve
    | Reject
    | Return
    | Schedule
    | Unschedule
    | Pause
    | Proceed
    | Skip
    | Fail
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The effect of a change; a change that can do nothing at all raises ``Refused`` instead."""

    deliveries: tuple[int, ...] = ()
    """Deliveries that were changed or made."""
    channels: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Channel -> why nothing was done there, for people."""
    schedules: tuple[str, ...] = ()
    """Names of the schedules that changed."""
