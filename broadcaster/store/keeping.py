"""Values of the verbs that keep a store in order: audit, news for people, prune, restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from broadcaster.model import Json, Kind, Micros, State


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
    step: int
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
class Retention:
    """How long what is settled is kept, in microseconds."""

    posts: Micros
    keys: Micros
    audit: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a prune has come: posts in the order of their hour."""

    due: Micros = 0
    post: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What one batch of a prune removed, or would remove."""

    posts: int = 0
    deliveries: int = 0
    keys: int = 0
    audit: int = 0
    cancelled: int = 0
    """Deliveries of channels that were off when their post was planned."""
    after: Cursor = Cursor()
    """Where the next batch begins."""
    more: bool = False
    """There may be more to do."""

    @property
    def removed(self) -> int:
        return self.posts + self.keys + self.audit + self.cancelled

    def ended(self) -> Pruned:
        return replace(self, more=False)

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            posts=self.posts + other.posts,
            deliveries=self.deliveries + other.deliveries,
            keys=self.keys + other.keys,
            audit=self.audit + other.audit,
            cancelled=self.cancelled + other.cancelled,
            after=other.after,
            more=other.more,
        )


Batch: TypeAlias = tuple[str, Sequence[Mapping[str, Any]]]
"""A table's name, and some of its rows by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a new epoch made of the copy."""

    epoch: int
    held: int
    unknown: int


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
