"""What people see: posts, drafts, schedules, the audit log, troubles, and the whole queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from broadcaster.language import say
from broadcaster.model import Delivery, Digest, Json, Kind, Message, Micros, Post, Receipt, State
from broadcaster.store.chat import Chat
from broadcaster.store.live import DaemonRow, Gate, Origin
from broadcaster.store.record import Remark, Standing, Version

if TYPE_CHECKING:
    from broadcaster.store.changes import AccountHealth


class ApprovalVerdict(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    RETURNED = "returned"
    """It waits for its author."""
    LAPSED = "lapsed"
    """Nobody approved it before its slot was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a draft waits for, or what was decided."""

    required: int
    """So many people its channels demand; 0: none does, and its author kept it back."""
    writers: tuple[str, ...]
    """Who wrote it or changed it, and so may not approve it."""
    lapses_at: Micros | None
    """Its slot is over then; None: it has none, and goes out when it is approved."""
    digest: Digest
    """Of its targets, renderings and hour as they stand now; an approval is bound to it."""
    approvers: tuple[str, ...] = ()
    """Who has approved it as it is."""
    verdict: ApprovalVerdict | None = None
    by: str = ""
    at: Micros | None = None
    reason: str = ""

    @property
    def needed(self) -> int:
        """How many different people approve it: a draft always needs one."""
        return max(1, self.required)

    @property
    def left(self) -> int:
        """How many people still have to approve it."""
        return max(0, self.needed - len(self.approvers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What people are told about a draft: that it waits for approval, or what was decided."""

    post: int
    author: str
    source: str
    due: Micros
    at: Micros
    """When it began to wait, or when it was decided."""
    approval: Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of a delivery as people see it."""

    index: int
    state: str
    """waiting, sending, delivered, unknown or recalled."""
    message: Message
    """A message that stands in the channel is shown with its present content."""
    sent: Message | None = None
    """As this delivery sends it, or will; None: the same as ``message``."""
    receipt: Receipt | None = None
    chat: Chat | None = None
    """Where it stands, should that not be its channel's own chat any more."""
    pinned: bool = False
    """Whether we have pinned it there, and it still stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    at: Micros
    position: int
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
    rendering: Digest = ""
    """Name of what it sends: :attr:`MessageView.sent` of its messages, and its pins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    post: Post
    state: str
    """The derived state (docs/lifecycle.md): draft … partial … delivered."""
    deliveries: tuple[DeliveryView, ...]
    key: str | None = None
    approval: Approval | None = None
    """None: it never was a draft."""
    versions: tuple[Version, ...] = ()
    """Every text that it has, or had, the present one last."""
    standings: tuple[Standing, ...] = ()
    """What really is in each channel."""
    remarks: tuple[Remark, ...] = ()
    """What no delivery tells of, oldest first."""
    corrects: int | None = None
    """Id of the post whose text it corrects, as a post of its own."""
    corrections: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Id of each post that corrects this one, and its channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """One line of ``list``: counts of its deliveries of kind POST by state."""

    post: Post
    state: str
    counts: Mapping[State, int]
    stands: tuple[str, ...] = ()
    """Channels in which something of it is."""
    removed: tuple[str, ...] = ()
    """Channels in which something of it was, and nothing is."""
    wanted: Mapping[str, str] = field(default_factory=dict)
    """Channel -> ``edit`` or ``recall``: that was asked for, and the old text stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which posts, newest activity first: its hour has come, or a person did something with it."""

    state: str | None = None
    """The post's own, or that of one of its deliveries."""
    since: Micros | None = None
    """Due from then on; ``until``: due before."""
    until: Micros | None = None
    active_since: Micros | None = None
    """Due, or with something that happened to it, from then on."""
    author: str | None = None
    channels: tuple[str, ...] | None = None
    """Going to one of these."""
    words: tuple[str, ...] = ()
    """In its texts, of any version; as :func:`broadcaster.text.search.terms` gives them."""
    limit: int = 50


AWAY = say("it was due while no daemon ran")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One schedule, and what came of it so far.

    ``definition`` is text to the store: two are the same when their texts are.  ``next_at`` None:
    to be set from now on, as after a restore or a pause.
    """

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    paused: bool
    occurrence: str | None = None
    """Key of the last occurrence that made a post."""
    post: int | None = None
    """That post."""
    fired_at: Micros | None = None
    passed_at: Micros | None = None
    """When an occurrence was last passed over …"""
    passed_why: str = ""
    """… and why."""
    files: tuple[Digest, ...] = ()
    problem: str = ""
    """Why the occurrence that is due, or was passed over last, could not be posted."""
    problem_at: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who did what to which post, or was refused it."""

    id: int
    at: Micros
    who: str
    door: str
    """By which way they acted, see :class:`~broadcaster.model.Door`; of an old row, a guess."""
    verb: str
    post: int | None
    detail: Mapping[str, Json]
    refused: str | None
    """Why nothing was done; None: it was done."""
    hash: str
    """SHA-256 over the row and the hash of the row before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditProof:
    """What a look at the whole chain found."""

    rows: int
    head: str
    """Hash of the last row, to be kept somewhere else; empty: there is none."""
    since: Micros | None
    """When the oldest row was written."""
    pruned: Micros | None = None
    """When the log was last pruned; None: it begins with the store."""
    flaws: tuple[str, ...] = ()
    """What is wrong, for people; empty: the log is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A delivery that became a person's matter: failed, missed, or unknown without proof."""

    delivery: int
    post: int
    channel: str
    account: str
    kind: Kind
    state: State
    position: int
    steps: int
    reason: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """All troubles of one account that ended in the same state within a time."""

    account: str
    state: State
    count: int
    first: Micros
    last: Micros
    examples: tuple[Trouble, ...]
    """The first few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What went out in one channel within a time."""

    channel: str
    posts: int
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What stands in an account's lines."""

    account: str
    in_line: int
    """Waiting, on the wire, or being looked for."""
    states: Mapping[State, int] = field(default_factory=dict)
    """What waits for a person."""
    oldest: Micros | None = None
    """Since when the delivery that has been due longest is due."""


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
    accounts: tuple[AccountHealth, ...]
    cool_downs: Mapping[str, Micros]
    """Account -> until when."""
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Account -> live daemons that work by different settings for it: nothing is claimed."""
