"""Random work on a SQLite store keeps the three promises."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings

from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store
from broadcaster.testing.store_machine import StoreMachine


class SqliteMachine(StoreMachine):
    def make(self) -> tuple[Store, Callable[[], None]]:
        folder = Path(tempfile.mkdtemp(prefix="broadcaster-"))
        store = SqliteStore(folder / "queue.db")

        def throw_away() -> None:
            store.close()
            shutil.rmtree(folder)

        return store, throw_away


TestSqliteMachine = SqliteMachine.TestCase
TestSqliteMachine.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
