"""Read-only views for people: posts, drafts, schedules, audit log, troubles, and the queue."""

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
    """Nobody approved it before its deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The approval that a draft waits for, or the decision about it."""

    required: int
    """Number of approvals that its channels require; 0: only the author asked for one."""
    writers: tuple[str, ...]
    """The people who wrote or changed the draft, and so may not approve it."""
    lapses_at: Micros | None
    """When the draft is missed; None: never, it is sent when approved."""
    digest: Digest
    """Digest of the present targets, renderings and due time; an approval is bound to it."""
    approvers: tuple[str, ...] = ()
    """The people who have approved the present form."""
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
    """Its chat, if the channel has another one by now."""
    pinned: bool = False
    """Whether we have pinned it, and it was not recalled."""


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
    """None: the post never was a draft."""
    versions: tuple[Version, ...] = ()
    """Every version of its text, the present one last."""
    standings: tuple[Standing, ...] = ()
    """The present content of each channel."""
    remarks: tuple[Remark, ...] = ()
    """Events that have no delivery, oldest first."""
    corrects: int | None = None
    """Id of the post that it corrects."""
    corrections: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Id of each post that corrects this one -> its channels."""


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
    active: Micros = 0
    """When its hour came, or a person did something with it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A selection of posts, the latest activity first: the due time, or an act of a person."""

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
    after: tuple[Micros, int] | None = None
    """Those that follow the one with this activity and number; None: from the first on."""
    limit: int = 50


AWAY = say("it was due while no daemon ran")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One schedule with its last results.

    The store compares definitions as texts.  ``next_at`` None: the daemon computes the next time
    from now on, as after a restore or a pause.
    """

    name: str
    definition: str
    origin: Origin
    next_at: Micros | None
    paused: bool
    occurrence: str | None = None
    """Key of the last occurrence that made a post."""
    post: int | None = None
    """The post of the last occurrence."""
    fired_at: Micros | None = None
    passed_at: Micros | None = None
    """When an occurrence was last skipped."""
    passed_why: str = ""
    """Why it was skipped."""
    files: tuple[Digest, ...] = ()
    problem: str = ""
    """Why the due occurrence, or the last skipped one, could not be posted."""
    problem_at: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the audit log: who did what to which post, or was refused it."""

    id: int
    at: Micros
    who: str
    door: str
    """The :class:`~broadcaster.model.Door` by which they acted; in old rows, a guess."""
    verb: str
    post: int | None
    detail: Mapping[str, Json]
    refused: str | None
    """Why the act was refused; None: it was done."""
    hash: str
    """SHA-256 over the row and the hash of the row before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditProof:
    """The result of checking the hashes of the whole audit log."""

    rows: int
    head: str
    """Hash of the last row, to be noted somewhere else; empty: the log has no rows."""
    since: Micros | None
    """When the oldest row was written."""
    pruned: Micros | None = None
    """When the log was last pruned; None: never."""
    flaws: tuple[str, ...] = ()
    """The errors found, as texts for people; empty: the log is intact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A delivery that needs a person: failed, missed, or unknown without proof."""

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
    """The first few troubles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The messages of one channel within a time, by number."""

    channel: str
    posts: int
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The unfinished deliveries of an account, by number."""

    account: str
    in_line: int
    """Number of deliveries that wait, are on the wire, or are being looked for."""
    states: Mapping[State, int] = field(default_factory=dict)
    """Number of deliveries that wait for a person, by state."""
    oldest: Micros | None = None
    """The earliest due time of the deliveries in line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """The state of the store, as ``status`` shows it."""

    now: Micros
    url: str
    schema: int
    epoch: int
    engine: str
    """The database and its version, such as ``SQLite 3.51.3 (pysqlite3)``."""
    generation: int
    """Grows with each change of a gate."""
    daemons: tuple[DaemonRow, ...]
    gates: tuple[Gate, ...]
    counts: Mapping[State, int]
    """Number of deliveries by state, including those of posts that are not fanned out yet."""
    by_channel: Mapping[str, Mapping[State, int]]
    """Channel -> number by state, without delivered and cancelled deliveries."""
    next_due: Micros | None
    accounts: tuple[AccountHealth, ...]
    cool_downs: Mapping[str, Micros]
    """Account -> end of its cool-down."""
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Account -> live daemons with different settings for it; nothing is claimed for it."""
