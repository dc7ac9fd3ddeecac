"""What every decision of the queue works with: one transaction, and the queries of a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from broadcaster.model import Actor, Door, Micros

if TYPE_CHECKING:
    from broadcaster.store.queue.renderings import Renderings

Row: TypeAlias = Any
"""A row: its columns by name and by position; ``dict(row)`` works."""

LAST = 2**63 - 1
"""The largest id that a database of ours can hold: no row has a larger one."""

DAEMON = Actor("daemon", Door.DAEMON)

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(value: object) -> str:
    """A batch as one parameter: JSON, compact, Persian as it is."""
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
        """The named columns of all rows, as tuples in that order: the tick reads hundreds."""

    def one(self, query: str, /, **values: object) -> Row | None: ...

    def scalar(self, query: str, /, **values: object) -> Any:
        """The first column of the first row; None: there is no row."""


def micros(seconds: float) -> Micros:
    return int(seconds * 1_000_000)


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction: its connection, what time it is, and who does it."""

    cx: Database
    renderings: Renderings
    now: Micros
    by: Actor = DAEMON

    def under(self, by: Actor | str) -> Work:
        """The same, done by somebody else; a name alone is that of a daemon."""
        return replace(self, by=Actor.of(by))
