"""What the decisions of the queue need of a database: its queries, by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Any
"""A row: its columns by name and by position; ``dict(row)`` works."""

LAST = 2**63 - 1
"""The largest id that a database of ours can hold: no row has a larger one."""

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

    def table(self, query: str, /, **values: object) -> Sequence[Sequence[Any]]:
        """All rows, by position alone: what the tick reads by the hundred."""

    def one(self, query: str, /, **values: object) -> Row | None: ...

    def scalar(self, query: str, /, **values: object) -> Any:
        """The first column of the first row; None: there is no row."""
