"""The daemon's loop under a clock that jumps: nothing is claimed, nothing judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from broadcaster.engine import clock_check, trusted_clock
from broadcaster.model import State
from broadcaster.store.changes import Resume
from broadcaster.testing.store_office import SECOND

YEAR_S = 365 * 86_400


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the wall clock of this process so many seconds ahead of the real one."""
    real = time.time_ns

    def jump(seconds: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: real() + seconds * 1_000_000_000)

    return jump


async def test_a_year_of_posts_does_not_go_out_at_once(
    engine: Any, jump: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: False)
    engine.channel("alpha-1")
    later = engine.post("alpha-1", due=engine.store.health().now + 30 * 86_400 * SECOND)
    worker = engine.worker()
    async with engine.running(worker):
        jump(YEAR_S)
        worker.runtime.wake.set()
        await engine.until(lambda: not worker.runtime.clock.check.trusted)
        await asyncio.sleep(1.5)  # a sweep, and turns, pass
        assert engine.adapters["alpha"].sent == []
        jump(0)
        worker.runtime.wake.set()
        await engine.until(lambda: worker.runtime.clock.check.trusted)
        now = engine.post("alpha-1")
        await engine.until(lambda: engine.view(now).state == "delivered")
    assert engine.states(later) == {"alpha-1": State.WAITING}
    assert len(engine.adapters["alpha"].sent) == 1


async def test_what_a_jump_makes_look_due_is_not_asked_for_again_and_again(
    engine: Any, jump: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: False)
    engine.channel("alpha-1")
    engine.post("alpha-1", due=engine.store.health().now + 30 * 86_400 * SECOND)
    worker = engine.worker()
    async with engine.running(worker):
        jump(YEAR_S)
        worker.runtime.wake.set()
        await engine.until(lambda: not worker.runtime.clock.check.trusted)
        before = sum(worker.runtime.meter.turns)
        await asyncio.sleep(1)
        assert sum(worker.runtime.meter.turns) - before < 20


async def test_no_deadline_is_judged_by_it(
    engine: Any, jump: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: False)
    engine.channel("alpha-1")
    worker = engine.worker()
    async with engine.running(worker):
        jump(YEAR_S)
        worker.runtime.wake.set()
        await engine.until(lambda: not worker.runtime.clock.check.trusted)
        post = engine.post("alpha-1", due=engine.store.health().now - YEAR_S * SECOND)
        await asyncio.sleep(1.5)
        assert engine.states(post) == {"alpha-1": State.WAITING}
        jump(0)


async def test_a_jump_that_nobody_explains_halts_until_a_person_resumes(
    engine: Any, jump: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: False)
    monkeypatch.setattr(clock_check, "STILL_S", 0.2)
    engine.channel("alpha-1")
    worker = engine.worker()
    async with engine.running(worker):
        jump(7200)
        worker.runtime.wake.set()
        await engine.until(lambda: bool(engine.store.health().gates))
        (gate,) = engine.store.health().gates
        assert "the clock jumped, it is 2 h ahead" in gate.reason
        post = engine.post("alpha-1")
        await asyncio.sleep(0.3)
        assert engine.adapters["alpha"].sent == []
        engine.store.change("رضا", Resume())
        await engine.until(lambda: engine.view(post).state == "delivered")
        assert worker.runtime.clock.check.trusted


async def test_a_time_server_explains_it(
    engine: Any, jump: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: True)
    monkeypatch.setattr(clock_check, "STILL_S", 0.2)
    engine.channel("alpha-1")
    worker = engine.worker()
    async with engine.running(worker):
        jump(7200)
        post = engine.post("alpha-1")
        await engine.until(lambda: engine.view(post).state == "delivered")
        assert worker.runtime.clock.check.trusted
    assert engine.store.health().gates == ()


async def test_the_clock_of_a_shared_store_may_be_another_one(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is that clock which is judged, and it has not jumped."""
    ahead = 600 * SECOND
    monkeypatch.setattr(
        "broadcaster.store.sqlite.store._clock",
        lambda now: time.time_ns() // 1000 + ahead if now is None else now,
    )
    monkeypatch.setattr(trusted_clock, "synchronised", lambda: False)
    monkeypatch.setattr(clock_check, "STILL_S", 0.1)
    engine.channel("alpha-1")
    worker = engine.worker()
    worker.runtime.store.clock_of_its_own = True
    async with engine.running(worker):
        post = engine.post("alpha-1")
        await engine.until(lambda: engine.view(post).state == "delivered")
        await asyncio.sleep(0.5)
        assert worker.runtime.clock.check.trusted
        assert abs(worker.runtime.clock.now() - time.time_ns() // 1000 - ahead) < 60 * SECOND
    assert engine.store.health().gates == ()
