"""Reads and writes whole tables of a SQLite file, to move an office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from broadcaster.store.queue.work import Row, pack

if TYPE_CHECKING:
    from broadcaster.store.sqlite.connection import Connection


class SqliteTables:
    def __init__(self, cx: Connection) -> None:
        self._cx = cx

    def read(self, table: str, size: int) -> Iterator[Sequence[Row]]:
        # `table_info` leaves out computed columns
        columns = self._cx.scalar(
            "select group_concat(name) from pragma_table_info(:table)", table=table
        )
        return self._cx.stream(f"select {columns} from {table}", size)  # noqa: S608 (our own)

    def fill(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        columns = ", ".join(rows[0])
        values = ", ".join(f"value->>'{name}'" for name in rows[0])
        self._cx.run(
            f"insert into {table} ({columns})"  # noqa: S608 (names of our own)
            f" select {values} from json_each(:rows)",
            rows=pack(rows),
        )

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        guard = "select sql from sqlite_schema where name = 'deliveries_birth'"
        trigger: str = self._cx.scalar(guard)
        self._cx.run("drop trigger deliveries_birth")
        yield
        self._cx.run(trigger)

    def numbers(self) -> Mapping[str, int]:
        return {row["name"]: row["seq"] for row in self._cx.all("restore.sequences")}

    def skip(self, numbers: Mapping[str, int]) -> None:
        known = self.numbers()
        rows = pack(
            [{"name": name, "seq": last} for name, last in numbers.items() if name in _NUMBERED]
        )
        self._cx.run("restore.skip", rows=rows)
        if _NUMBERED - known.keys():
            self._cx.run("restore.skip_unused", rows=rows)


_NUMBERED = {"posts", "deliveries", "audit", "audit_checkpoints", "users", "tokens"}
"""Tables that never reuse an id, not even after a prune."""
