"""Posts as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from broadcaster.model import Delivery, Message, Micros, Post, Receipt, State
from broadcaster.store.chat import Chat

if TYPE_CHECKING:
    from broadcaster.store.approving import Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of a delivery as people see it."""

    index: int
    state: str
    """waiting, sending, delivered, unknown or recalled."""
    message: Message
    receipt: Receipt | None = None
    chat: Chat | None = None
    """Where it stands, should that not be its channel's own chat any more."""
    pinned: bool = False
    """Whether we have pinned it there, and it still stands."""


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
