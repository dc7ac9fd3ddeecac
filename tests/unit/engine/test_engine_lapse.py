"""A daemon that others may take for dead begins nothing, whatever it had in hand."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from broadcaster.engine import turns
from broadcaster.engine import worker as loop
from broadcaster.engine.deliver import CALL_S, GRACE_S
from broadcaster.model import State
from broadcaster.store import open_store
from broadcaster.store.changes import Close, Release
from broadcaster.store.changes import Open as Lift
from broadcaster.store.exchange import Tick
from broadcaster.store.live import Cause
from broadcaster.store.store import Store, StoreBusy

LEASE_S, BEAT_S = turns.LEASE_S, loop.BEAT_S


def test_a_call_and_a_few_missed_heartbeats_end_well_before_a_lease() -> None:
    assert CALL_S + GRACE_S < LEASE_S / 2
    assert BEAT_S * 3 < LEASE_S - CALL_S


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LEASE_S", 0.4)
    monkeypatch.setattr(loop, "BEAT_S", 0.1)


async def test_what_was_claimed_before_a_freeze_does_not_begin_after_it(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen between the claim and the call; meanwhile a person switches the account off."""
    engine.channel("alpha-1")
    engine.channel("beta-1")
    worker = engine.worker()
    store = worker.runtime.store
    tick = store._tick
    frozen: list[int] = []

    def freezing(*args: Any, **more: Any) -> Tick:
        done: Tick = tick(*args, **more)
        if done.claims and not frozen:
            frozen.append(_off(engine, "alpha"))
        return done

    monkeypatch.setattr(store, "_tick", freezing)
    async with engine.running(worker):
        await engine.until(lambda: worker.runtime.gates._generation >= 0)
        post = engine.post("alpha-1", "beta-1")
        await engine.until(lambda: engine.states(post)["beta-1"] is State.DELIVERED)
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
        assert frozen
        assert engine.adapters["alpha"].sent == []
        engine.store.change("a person", Lift(accounts=("alpha",), cause=Cause.OFF))
        engine.store.change("a person", Release(post=post))
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.DELIVERED)
    assert len(engine.adapters["alpha"].sent) == len(engine.adapters["beta"].sent) == 1


async def test_a_daemon_whose_heartbeats_are_not_recorded_claims_nothing(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.channel("alpha-1")
    worker = engine.worker()
    store: Store = worker.runtime.store
    heartbeat, full = store.heartbeat, [False]

    def recorded(*args: Any, **more: Any) -> Any:
        if full[0]:
            raise StoreBusy("the disk is full")
        return heartbeat(*args, **more)

    monkeypatch.setattr(store, "heartbeat", recorded)
    async with engine.running(worker):
        full[0] = True
        await engine.until(lambda: worker.runtime.gates.lapsed)
        post = engine.post("alpha-1")
        await asyncio.sleep(0.3)
        assert engine.states(post) == {"alpha-1": State.WAITING}
        full[0] = False
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.DELIVERED)


def _off(engine: Any, account: str) -> int:
    """Switch an account off as the command does: return once no living daemon is behind."""
    store = open_store(f"sqlite:///{engine.folder}/q.db")
    try:
        store.change("a person", Close(accounts=(account,), cause=Cause.OFF))
        generation = store.health().generation
        while not store.acknowledged(generation):
            time.sleep(0.01)
    finally:
        store.close()
    return generation


async def test_a_lease_that_was_given_back_meanwhile_is_not_said_to_be_lost(
    engine: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Recording a result ends its lease, perhaps just before a heartbeat would prolong it."""
    worker = engine.worker()
    held = [[("alpha-1", 1), ("beta-1", 1)], [("beta-1", 1)]]
    monkeypatch.setattr(
        worker.turns.in_flight, "leases", lambda: held.pop(0) if len(held) > 1 else held[0]
    )
    monkeypatch.setattr(loop, "BEAT_S", 60.0)
    async with engine.running(worker):
        pass
    lost = [each.getMessage() for each in caplog.records if "lease was lost" in each.getMessage()]
    assert [words.split(":")[0] for words in lost] == ["beta-1"]
