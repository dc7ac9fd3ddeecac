"""Values of the verbs for maintenance: prune, restore, and moving to another store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from broadcaster.model import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long settled posts and the audit log are kept, in microseconds."""

    posts: Micros
    """Then their deliveries go to the archive."""
    keys: Micros
    audit: Micros
    archive: Micros | None = None
    """Then posts are removed with all that is known of them; None: they stay for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a prune has come, in the order of the posts' due times."""

    due: Micros = 0
    post: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """The number of rows that one batch of a prune removed, or would remove."""

    posts: int = 0
    deliveries: int = 0
    keys: int = 0
    audit: int = 0
    archived: int = 0
    """Deliveries that went to the archive."""
    cancelled: int = 0
    """Deliveries of channels that were off when their post was planned."""
    after: Cursor = Cursor()
    """Where the next batch begins."""
    more: bool = False
    """Whether another batch may find more rows."""

    @property
    def removed(self) -> int:
        return self.posts + self.archived + self.keys + self.audit + self.cancelled

    def ended(self) -> Pruned:
        return replace(self, more=False)

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            posts=self.posts + other.posts,
            deliveries=self.deliveries + other.deliveries,
            keys=self.keys + other.keys,
            audit=self.audit + other.audit,
            archived=self.archived + other.archived,
            cancelled=self.cancelled + other.cancelled,
            after=other.after,
            more=other.more,
        )


Batch: TypeAlias = tuple[str, Sequence[Mapping[str, Any]]]
"""The name of a table, and some of its rows: column -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The effect of a new epoch on a restored copy."""

    epoch: int
    held: int
    unknown: int
