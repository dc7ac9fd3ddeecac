"""Deliveries that are made beside the ticks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from broadcaster.engine import background_fan_out
from broadcaster.engine.background_fan_out import BackgroundFanOut
from broadcaster.engine.runtime import Runtime
from broadcaster.store.queue.enqueue import TARGETS_PER_TICK, WIDE
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import StoreOffice

NAMES = [f"bale-{number}" for number in range(WIDE)]


class Wakes(asyncio.Event):
    """Counts how often the worker would have been woken."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def set(self) -> None:
        self.count += 1
        super().set()


class Made:
    """A fan-out beside the ticks of a store, and what it reported."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = SqliteStore(path, busy_s=0.1)
        self.office = StoreOffice(self.store)
        self.wakes = Wakes()
        runtime = replace(Runtime.of("daemon", self.store), wake=self.wakes)
        self.in_store = runtime.in_store
        self.fan_out = BackgroundFanOut(runtime)

    async def rest(self) -> None:
        async with asyncio.timeout(20):
            while self.fan_out._task:  # noqa: ASYNC110 (its end is what is tested)
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[Made]:
    made = Made(tmp_path / "q.db")
    yield made
    await made.fan_out.close()
    made.in_store.close()
    made.store.close()


async def test_they_go_on_until_nothing_is_due(made: Made) -> None:
    posts = 2 * TARGETS_PER_TICK // WIDE + 1
    for _ in range(posts):
        made.office.post(*NAMES)
    made.fan_out.start()
    made.fan_out.start()  # it is being done already
    await made.rest()
    assert made.wakes.count >= 3
    claims = made.office.tick(count=1000, fans=False).claims
    assert {claim.channel for claim in claims} == set(NAMES)
    assert not made.office.tick(fans=False).left


async def test_a_store_that_is_busy_is_asked_again(
    made: Made, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background_fan_out, "AGAIN_S", 0.05)
    for outages in (1, 2):
        made.office.post(*NAMES)
        with closing(Connection(made.path)) as other, other.write():
            made.fan_out.start()
            await asyncio.sleep(0.5)
        await made.rest()
        assert caplog.text.count("beside the ticks") == outages
        assert not made.office.tick(fans=False).left
    assert made.fan_out.bug is None


async def test_a_bug_is_told(made: Made) -> None:
    made.store.close()
    made.fan_out.start()
    await made.rest()
    assert made.fan_out.bug is not None


async def test_closing_waits_for_the_one_that_is_made(made: Made) -> None:
    made.office.post(*NAMES)
    made.fan_out.start()
    await asyncio.sleep(0)
    await made.fan_out.close()
    made.store.fan_out()
    assert not made.office.tick(fans=False).left
    assert made.fan_out.bug is None
