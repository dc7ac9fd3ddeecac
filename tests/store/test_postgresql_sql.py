"""Two dialects, one queue: the same queries by name, the same tables column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import broadcaster.store
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queries import load
from broadcaster.store.queue.deliveries import DeliveryRow
from broadcaster.store.sqlite.store import SqliteStore

HERE = Path(broadcaster.store.__file__).parent
OWN_QUERIES = {
    *("tick.tick", "tick.vacuum", "tick.lanes", "tick.in_loop", "tick.alone"),
    *("session.end_other", "session.hold", "session.leases", "session.let_in"),
    *("files.touch", "files.put", "files.get", "files.drop", "copy.numbers"),
}
FILE_QUERIES = {"claims.set_aside", "restore.sequences", "restore.skip", "restore.skip_unused"}
"""A server's own tools put a copy into its place, numbers included."""
PROCEDURES = {
    "fast_path.starts",
    "fast_path.on_start",
    "fast_path.receipts",
    "fast_path.on_receipts",
    "fast_path.record",
}
"""PostgreSQL has its own in functions.sql."""
OWN_COLUMNS = {
    *("deliveries.stuck", "renderings.plain", "lanes.leased_until"),
    *("migrations.number", "migrations.applied"),
    *("files.digest", "files.position", "files.bytes", "files.taken"),
}
"""What only PostgreSQL has."""


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = PostgresStore(url)
    yield store
    store.close()


def test_both_know_the_same_queries() -> None:
    ours, theirs = set(load(HERE / "postgresql" / "sql")), set(load(HERE / "sqlite" / "sql"))
    assert ours - OWN_QUERIES == theirs - FILE_QUERIES - PROCEDURES


def test_both_have_the_same_tables(store: PostgresStore, tmp_path: Path) -> None:
    sqlite = SqliteStore(tmp_path / "queue.db")
    theirs = sqlite._cx.all(
        "select m.name || '.' || c.name from sqlite_schema m, pragma_table_info(m.name) c"
        " where m.type = 'table' and m.name not like 'sqlite_%'"
    )
    ours = store._cx.all(
        "select table_name || '.' || column_name from information_schema.columns"
        " join information_schema.tables using (table_schema, table_name)"
        " where table_schema = 'broadcaster' and table_type = 'BASE TABLE'"
    )
    sqlite.close()
    assert {row[0] for row in ours} - OWN_COLUMNS == {row[0] for row in theirs}


def test_rows_are_what_the_view_says(store: PostgresStore) -> None:
    columns = store._cx.all(
        "select column_name from information_schema.columns"
        " where table_schema = 'broadcaster' and table_name = 'delivery_rows'"
    )
    assert {row[0] for row in columns} == {*DeliveryRow._fields}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_batches_have_named_fields(kind: str) -> None:
    """Whoever adds a field need not count the others."""
    folder = HERE / kind
    files = [*folder.glob("*.sql"), *folder.glob("sql/*.sql")]
    assert files
    by_position = re.compile(r"->>?\s*\d|json_array\(|build_array\(")
    assert [path.name for path in files if by_position.search(path.read_text("utf-8"))] == []
