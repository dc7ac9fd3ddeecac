"""Random work on a PostgreSQL store keeps the three promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.store import Store
from broadcaster.testing.store_machine import StoreMachine
from tests.store.by_the_loop import PostgresByTheLoop


@pytest.mark.parametrize("kind", [PostgresStore, PostgresByTheLoop])
def test_random_work_keeps_the_promises(
    kind: type[PostgresStore], emptied: Callable[[], str]
) -> None:
    class PostgresMachine(StoreMachine):
        def make(self) -> tuple[Store, Callable[[], None]]:
            store = kind(emptied())
            return store, store.close

    run_state_machine_as_test(
        PostgresMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
