"""What ``status`` says is due next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.app.status import status
from broadcaster.store.changes import Pause, Schedule
from broadcaster.store.live import Origin
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import SECOND


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "queue.db")
    yield store
    store.close()


def test_nothing_is_due_in_an_empty_queue(store: SqliteStore) -> None:
    assert status(store).next_due is None


def test_a_recurring_post_is_due_unless_it_is_paused(store: SqliteStore) -> None:
    at = store.health().now + 3600 * SECOND
    schedule = Schedule(name="هفتگی", definition="{}", origin=Origin.COMMAND, next_at=at)
    store.change("سارا", schedule)
    assert status(store).next_due == at
    store.change("سارا", Pause(name="هفتگی"))
    assert status(store).next_due is None


def test_it_is_never_in_the_past(store: SqliteStore) -> None:
    before = store.health().now
    late = Schedule(name="x", definition="{}", origin=Origin.COMMAND, next_at=before - SECOND)
    store.change("سارا", late)
    due = status(store).next_due
    assert due is not None
    assert due >= before
