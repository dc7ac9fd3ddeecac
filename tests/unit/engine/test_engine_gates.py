"""Off means off: what had not written a byte when a gate closed never does."""

from __future__ import annotations

import asyncio
from typing import Any

from broadcaster.adapter import Call, Probe
from broadcaster.errors import Unauthorized, Unavailable
from broadcaster.kit.http import Http
from broadcaster.model import Channel, Receipt, Scope, State
from broadcaster.store.changes import Close, Halt, Open
from broadcaster.store.live import Cause
from broadcaster.testing.loopback import Loopback, answer


async def test_a_call_on_its_way_writes_nothing_once_its_gate_has_closed(engine: Any) -> None:
    """Name resolution and connecting take a while; the switch is asked last, at the first byte."""
    engine.channel("alpha-1")
    adapter, http = engine.adapters["alpha"], Http()
    called, go = asyncio.Event(), asyncio.Event()
    async with Loopback(answer(200, b"{}")) as server:

        async def slow_to_connect(call: Call) -> Receipt:
            called.set()
            await go.wait()
            await http.post(server.url, body={}, deadline=call.deadline)
            return Receipt(ids=("1",))

        adapter.on_send = slow_to_connect
        async with engine.running():
            post = engine.post("alpha-1")
            await called.wait()
            engine.store.change("من", Close(accounts=("alpha",), cause=Cause.OFF, reason="کوچ"))
            generation = engine.store.health().generation
            await engine.until(lambda: engine.store.acknowledged(generation))
            go.set()
            await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
            assert server.received in ([], [b""])
            assert not engine.store.health().accounts, "no fault of the platform"
    await http.close()


async def test_a_call_of_several_requests_stops_between_them(engine: Any) -> None:
    engine.channel("alpha-1")
    adapter, http = engine.adapters["alpha"], Http()
    between, go = asyncio.Event(), asyncio.Event()
    async with Loopback(answer(200, b"{}")) as server:

        async def two_requests(call: Call) -> Receipt:
            await http.post(server.url, body={}, deadline=call.deadline)
            between.set()
            await go.wait()
            await http.post(server.url, body={}, deadline=call.deadline)
            return Receipt(ids=("1",))

        adapter.on_send = two_requests
        async with engine.running():
            post = engine.post("alpha-1")
            await between.wait()
            engine.store.change("من", Halt(reason="خطا در متن"))
            generation = engine.store.health().generation
            await engine.until(lambda: engine.store.acknowledged(generation))
            go.set()
            await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
            assert len(server.received) == 1, "not even a connection is made"
    await http.close()


async def test_a_refused_token_of_an_account_that_is_off_is_not_asked_about(
    engine: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("broadcaster.engine.reap.ASK_AGAIN_S", 0.1)
    engine.channel("alpha-1")
    adapter = engine.adapters["alpha"]
    asked: list[Channel | None] = []

    async def refused(call: Call) -> Receipt:
        raise Unauthorized("the token is gone", scope=Scope.ACCOUNT)

    async def probe(channel: Channel | None) -> Probe:
        asked.append(channel)
        return Probe(ok=False)

    adapter.on_send, adapter.probe = refused, probe
    async with engine.running():
        post = engine.post("alpha-1")
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
        await engine.until(lambda: bool(asked))
        engine.store.change("من", Close(accounts=("alpha",), cause=Cause.OFF, reason="کوچ"))
        generation = engine.store.health().generation
        await engine.until(lambda: engine.store.acknowledged(generation))
        asked.clear()
        await asyncio.sleep(2.5)  # the chore runs once a second
        assert not asked
        engine.store.change("من", Open(accounts=("alpha",), cause=Cause.OFF))
        await engine.until(lambda: bool(asked))


async def test_a_platform_that_hangs_keeps_no_other_from_being_probed(
    engine: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("broadcaster.engine.breaker.FIRST_WAIT_S", 0.01)
    asked: list[str] = []

    def hang_at(name: str) -> Any:
        async def probe(channel: Channel | None) -> Probe:
            asked.append(name)
            await asyncio.Event().wait()
            raise AssertionError("never")

        return probe

    async def down(call: Call) -> Receipt:
        raise Unavailable("filtered")

    for name in ("alpha", "beta"):
        for number in range(3):
            engine.channel(f"{name}-{number}")
        engine.adapters[name].on_send, engine.adapters[name].probe = down, hang_at(name)
    async with engine.running():
        engine.post(*engine.channels)
        await engine.until(lambda: set(asked) == {"alpha", "beta"})
