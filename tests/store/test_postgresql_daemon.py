"""A daemon's engine on PostgreSQL, in front of an adapter that does what a test tells it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.model import State
from broadcaster.store.changing import Close
from broadcaster.store.live import Cause
from broadcaster.store.postgresql.address import Address
from broadcaster.store.postgresql.connection import Connection
from broadcaster.store.queue.fanout import WIDE
from broadcaster.testing.postgres import Server
from tests.store.relay import Relay
from tests.unit.engine.conftest import Engine

NAMES = [f"alpha-{number}" for number in range(WIDE)]


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(url, tmp_path)
    for name in (*NAMES, "beta-1"):
        engine.channel(name)
    yield engine
    engine.store.close()


async def test_a_drain_sees_what_is_made_beside_it_to_its_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody switches another channel off in the very turn that finds the post due."""
    worker = engine.worker()
    health = worker.store.health

    async def first() -> None:
        engine.post(*NAMES)
        engine.store.change("من", Close(channels=("beta-1",), cause=Cause.OFF))

    def slow(**more: Any) -> Any:
        time.sleep(0.2)  # the deliveries are made meanwhile
        return health(**more)

    monkeypatch.setattr(worker.store, "health", slow)
    worker._first = first
    assert await worker.run(drain=True) == 0
    assert len(engine.adapters["alpha"].sent) == WIDE


async def test_wide_posts_go_out_though_nothing_can_be_made_beside_the_ticks(
    engine: Engine, url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    worker = engine.worker()
    database = url.split("/")[3].split("?")[0]
    with Relay(postgres.folder) as relay:
        worker.store._aside = Connection(Address(relay.url(database), None))  # type: ignore[attr-defined]
        async with engine.running(worker):
            relay.dark()
            first, second = engine.post(*NAMES), engine.post(*NAMES)
            await engine.until(lambda: set(engine.states(first).values()) == {State.DELIVERED})
            await engine.until(lambda: set(engine.states(second).values()) == {State.DELIVERED})
            assert caplog.text.count("beside the ticks") == 1
            relay.light()
            await engine.until(lambda: not worker._fan_outs.held_up)
    assert len(engine.adapters["alpha"].sent) == 2 * WIDE
