"""The transaction that every rule of the queue works in, and the queries of a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from broadcaster.model import Actor, Door, Micros

if TYPE_CHECKING:
    from broadcaster.store.queue.renderings import Renderings

Row: TypeAlias = Any
"""A row, with columns by name and by position; ``dict(row)`` works."""

LAST = 2**63 - 1
"""The largest id that our databases can hold."""

DAEMON = Actor("daemon", Door.DAEMON)

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(value: object) -> str:
    """A batch as one parameter: compact JSON, with Persian unescaped."""
    return _ENCODE(value)


class Database(Protocol):
    """One connection inside a transaction.

    ``query``: ``subject.name``, a section ``-- name: NAME`` of ``sql/<subject>.sql``, or SQL.
    """

    def run(self, query: str, /, **values: object) -> int:
        """Execute and return how many rows changed."""

    def all(self, query: str, /, **values: object) -> list[Row]: ...

    def table(
        self, query: str, columns: Sequence[str], /, **values: object
    ) -> Sequence[Sequence[Any]]:
        """The named columns of all rows, as tuples in that order; fast for hundreds of rows."""

    def one(self, query: str, /, **values: object) -> Row | None: ...

    def scalar(self, query: str, /, **values: object) -> Any:
        """The first column of the first row; None: there is no row."""


def micros(seconds: float) -> Micros:
    return int(seconds * 1_000_000)


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction: its connection, its time and its actor."""

    cx: Database
    renderings: Renderings
    now: Micros
    by: Actor = DAEMON

    def under(self, by: Actor | str) -> Work:
        """The same work by another actor; a name alone is that of a daemon."""
        return replace(self, by=Actor.of(by))
