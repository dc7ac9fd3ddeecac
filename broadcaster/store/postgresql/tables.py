"""Rows of a PostgreSQL database as they are, for an office that moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from broadcaster.store.queue.work import Row, pack

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

_OWN = {"deliveries": {"stuck"}, "renderings": {"plain"}, "lanes": {"leased_until"}}
"""Computed, or of no use elsewhere: no lease outlives the move."""


class PostgresTables:
    def __init__(self, cx: Connection) -> None:
        self._cx = cx

    def read(self, table: str, size: int) -> Iterator[Sequence[Row]]:
        columns = ", ".join(self._columns(table))
        return self._cx.stream(f"select {columns} from {table}", size)  # noqa: S608 (our own)

    def fill(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        if table == "renderings":
            texts = [{"digest": row["digest"], "messages": row["messages"]} for row in rows]
            self._cx.run("deliveries.put_rendering", rows=pack(texts))
            return
        columns = ", ".join(rows[0])
        self._cx.run(
            f"insert into {table} ({columns})"  # noqa: S608 (names of our own)
            f" select {columns} from jsonb_populate_recordset(null::{table}, %(rows)s::jsonb)",
            rows=pack(rows),
        )

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        self._cx.run("alter table deliveries disable trigger deliveries_birth")
        yield
        self._cx.run("alter table deliveries enable trigger deliveries_birth")

    def numbers(self) -> Mapping[str, int]:
        return {row[0]: row[1] for row in self._cx.all("copy.numbers") if row[1] is not None}

    def skip(self, numbers: Mapping[str, int]) -> None:
        for row in self._cx.all("copy.numbers"):
            table = row[0]
            highest = self._cx.scalar(f"select max(id) from {table}")  # noqa: S608 (our own)
            last = max(numbers.get(table, 0), highest or 0)
            if last:
                sequence = f"{table}_id_seq"
                self._cx.all("select setval(%(of)s::regclass, %(last)s)", of=sequence, last=last)

    def _columns(self, table: str) -> list[str]:
        rows = self._cx.all(
            "select column_name from information_schema.columns"
            " where table_schema = 'broadcaster' and table_name = %(table)s"
            " order by ordinal_position",
            table=table,
        )
        return [row[0] for row in rows if row[0] not in _OWN.get(table, ())]
