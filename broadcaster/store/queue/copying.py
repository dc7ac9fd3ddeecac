"""A whole store as rows, table by table, so that an office can move to another kind of database.

Both kinds have the same tables and columns; what one of them computes for itself stays at home.
Who was at work is left behind, and what was on the wire is in doubt where it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from broadcaster.errors import InputError
from broadcaster.model import Actor, Micros
from broadcaster.store.queue import audit, lanes
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.reap import reap
from broadcaster.store.queue.renderings import Renderings

if TYPE_CHECKING:
    from broadcaster.store.keeping import Batch

TABLES = (
    *("posts", "renderings", "plan", "scheduled", "lanes", "deliveries", "receipts", "attempts"),
    *("handles", "keys", "gates", "accounts", "schedules", "approvals", "audit"),
    *("audit_checkpoints", "told", "versions", "remarks"),
)
"""In the order in which they are filled."""
LEFT = ("daemons", "settings", "uploads", "files", "migrations")
"""Of who was at work, and of one kind of database only."""
META, NUMBERS = "meta", "numbers"
_OWN_META = {"sealed", "changes", "functions"}
BATCH = 500
"""Rows that are in memory at once."""


class Tables(Protocol):
    """What differs between databases when rows are moved and not decided on."""

    def read(self, table: str, size: int) -> Iterator[Sequence[Row]]:
        """Every row, in batches, without columns that the database computes."""

    def fill(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows as they are."""

    def unguarded(self) -> AbstractContextManager[None]:
        """Let deliveries be born in any state meanwhile."""

    def numbers(self) -> Mapping[str, int]:
        """Table -> the highest number it has ever given out."""

    def skip(self, numbers: Mapping[str, int]) -> None:
        """Give out none of these numbers again, nor any that is in use."""


def export(cx: Database, tables: Tables) -> Iterator[Batch]:
    yield META, [dict(row) for row in cx.all("read.meta") if row["key"] not in _OWN_META]
    yield NUMBERS, [dict(tables.numbers())]
    for table in TABLES:
        for rows in tables.read(table, BATCH):
            yield table, [dict(row) for row in rows]


def load(
    cx: Database,
    tables: Tables,
    renderings: Renderings,
    by: Actor | str,
    source: str,
    batches: Iterable[Batch],
    now: Micros,
) -> Mapping[str, int]:
    """Returns how many rows each table got.

    :raises InputError: the store is in use already.
    """
    if cx.scalar("copy.used"):
        raise InputError("it is not empty; copy into a new one")
    for table in reversed(TABLES):
        cx.run(f"delete from {table}")  # noqa: S608 (names of our own)
    counts = dict.fromkeys(TABLES, 0)
    meta: dict[str, Any] = {}
    numbers: Mapping[str, int] = {}
    with tables.unguarded():
        for table, rows in batches:
            if table == META:
                meta = {row["key"]: row["value"] for row in rows}
            elif table == NUMBERS:
                numbers = rows[0]
            else:
                tables.fill(table, rows)
                counts[table] += len(rows)
    tables.skip(numbers)
    age = 1 + max(
        meta["age"], *(row["value"] for row in cx.all("read.meta") if row["key"] == "age")
    )
    for key, value in {**meta, "age": age}.items():
        cx.run("copy.put_meta", key=key, value=pack(value))
    reap(cx, renderings, lanes.leased(cx), {}, now)
    _wake(cx)
    cx.run("deliveries.next_generation")
    audit.append(cx, by, "copy", None, {"from": source, "rows": counts}, now)
    cx.run("enqueue.nudge")
    return counts


def _wake(cx: Database) -> None:
    ids = iter([row["id"] for row in cx.all("copy.lanes")])
    while some := list(islice(ids, BATCH)):
        lanes.wake(cx, some)
