"""SQLite passes the contract, on real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store
from broadcaster.testing.store_contract import StoreContract
from tests.store.by_the_loop import SqliteByTheLoop


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "صف" / "broadcaster.db")
        yield store
        store.close()


class TestSqliteByTheLoop(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteByTheLoop(tmp_path / "صف" / "broadcaster.db")
        yield store
        store.close()
