"""What a daemon and the store exchange in a tick: results, wishes, claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from broadcaster.adapter import Found, Rate
from broadcaster.model import FileKey, Handle, Kind, Message, Micros, Receipt, Scope, State
from broadcaster.store.chat import Chat


class Purpose(StrEnum):
    SEND = "send"
    """Marked ``sending``, durably: put it on the wire now."""
    UPLOAD = "upload"
    """Leased only: media without a live handle is to be uploaded, then :class:`UploadDone`."""
    VERIFY = "verify"
    """An unknown: look on the reader's side; the lane stays leased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What one account can start now."""

    account: str
    count: int
    """Messages: min(free senders, breaker allowance)."""
    rate: Rate | None = None
    """Over all channels of the account, whoever sends: how many of ``count`` it lets start is kept
    in the store."""
    uploads: int | None = None
    """Leases for uploading; None: the adapter has no upload of its own."""
    verifies: int | None = None
    """Leases for looking on the reader's side; None: nothing can be looked for there."""
    looks: Mapping[str, Micros] = field(default_factory=dict)
    """Channel -> how long what a dead daemon left in doubt is looked for; of others, nobody can see
    what stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDone:
    """An UPLOAD claim is ready: record ``handles``, mark it ``sending`` if its lease holds."""

    delivery: int
    position: int
    fence: int
    handles: Mapping[FileKey, Handle]
    rate: Rate | None = None
    """Of its account: it starts at once, and what comes next waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
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
    cool_down: Micros = 0
    """Nothing more to ``scope`` for so long."""
    scope: Scope = Scope.CHANNEL
    closes: Scope | None = None
    """Close the gate of this scope, cause ``unauthorized``; the delivery's state is then HELD."""
    stale: FileKey | None = None
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


Outcome: TypeAlias = Receipt | Checked | Verdict


class Result(NamedTuple):
    """The end of one claim; kept in memory by the worker until the store has recorded it."""

    delivery: int
    position: int
    attempt: int
    fence: int
    outcome: Outcome
    rate: Rate | None = None
    """Of the channel, where a posting call has left: its next message waits as this demands."""


class Claim(NamedTuple):
    """One message, leased to this owner; a tuple, because every message needs one."""

    purpose: Purpose
    delivery: int
    post: int
    channel: str
    account: str
    kind: Kind
    revision: int
    position: int
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
    key: str
    """Idempotency key: the same at each attempt at this message, distinct otherwise."""
    ids: tuple[str, ...] = ()
    """Edit, recall, pin: what to act on (receipt of ``message.acts_on``)."""
    reply_to: str | None = None
    handles: Mapping[FileKey, Handle] = MappingProxyType({})
    sent_at: Micros | None = None
    """VERIFY: when the attempt in doubt began."""
    known: frozenset[str] = frozenset()
    """VERIFY: ids that receipts of this channel own."""
    chat: Chat | None = None
    """Where it is to happen, should that not be the channel's own chat any more."""

    def ended(self, outcome: Outcome, rate: Rate | None = None) -> Result:
        """What became of it; it counts under the lease of this claim only."""
        return Result(self.delivery, self.position, self.attempt, self.fence, outcome, rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReceipt:
    """A receipt that came after its lease: ``doubled`` when the message had been sent again."""

    delivery: int
    position: int
    doubled: bool
    post: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    now: Micros
    claims: tuple[Claim, ...] = ()
    orphans: tuple[int, ...] = ()
    """Deliveries found ``sending`` under a dead lease, now unknown (or waiting, if repeatable)."""
    late: tuple[LateReceipt, ...] = ()
    settled: Mapping[int, State] = field(default_factory=dict)
    """Deliveries that ended without a claim: too late, damaged, or nobody's."""
    wake_at: Micros | None = None
    """When something becomes claimable next for accounts wanted with a count above 0."""
    recorded: int = 0
    """Results that changed a row."""
    fanned: int = 0
    """Targets of posts that fell due with it; after very many it may claim nothing, so that it ends
    soon, and the next one does."""
    left: bool = False
    """Posts are due that it has left to a later one."""
    generation: int = 0
    """Of the gates; a daemon that sees it grow reads them anew and acknowledges it."""
    contested: tuple[str, ...] = ()
    """Accounts for which nothing is claimed: another live daemon works by other settings."""
    down: tuple[str, ...] = ()
    """Accounts whose platform does not answer another live daemon."""
