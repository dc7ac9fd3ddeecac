"""What has been committed survives a power cut, which no killed process can show."""

from __future__ import annotations

from pathlib import Path

from broadcaster.store.sqlite.store import SqliteStore

FULL = 2


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """With less than FULL, a message could be on the wire without its mark after a power cut."""
    store = SqliteStore(tmp_path / "broadcaster.db")
    try:
        assert store._cx.scalar("pragma journal_mode") == "wal"
        assert store._cx.scalar("pragma synchronous") == FULL
    finally:
        store.close()
