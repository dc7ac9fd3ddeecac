"""Values that a daemon and the store exchange in a tick: results, capacities, claims."""

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
    """Send the message; its delivery is durably marked ``sending``."""
    UPLOAD = "upload"
    """Upload the files without a valid handle, then answer :class:`UploadDone`; only the lane is
    leased."""
    VERIFY = "verify"
    """Look for an unknown message on the public page; the lane stays leased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much one account can start now."""

    account: str
    count: int
    """Number of messages: min(free senders, breaker allowance)."""
    rate: Rate | None = None
    """The rate over all channels of the account and all daemons.  The store keeps its state, and
    may allow fewer than ``count`` messages."""
    uploads: int | None = None
    """Number of leases for uploads; None: the adapter has no separate upload."""
    verifies: int | None = None
    """Number of leases for verifications; None: the platform has no page to look at."""
    looks: Mapping[str, Micros] = field(default_factory=dict)
    """Channel -> how long messages that a dead daemon left in doubt are looked for; the posts of
    channels that are missing here cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDone:
    """A finished upload: record ``handles``, and mark it ``sending`` if its lease holds."""

    delivery: int
    position: int
    fence: int
    handles: Mapping[FileKey, Handle]
    rate: Rate | None = None
    """The account's rate: this message starts at once, and counts for the next ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision about a delivery after an attempt without a receipt (``engine/decide.py``)."""

    state: State
    """WAITING, FAILED, UNKNOWN or HELD."""
    reason: str
    """A text for people, which names the next step."""
    code: str = ""
    outcome: str = ""
    """Name of the error class, for the log of attempts."""
    delay: Micros = 0
    """WAITING: time until the next attempt."""
    counts: bool = True
    """Whether it counts as an attempt."""
    cool_down: Micros = 0
    """How long nothing is sent to ``scope``."""
    scope: Scope = Scope.CHANNEL
    closes: Scope | None = None
    """Close the gate of this scope, cause ``unauthorized``; the delivery's state is then HELD."""
    stale: FileKey | None = None
    """The file whose handle the store must forget."""
    verify: Micros | None = None
    """UNKNOWN: time until the first look; None: a person must decide at once."""
    verify_until: Micros | None = None
    """UNKNOWN: time until a person must decide, and the lane continues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Result of a VERIFY claim: what ``find`` saw, and how long to wait before the next look."""

    found: Found
    delay: Micros
    resend: bool = False
    """Whether the channel has ``on_unknown = "resend"``: two absences then count like a person's
    word that the message was not posted."""


Outcome: TypeAlias = Receipt | Checked | Verdict


class Result(NamedTuple):
    """The end of one claim; the worker keeps it in memory until the store has recorded it."""

    delivery: int
    position: int
    attempt: int
    fence: int
    outcome: Outcome
    rate: Rate | None = None
    """The channel's rate if a posting call has left: the next message waits accordingly."""


class Claim(NamedTuple):
    """One message, leased to this owner.  It is a tuple for speed: every message needs a claim."""

    purpose: Purpose
    delivery: int
    post: int
    channel: str
    account: str
    kind: Kind
    revision: int
    position: int
    steps: int
    """Number of messages of the delivery."""
    message: Message
    attempt: int
    """Serial number of this attempt within the delivery, from 1."""
    failures: int
    """Counted failures of this message so far."""
    first_try: Micros | None
    """When this message was first attempted; None: never."""
    fence: int
    lease_until: Micros
    key: str
    """Idempotency key: the same for each attempt of this message, different for all others."""
    ids: tuple[str, ...] = ()
    """Edit, recall, pin: ids of the message to act on, from the receipt of ``message.acts_on``."""
    reply_to: str | None = None
    handles: Mapping[FileKey, Handle] = MappingProxyType({})
    sent_at: Micros | None = None
    """VERIFY: when the attempt in doubt began."""
    known: frozenset[str] = frozenset()
    """VERIFY: ids in the receipts of other messages of this channel."""
    chat: Chat | None = None
    """The chat to act in, if the channel has another chat by now."""

    def ended(self, outcome: Outcome, rate: Rate | None = None) -> Result:
        """The result with ``outcome``; the store accepts it under the lease of this claim only."""
        return Result(self.delivery, self.position, self.attempt, self.fence, outcome, rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReceipt:
    """A receipt under an older fence; ``doubled``: the message had been sent again."""

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
    """Deliveries that ended without a claim: too late, damaged, or without a channel."""
    wake_at: Micros | None = None
    """When the next delivery becomes claimable, of the accounts with a capacity above 0."""
    recorded: int = 0
    """Results that changed a row."""
    fanned: int = 0
    """Number of deliveries that the tick fanned out.  After very many it may claim nothing, so that
    it ends soon; the next tick claims."""
    left: bool = False
    """Whether due posts remain for a later tick."""
    generation: int = 0
    """Generation of the gates; when it grows, a daemon reads the gates and acknowledges it."""
    contested: tuple[str, ...] = ()
    """Accounts for which nothing is claimed, because another live daemon has different settings."""
    down: tuple[str, ...] = ()
    """Accounts whose platform does not answer another live daemon."""
