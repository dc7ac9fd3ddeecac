"""What is changed in the queue, by people and daemons, each guarded by docs/lifecycle.md."""

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
    """Let a draft go out as it was seen; ``digest`` is that of what was looked at.

    ``late_after``: channel -> how long one without a slot may stay unbegun from now on.
    """

    post: int
    digest: Digest
    late_after: Mapping[str, Micros] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Let a draft, or an approved post whose hour has not come, never go out."""

    post: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Give a draft, or an approved post whose hour has not come, back to its author."""

    post: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Keep a schedule, or replace one of the same origin.

    One that says the same is left as it is; else what had been due is forgotten.
    """

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    files: tuple[Digest, ...] = ()
    """Attached files that its posts will name; they are kept as long as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unschedule:
    """Forget a schedule; its posts stay."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Let nothing come of it until it proceeds."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Go on after a pause, or with what has no next time, from ``next_at`` on."""

    name: str
    next_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Pass over the occurrence that was due ``at``, and all before ``next_at``."""

    name: str
    at: Micros
    next_at: Micros
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """What is due ``at`` (None: it has no next time) cannot be posted for now; it stays due."""

    name: str
    at: Micros | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """A breaker's state and last probe of an account, for ``status``; kept beside its pace."""

    account: str
    breaker: str
    """closed, open or half-open."""
    failures: int
    retry_at: Micros | None
    reason: str = ""


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
    """Settle an unknown by a person's word; ``post`` and ``channel`` None: all unknowns.

    In one channel of a post, where nothing is unknown, it corrects what a person has confirmed.
    """

    post: int | None = None
    channel: str | None = None
    position: int | None = None
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

    ``editable``: channels whose platform can edit; ``captions``: those that can edit captions;
    ``replaceable``: the kinds of files that can be replaced there.
    """

    post: int
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] | None = None
    """Other files than before; None: they stay."""
    converted: tuple[Conversion, ...] = ()
    """What was made of ``media``."""
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
    """What somebody did in the channels themselves: removed what stood there, or did not after all.

    ``gone`` False takes back what was said before.
    """

    post: int
    channels: tuple[str, ...] | None = None
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Remove a post from its channels at ``at``; None: let it stay."""

    post: int
    at: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Recall a post whose time has come, everywhere that can be done; once."""

    post: int
    recallable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    post: int
    channels: tuple[str, ...] | None = None
    pinnable: frozenset[str] = frozenset()
    replace: bool = False
    """What we have pinned there before is unpinned once this one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpin:
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
    chat: Chat | None = None
    """What it stands for by that config; None: not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The channels as the daemon's config has them; opens and closes the config and gone gates."""

    lanes: tuple[Lane, ...]
    when_back: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Account -> digest of the settings by which this daemon works for it and its channels."""


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
    """What a change did; a change that can do nothing at all raises ``Refused`` instead."""

    deliveries: tuple[int, ...] = ()
    """Changed or made."""
    channels: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Channel -> why nothing was done there, for people."""
    schedules: tuple[str, ...] = ()
    """Names of those that changed."""
