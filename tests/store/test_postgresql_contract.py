"""PostgreSQL passes the contract, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.store import Store
from broadcaster.testing.store_contract import StoreContract
from tests.store.by_the_loop import PostgresByTheLoop


class TestPostgresql(StoreContract):
    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        store = PostgresStore(url)
        yield store
        store.close()


class TestPostgresqlByTheLoop(StoreContract):
    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        store = PostgresByTheLoop(url)
        yield store
        store.close()
