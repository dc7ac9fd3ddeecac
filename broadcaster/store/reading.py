"""Posts as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from broadcaster.model import Delivery, Digest, Message, Micros, Post, Receipt, State
from broadcaster.store.chat import Chat
from broadcaster.store.record import Remark, Standing, Version

if TYPE_CHECKING:
    from broadcaster.store.approving import Approval


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
