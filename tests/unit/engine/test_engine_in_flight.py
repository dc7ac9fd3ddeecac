"""Claims in flight, where one overtakes another."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Any

from broadcaster.adapter import Call
from broadcaster.engine.meter import Meter
from broadcaster.model import Receipt, State
from broadcaster.store.exchange import Capacity, Claim, Outcome, Purpose


async def test_a_delivery_may_be_claimed_anew_beside_the_task_of_its_lost_lease(
    engine: Any,
) -> None:
    engine.channel("alpha-1")
    engine.post("alpha-1")
    worker = engine.worker()
    worker.runtime.store.open("daemon", exclusive=True)
    (old,) = worker.runtime.store.tick(
        "daemon", [], [], [Capacity(account="alpha", count=1)], 60
    ).claims
    new = old._replace(fence=old.fence + 1)
    worker.runtime.gates._alive_until = math.inf
    go = asyncio.Event()

    async def wait(call: Call) -> Receipt:
        await go.wait()
        return Receipt(ids=("1",))

    engine.adapters["alpha"].on_send = wait
    in_flight, sender = worker.turns.in_flight, engine.senders["alpha"]
    for claim in (old, new):
        in_flight.start(claim)
    await asyncio.sleep(0)
    assert in_flight.running == 2
    go.set()
    await engine.until(lambda: in_flight.running == 0)
    async with asyncio.timeout(5):
        await sender.idle()
    assert sender.allowance(half=False) == sender.settings.senders
    assert worker.turns.fan_out.bug is None
    first, second = in_flight.results
    assert (first.fence, in_flight.forget(first)) == (old.fence, None)
    assert in_flight.leases() == [("alpha-1", new.fence)]
    assert in_flight.forget(second) == new
    assert in_flight.leases() == []
    worker.runtime.store.close("daemon")


async def test_what_cannot_have_posted_is_broken_off_even_before_it_began(engine: Any) -> None:
    engine.channel("alpha-1")
    engine.post("alpha-1")
    worker = engine.worker()
    worker.runtime.store.open("daemon", exclusive=True)
    (claim,) = worker.runtime.store.tick(
        "daemon", [], [], [Capacity(account="alpha", count=1)], 60
    ).claims
    worker.runtime.gates._alive_until = math.inf
    began = asyncio.Event()

    async def hang(*_: Any, **__: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    engine.adapters["alpha"].find = hang
    in_flight = worker.turns.in_flight
    in_flight.start(claim._replace(purpose=Purpose.VERIFY, sent_at=claim.lease_until))
    await in_flight.break_off()
    assert began.is_set()
    await engine.until(lambda: in_flight.running == 0)
    async with asyncio.timeout(5):
        await engine.senders["alpha"].idle()
    assert in_flight.results == []
    assert worker.turns.fan_out.bug is None
    worker.runtime.store.close("daemon")


async def test_a_result_that_cannot_be_told_is_one_result_all_the_same(engine: Any) -> None:
    """A second one would put what is delivered in doubt."""
    engine.channel("alpha-1")
    post = engine.post("alpha-1")
    worker = engine.worker()

    class Broken(Meter):
        def ended(self, claim: Claim, outcome: Outcome) -> None:
            raise KeyError("no such counter")

    worker.turns.in_flight._runtime = replace(worker.runtime, meter=Broken())
    assert await worker.run(drain=True) == 0
    assert engine.states(post) == {"alpha-1": State.DELIVERED}
    assert len(engine.adapters["alpha"].sent) == 1
